/** The laws of planning, in worlds where nearly everything can go wrong. Examples are in `Planning.test.ts` and `Denial.test.ts`. */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import type { Allowed, Decision } from "../../src/domain/Decision.ts"
import { skipCodes } from "../../src/domain/Denial.ts"
import { orderId, targetKey } from "../../src/domain/Order.ts"
import { type Judged, judge } from "../fixtures/Plans.ts"
import { propertyRuns } from "../fixtures/PropertyRuns.ts"
import { allowedStarts, type Start, skippedRules } from "./RuleOracle.ts"
import { inboundRule, reorderedWorld, situationOf, withNeighbours, world } from "./RuleWorlds.ts"

const options = { arbitrary: { runs: propertyRuns(50) } }
const seed = Arbitrary.schema(Schema.Int)

const isAllowed = (decision: Decision): decision is Allowed => decision._tag === "Allowed"
const sorted = (texts: ReadonlyArray<string>) => texts.toSorted()
const starts = ({ orders }: Judged): ReadonlyArray<Start> =>
  orders.map(({ target, inputs }) => ({ key: targetKey(target), ref: target.ref, inputs }))
const byName = (inputs: Start["inputs"]) => Object.entries(inputs).toSorted(([a], [b]) => (a < b ? -1 : 1))
const described = ({ key, ref, inputs }: Start): string => JSON.stringify([key, ref, byName(inputs)])
/** Everything about the orders but the order of their inputs, spelling included. */
const orderTexts = ({ orders }: Judged) =>
  sorted(orders.map(({ id, target, inputs }) => JSON.stringify([id, target, byName(inputs)])))
const verdicts = ({ decisions }: Judged) =>
  sorted(
    decisions.map(
      (decision) => `${targetKey(decision.target)} ${decision._tag === "Denied" ? decision.denial.code : "allowed"}`
    )
  )
const keys = (all: ReadonlyArray<Start>) => sorted([...new Set(all.map(({ key }) => key))])

describe("Planning", () => {
  it.prop(
    "starts exactly what both files agree on, as an independent reading of them says",
    [world],
    ([world]) => {
      const expected = allowedStarts(world)
      const actual = starts(judge(situationOf(world)))
      assert.deepStrictEqual(keys(actual), keys(expected))
      const possible = new Set(expected.map(described))
      for (const start of actual) assert.isTrue(possible.has(described(start)), described(start))
    },
    options
  )

  it.prop(
    "never depends on the order of rules and their targets",
    [world, seed],
    ([world, seed]) => {
      const before = judge(situationOf(world))
      const after = judge(situationOf(reorderedWorld(world, seed)))
      assert.deepStrictEqual(orderTexts(after), orderTexts(before))
      assert.deepStrictEqual(verdicts(after), verdicts(before))
    },
    options
  )

  it.prop(
    "gives each target workflow at most one order, and each allowed decision exactly one",
    [world],
    ([world]) => {
      const { run, decisions, orders } = judge(situationOf(world))
      const allowed = decisions.filter(isAllowed)
      assert.strictEqual(new Set(orders.map(({ target }) => targetKey(target))).size, orders.length)
      assert.deepStrictEqual(sorted(orders.map(({ id }) => id)), sorted(allowed.map(({ orderId }) => orderId)))
      for (const decision of allowed) {
        const order = orders.find(({ id }) => id === decision.orderId)
        assert.deepStrictEqual(order?.target, decision.target)
        assert.strictEqual(decision.orderId, orderId(run, decision.target))
      }
    },
    options
  )

  it.prop(
    "decides the same about the same, and explains every decision by its checks",
    [world],
    ([world]) => {
      const judged = judge(situationOf(world))
      assert.deepStrictEqual(judge(situationOf(world)), judged)
      for (const decision of judged.decisions) {
        const failed = decision.checks.filter(({ passed }) => !passed).map(({ name }) => name)
        assert.deepStrictEqual(failed, decision._tag === "Denied" ? [decision.denial.code] : [])
        if (decision._tag === "Denied") {
          assert.strictEqual(decision.checks.at(-1)?.passed, false)
          assert.match(decision.denial.message, /^.{15,}\.$/su)
        }
      }
    },
    options
  )

  it.prop(
    "an additional inbound rule never keeps a target from being started",
    [world, inboundRule, Arbitrary.schema(Schema.Literals(["acme/lib", "evil/lib", "acme/app", "evil/app"]))],
    ([world, rule, where]) => {
      const more = withNeighbours(world, (neighbour, name) =>
        name === where ? { ...neighbour, inbound: [...neighbour.inbound, rule] } : neighbour
      )
      const before = keys(starts(judge(situationOf(world))))
      const after = new Set(keys(starts(judge(situationOf(more)))))
      assert.deepStrictEqual(
        before.filter((key) => !after.has(key)),
        []
      )
    },
    options
  )

  it.prop(
    "skipping a rule changes nothing about the others: what is allowed and denied is the same without it",
    [world],
    ([world]) => {
      const whole = judge(situationOf(world))
      const places = new Set(whole.skipped.map(({ rule }) => rule.path))
      const rest = world.outbound.filter((_, index) => !places.has(`outbound[${index}]`))
      const without = judge(situationOf({ ...world, outbound: rest }))
      assert.deepStrictEqual(orderTexts(without), orderTexts(whole))
      assert.deepStrictEqual(verdicts(without), verdicts(whole))
      assert.deepStrictEqual(without.skipped, [])
    },
    options
  )

  it.prop(
    "skips each rule that is not about the run, as an independent reading of the file says, and says why",
    [world],
    ([world]) => {
      const { skipped, decisions } = judge(situationOf(world))
      assert.deepStrictEqual(
        skipped.map(({ rule }) => rule.path),
        skippedRules(world)
      )
      for (const { check, message } of skipped) {
        assert.isFalse(check.passed)
        assert.include(skipCodes, check.name)
        assert.match(message, /^.{15,}\.$/su)
      }
      for (const decision of decisions) {
        if (decision._tag === "Denied") assert.notInclude(skipCodes, decision.denial.code)
      }
    },
    options
  )

  it.prop(
    "without inbound rules nothing is started",
    [world],
    ([world]) => {
      const silent = withNeighbours(world, (neighbour) => ({ ...neighbour, inbound: [] }))
      assert.deepStrictEqual(judge(situationOf(silent)).orders, [])
    },
    options
  )
})
