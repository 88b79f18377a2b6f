/** Facts as they are stored: how large they are, and that they come back as they were. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { unitsOf } from "../../bench/Recording.ts"
import { type Fact, planFacts } from "../../src/domain/Fact.ts"
import { chainOf, placeOf } from "../../src/domain/Order.ts"
import { decodeFact, factPut } from "../../src/readmodel/EventLog.ts"
import { asAttributes } from "../../src/readmodel/Items.ts"
import { judge } from "../fixtures/Plans.ts"
import { acceptance, repository, sourceRun } from "../fixtures/Runs.ts"

const at = "2026-11-23T10:20:30.000Z"
const retention = {
  events: Duration.days(90),
  lists: Duration.days(30),
  hours: Duration.days(90),
  days: Duration.days(400)
}
const source = "some-organisation/payments-frontend"
const target = "some-organisation/payments-deployment"

/** The fact of what is decided about a target that may be started by the workflow `workflow`. */
const decided = (workflow: string): Fact => {
  const run = sourceRun({ repository: repository(source) })
  const { decisions } = judge({
    run,
    source: { outbound: [{ source: { workflow: "ci.yml" }, targets: [{ repository: target, workflow: "cd.yml" }] }] },
    targets: {
      [target]: { inbound: [{ source: { repository: source, workflow }, targets: [{ workflow: "cd.yml" }] }] }
    }
  })
  const plan = {
    ...acceptance(run),
    ...{ config: { _tag: "Found" as const }, decisions, pending: [], plannedAt: at, chain: placeOf(chainOf(run)) }
  }
  const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`
  return planFacts(plan, { appVersion: "1.0.0", traceparent })[1] ?? assert.fail("a fact of the target")
}
const item = (fact: Fact) => ({ ...factPut(fact, retention), version: 1 })

describe("a fact in the event log", () => {
  for (const [what, workflow, type, units] of [
    ["allowed", "ci.yml", "dispatch.target.queued", 1],
    ["denied", "build.yml", "dispatch.target.denied", 1]
  ] as const) {
    it.effect(`of a target that was ${what} takes ${units} KB at most, and comes back with its checks`, () =>
      Effect.gen(function* () {
        const fact = decided(workflow)
        assert.strictEqual(fact.type, type)
        const { key, attributes, expiresAt, version } = item(fact)
        assert.strictEqual(unitsOf(key, attributes, expiresAt), units)
        assert.deepStrictEqual(yield* decodeFact({ key, attributes, expiresAt, version }), fact)
      })
    )
  }

  it.effect("comes back as older versions stored it, with its checks as they are", () =>
    Effect.gen(function* () {
      const fact = decided("ci.yml")
      assert.deepStrictEqual(
        yield* decodeFact({ ...item(fact), attributes: asAttributes(fact), expiresAt: undefined }),
        fact
      )
    })
  )
})
