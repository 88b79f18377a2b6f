/** Single writes whose answers are lost, at every point, with and without another writer in between: what is answered is true. */
import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import { Timeouts } from "../../../../src/adapters/aws/AwsCall.ts"
import { DynamoClient } from "../../../../src/adapters/aws/dynamodb/DynamoClient.ts"
import { isTransaction } from "../../../../src/adapters/aws/dynamodb/DynamoSingle.ts"
import * as DynamoTable from "../../../../src/adapters/aws/dynamodb/DynamoTable.ts"
import {
  absent,
  atVersion,
  ConditionFailed,
  type Key,
  present,
  Table,
  TableError,
  type Write
} from "../../../../src/ports/Table.ts"
import {
  attributesAt,
  freshPartition,
  itemAt,
  put,
  remove,
  transact,
  update,
  write
} from "../../../../src/testing/contracts/TableSupport.ts"
import type { ScriptedFault } from "../../../../src/testing/FaultScript.ts"
import { ClientFaults, connectionLost, layer as layerFaults } from "../support/ClientFaults.ts"

const patient = Layer.succeed(Timeouts, { request: Duration.seconds(20), call: Duration.seconds(40) })

/** What happens to a request: whether DynamoDB gets it, and whether another call writes before it is repeated. Its answer is lost. */
interface Trouble {
  readonly arrives: boolean
  readonly other: "none" | "adds" | "replaces"
}
const troubles: ReadonlyArray<Trouble> = [true, false].flatMap((arrives) =>
  (["none", "adds", "replaces"] as const).map((other) => ({ arrives, other }))
)
const courses: ReadonlyArray<ReadonlyArray<Trouble>> = [
  [],
  ...troubles.map((one) => [one]),
  ...troubles.flatMap((one) => troubles.map((two) => [one, two]))
]

/** What another call does; it is never troubled. Its put replaces whatever is there. */
const otherWrite = (key: Key, other: Trouble["other"]): Effect.Effect<void, unknown, Table> => {
  const elsewhere = put({ ...key, sort: "elsewhere" }, {})
  if (other === "none") return Effect.void
  return transact(other === "adds" ? update(key, { add: { other: 1 } }) : put(key, { other: 1 }), elsewhere)
}

interface Kind {
  readonly command: string
  /** Whether something is there at first: `{ n: 1 }`, of version 1. */
  readonly isThere: boolean
  readonly write: (key: Key) => Write
}
const mine = { mine: 1 }
const kinds: Readonly<Record<string, Kind>> = {
  "a put where there is nothing": {
    command: "PutItemCommand",
    isThere: false,
    write: (key) => put(key, mine, { condition: absent })
  },
  "a put of a version": {
    command: "PutItemCommand",
    isThere: true,
    write: (key) => put(key, mine, { condition: atVersion(1) })
  },
  "a put where there is something": {
    command: "PutItemCommand",
    isThere: true,
    write: (key) => put(key, mine, { condition: present })
  },
  "a put without a condition": { command: "PutItemCommand", isThere: true, write: (key) => put(key, mine) },
  "an update of a version": {
    command: "UpdateItemCommand",
    isThere: true,
    write: (key) => update(key, { add: { mine: 1 }, condition: atVersion(1) })
  },
  "an update without a condition": {
    command: "TransactWriteItemsCommand",
    isThere: true,
    write: (key) => update(key, { add: { mine: 1 } })
  },
  "a delete without a condition": { command: "DeleteItemCommand", isThere: true, write: (key) => remove(key) }
}

/** Registers the tests. */
export const lostAnswerTests = <E>(dynamo: Layer.Layer<DynamoClient, E>): void => {
  const table = Layer.mergeAll(DynamoTable.layer, layerFaults(DynamoClient), patient).pipe(Layer.provide(dynamo))

  /** How a write ends that goes through such troubles, and what is stored then. */
  const through = Effect.fnUntraced(function* (kind: Kind, course: ReadonlyArray<Trouble>) {
    const key = freshPartition()("item")
    const faults = yield* ClientFaults
    const service = yield* Table
    if (kind.isThere) yield* write(put(key, { n: 1 }, { condition: absent }))
    const isTransacted = isTransaction([kind.write(key)])
    const faultOf =
      ({ arrives, other }: Trouble): ScriptedFault =>
      (act, { input }) =>
        Effect.gen(function* () {
          if (arrives) yield* Effect.ignore(act(...input))
          // Another transaction would meet the script, too.
          if (!isTransacted) yield* Effect.provideService(otherWrite(key, other), Table, service)
          return yield* Effect.fail(connectionLost())
        })
    yield* faults.next(kind.command, ...course.map(faultOf))
    const answer = yield* Effect.result(write(kind.write(key)))
    const item = yield* itemAt(key)
    const error = answer._tag === "Failure" ? answer.failure : undefined
    const result = error instanceof TableError ? error.reason._tag : (error?._tag ?? "Written")
    return { result, item, attributes: item?.attributes ?? {}, isTransacted }
  })

  layer(table, { excludeTestServices: true, timeout: "120 seconds" })("an answer of DynamoDB that is lost", (it) => {
    for (const [what, kind] of Object.entries(kinds)) {
      it.effect(`makes no answer of the Table untrue: ${what}`, () =>
        Effect.gen(function* () {
          // Of the long courses, those in which the first request was done.
          for (const course of courses.filter(([one, two]) => two === undefined || one?.arrives === true)) {
            const { result, attributes, isTransacted } = yield* through(kind, course)
            const message = `${JSON.stringify(course)}: ${result} ${JSON.stringify(attributes)}`
            const others = isTransacted ? [] : course.map(({ other }) => other).filter((other) => other !== "none")
            const { mine: done = 0 } = attributes as { readonly mine?: number }
            assert.isAtMost(done, 1, `done once at most: ${message}`)
            if (others.length === 0) assert.strictEqual(result, "Written", message)
            // A write that failed its condition was never done, so nothing of it is there.
            if (result === "ConditionFailed") assert.strictEqual(done, 0, message)
            // One that was done is there, unless another replaced it.
            const isRemoval = kind.command === "DeleteItemCommand"
            if (result === "Written" && !isRemoval && !others.includes("replaces")) assert.strictEqual(done, 1, message)
            if (course.length === 0) continue
            // After a lost answer it is never said that a write was not done.
            assert.notStrictEqual(result, "ConditionFailed", message)
          }
        })
      )
    }

    it.effect("is made good by what the item shows, as long as it shows it", () =>
      Effect.gen(function* () {
        const update = kinds["an update of a version"]
        assert(update !== undefined)
        const result = (arrives: boolean, other: Trouble["other"]) =>
          Effect.map(through(update, [{ arrives, other }]), (answer) => answer.result)
        assert.strictEqual(yield* result(true, "none"), "Written")
        assert.strictEqual(yield* result(true, "adds"), "Written")
        assert.strictEqual(yield* result(true, "replaces"), "Unavailable")
        assert.strictEqual(yield* result(false, "adds"), "Unavailable")
      })
    )

    it.effect("leaves an item of which others see what they always saw", () =>
      Effect.gen(function* () {
        const key = freshPartition()("item")
        yield* write(put(key, mine, { condition: absent }))
        yield* write(update(key, { set: { more: true }, condition: atVersion(1) }))
        assert.deepStrictEqual(yield* attributesAt(key), { mine: 1, more: true })
        assert.strictEqual((yield* itemAt(key))?.version, 2)
        const refused = yield* Effect.flip(write(put(key, {}, { condition: atVersion(1) })))
        assert.deepStrictEqual(refused, new ConditionFailed({ failed: [0] }))
      })
    )
  })
}
