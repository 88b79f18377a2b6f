/**
 * The part of the Table contract that needs no examples: after any sequence of transactions a table holds, and has refused, what a plain
 * map would.
 */
import { assert } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { type Attributes, absent, atVersion, type Condition, present, type Write } from "../../ports/Table.ts"
import {
  freshPartition,
  put,
  queryTable,
  remove,
  stubbornly,
  type TableTests,
  transact,
  update
} from "./TableSupport.ts"

/** Few items with few attributes, so that writes meet. In the order of their UTF-8 bytes. */
const sorts = ["a", "b", "é", "🚀"] as const
const Name = Schema.Literals(["n", "m"])
const SmallInt = Schema.Int.check(Schema.isBetween({ minimum: -3, maximum: 3 }))

const Step = Schema.Struct({
  sort: Schema.Literals(sorts),
  condition: Schema.Literals(["none", "none", "absent", "present", "version 1", "current version"]),
  action: Schema.Union([
    Schema.TaggedStruct("Put", { attributes: Schema.Struct({ n: Schema.optionalKey(SmallInt), m: SmallInt }) }),
    Schema.TaggedStruct("Set", { name: Name, value: Schema.NullOr(SmallInt) }),
    Schema.TaggedStruct("Add", { name: Name, amount: SmallInt }),
    Schema.TaggedStruct("Delete", {})
  ])
})
type Step = typeof Step.Type
const Transactions = Schema.Array(Schema.Array(Step).check(Schema.isMaxLength(3)))

interface ModelItem {
  readonly version: number
  readonly attributes: Attributes
}
/** How a transaction ended; `Refused`: for both a condition and an impossible write, and which is reported is not promised. */
type Outcome = "Written" | "Invalid" | "Refused" | ReadonlyArray<number>

/** A table of one partition. */
class Model {
  items = new Map<string, ModelItem>()

  conditionOf({ condition, sort }: Step): Condition | undefined {
    switch (condition) {
      case "none":
        return undefined
      case "absent":
        return absent
      case "present":
        return present
      case "version 1":
        return atVersion(1)
      case "current version":
        return atVersion(this.items.get(sort)?.version ?? 1)
    }
  }

  transact(steps: ReadonlyArray<Step>): Outcome {
    if (new Set(steps.map(({ sort }) => sort)).size < steps.length) return "Invalid"
    const failed = steps.flatMap((step, index) => (this.#allows(step) ? [] : [index]))
    const impossible = steps.some((step) => !this.#isPossible(step))
    if (failed.length > 0) return impossible ? "Refused" : failed
    if (impossible) return "Invalid"
    for (const step of steps) this.#apply(step)
    return "Written"
  }

  #allows(step: Step): boolean {
    const item = this.items.get(step.sort)
    const condition = this.conditionOf(step)
    if (condition === undefined) return true
    if (condition._tag === "Version") return item?.version === condition.version
    return (condition._tag === "Present") === (item !== undefined)
  }

  #isPossible({ sort, action }: Step): boolean {
    return action._tag !== "Add" || this.items.get(sort)?.attributes[action.name] !== null
  }

  #apply({ sort, action }: Step): void {
    const { version, attributes } = this.items.get(sort) ?? { version: 0, attributes: {} }
    const store = (changed: Attributes) => this.items.set(sort, { version: version + 1, attributes: changed })
    switch (action._tag) {
      case "Put":
        store(action.attributes)
        break
      case "Set":
        store({ ...attributes, [action.name]: action.value })
        break
      case "Add":
        store({ ...attributes, [action.name]: Number(attributes[action.name] ?? 0) + action.amount })
        break
      case "Delete":
        this.items.delete(sort)
    }
  }
}

const writeOf = (key: ReturnType<typeof freshPartition>, { sort, action }: Step, condition?: Condition): Write => {
  const more = condition === undefined ? {} : { condition }
  switch (action._tag) {
    case "Put":
      return put(key(sort), action.attributes, more)
    case "Set":
      return update(key(sort), { set: { [action.name]: action.value }, ...more })
    case "Add":
      return update(key(sort), { add: { [action.name]: action.amount }, ...more })
    case "Delete":
      return remove(key(sort), more)
  }
}

const outcomeOf = (writes: ReadonlyArray<Write>) =>
  stubbornly(transact(...writes)).pipe(
    Effect.as<Outcome>("Written"),
    Effect.catchTag("ConditionFailed", ({ failed }) => Effect.succeed<Outcome>(failed)),
    Effect.catch(({ reason }) => Effect.succeed<Outcome>(reason._tag === "Invalid" ? "Invalid" : []))
  )

export const modelTests = (it: TableTests): void => {
  it.effect.prop(
    "holds and refuses what a plain map would",
    { transactions: Transactions },
    ({ transactions }) =>
      Effect.gen(function* () {
        const key = freshPartition("projections")
        const model = new Model()
        for (const steps of transactions) {
          const writes = steps.map((step) => writeOf(key, step, model.conditionOf(step)))
          const expected = model.transact(steps)
          const outcome = yield* outcomeOf(writes)
          if (expected === "Refused") assert.notStrictEqual(outcome, "Written")
          else assert.deepStrictEqual(outcome, expected)
        }
        const { items } = yield* queryTable({ ...key(), limit: 1000 })
        const expected = sorts.flatMap((sort) => {
          const item = model.items.get(sort)
          return item === undefined ? [] : [{ key: key(sort), ...item, expiresAt: undefined }]
        })
        assert.deepStrictEqual(items, expected)
      }),
    { arbitrary: { runs: 100, size: 30 }, timeout: 60_000 }
  )
}
