/** Facts as they are stored: how large they are, and that they come back as they were. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { bytesOf, unitsOf } from "../../bench/Recording.ts"
import { type Fact, planFacts } from "../../src/domain/Fact.ts"
import { chainOf, placeOf } from "../../src/domain/Order.ts"
import { runOf } from "../../src/domain/RunFold.ts"
import { decodeFact, factPut } from "../../src/readmodel/EventLog.ts"
import { asAttributes } from "../../src/readmodel/Items.ts"
import { Chance } from "../fixtures/Chance.ts"
import { judge } from "../fixtures/Plans.ts"
import { acceptance, repository, sourceRun } from "../fixtures/Runs.ts"
import { journeys } from "./Recording.ts"

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
/** The fact about a target of another name. */
const respelled = (fact: Fact, names: { readonly repository: string; readonly workflow: string }): Fact => {
  const about = { ref: "main", ...names }
  const key = `${names.repository}/${names.workflow}`.toLowerCase()
  const id = `${fact.type}/${runOf(fact)}/${key}`
  return { ...fact, id, data: { ...fact.data, target: about, orderId: `${runOf(fact)}/${key}` } } as unknown as Fact
}
const item = (fact: Fact) => ({ expiresAt: 0, ...factPut(fact, retention), version: 1 })

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

  it.effect("comes back whatever it says, and takes 400 bytes at most besides checks and texts", () =>
    Effect.gen(function* () {
      for (const fact of journeys(new Chance(5), 80, Date.parse(at))) {
        const { key, attributes, expiresAt, version } = item(fact)
        assert.deepStrictEqual(yield* decodeFact({ key, attributes, expiresAt, version }), fact)
        const { k: _, x: __, ...short } = attributes
        assert.isAtMost(bytesOf(key, short, expiresAt), 400)
      }
    })
  )

  it.effect.each<[string, (fact: Fact) => Fact]>([
    ["times in another spelling", (fact) => ({ ...fact, time: "2026-11-23T10:20:30Z" })],
    ["an id that is not made as ours are", (fact) => ({ ...fact, id: "another" })],
    ["an id that is too long for a key", (fact) => ({ ...fact, id: fact.id + "/x".repeat(300) })],
    ["another generation than its id", (fact) => ({ ...fact, data: { ...fact.data, generation: 2 } }) as Fact],
    ["names in another spelling", (fact) => respelled(fact, { repository: "Some-Organisation/X", workflow: "CD.yml" })],
    [
      "names that look like the rest of a key",
      (fact) => respelled(fact, { repository: "acme/000001", workflow: "4.queued" })
    ],
    ["another order", (fact) => ({ ...fact, data: { ...fact.data, orderId: "1/2/3/a/b/c.yml" } }) as Fact],
    [
      "no order",
      ({ data: { ...data }, ...fact }) => ({ ...fact, data: { ...data, orderId: undefined } }) as unknown as Fact
    ],
    [
      "a place below the root",
      (fact) =>
        ({ ...fact, data: { ...fact.data, chain: { root: "1/2/3", depth: 1, parent: "1/2/3/a/b/c.yml" } } }) as Fact
    ]
  ])("comes back with %s", ([, change]) =>
    Effect.gen(function* () {
      const fact = JSON.parse(JSON.stringify(change(decided("ci.yml")))) as Fact
      assert.deepStrictEqual(yield* decodeFact(item(fact)), fact)
    })
  )

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
