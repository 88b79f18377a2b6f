/** From a delivery to started workflows: how often, for what, and what is left alone. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import {
  complete,
  completeAndDeliver,
  decisionsOf,
  idle,
  outcomesOf,
  startedFor,
  startedIds,
  startedIn
} from "./Journeys.ts"
import { fleet, scenario, shop, source, target } from "./Scenarios.ts"
import { world } from "./World.ts"

const targets = ["acme/deploy", "acme/docs", "partner/portal"]

describe("a run that completes", () => {
  it.live("starts every target once, and the ledger knows which run is whose", () =>
    Effect.gen(function* () {
      const { payload, delivery } = yield* completeAndDeliver()
      assert.deepStrictEqual(
        [delivery.statusCode, JSON.parse(delivery.responseBody)],
        [202, { status: "accepted", delivery: delivery.guid }]
      )
      yield* idle
      assert.deepStrictEqual(yield* startedIn(payload), targets)
      assert.deepStrictEqual(yield* outcomesOf(payload), yield* startedIds(payload))
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("is started for once, though five copies of its delivery come at once", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const payload = yield* complete()
      const deliver = sandbox.deliver(payload, { deliveryId: "6d2c7f60-5a1e-11f0-8de9-0242ac120002" })
      const deliveries = yield* Effect.replicateEffect(deliver, 5, { concurrency: "unbounded" })
      const answers = deliveries.map(({ responseBody }) => JSON.parse(responseBody).status).sort()
      assert.deepStrictEqual(answers, Array<string>(5).fill("accepted"))
      yield* idle
      assert.deepStrictEqual(yield* startedIn(payload), targets)
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("is started for once, though GitHub delivers it under two delivery ids", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const payload = yield* complete()
      yield* Effect.all([sandbox.deliver(payload), sandbox.deliver(payload)], { concurrency: 2 })
      yield* idle
      yield* sandbox.deliver(payload)
      yield* idle
      assert.deepStrictEqual(yield* startedIn(payload), targets)
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("is started for again when it is run again", () =>
    Effect.gen(function* () {
      const first = yield* completeAndDeliver()
      yield* idle
      const again = yield* completeAndDeliver({ run: first.payload.workflow_run.id, attempt: 2 })
      yield* idle
      assert.deepStrictEqual(yield* startedIn(first.payload), targets)
      assert.deepStrictEqual(yield* startedIn(again.payload), targets)
      assert.deepStrictEqual(yield* outcomesOf(again.payload), yield* startedIds(again.payload))
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("may come while others do, and every run is bound to its own", () =>
    Effect.gen(function* () {
      const runs = yield* Effect.replicateEffect(completeAndDeliver(), 8, { concurrency: "unbounded" })
      yield* idle
      for (const { payload } of runs) {
        assert.deepStrictEqual(yield* startedIn(payload), targets)
        assert.deepStrictEqual(yield* outcomesOf(payload), yield* startedIds(payload))
      }
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("starts only what both sides agree on", () =>
    Effect.gen(function* () {
      const { payload } = yield* completeAndDeliver()
      yield* idle
      assert.deepStrictEqual(yield* startedIn(payload), ["acme/deploy"])
      assert.deepStrictEqual(yield* decisionsOf(payload), {
        "acme/deploy": "allowed",
        "acme/payments": "inbound_not_allowed",
        "acme/silent": "target_config_absent",
        "acme/ghost": "target_unreachable",
        "elsewhere/shop": "target_unreachable"
      })
    }).pipe(
      Effect.provide(
        world(
          scenario([
            source(shop.repository, ["acme/deploy", "acme/payments", "acme/silent", "acme/ghost", "elsewhere/shop"]),
            target("acme/deploy"),
            target("acme/payments", "inbound: []"),
            { name: "acme/silent", files: { "README.md": "quiet" } },
            target("elsewhere/shop")
          ])
        )
      )
    )
  )
})

describe("a delivery", () => {
  it.live("that is not of a completed workflow_run does nothing", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const payload = yield* complete()
      const push = yield* sandbox.deliver(payload, { event: "push" })
      const requested = yield* sandbox.deliver({ ...payload, action: "requested" })
      const inProgress = yield* sandbox.deliver({ ...payload, action: "in_progress" })
      for (const { statusCode, responseBody } of [push, requested, inProgress]) {
        assert.deepStrictEqual([statusCode, JSON.parse(responseBody).status], [202, "ignored"])
      }
      yield* idle
      assert.deepStrictEqual(yield* startedFor(payload), [])
      assert.deepStrictEqual(yield* sandbox.requests, [], "GitHub is not even asked")
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("without an installation is refused, and says why", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const { installation: _, ...payload } = yield* complete()
      const { statusCode, responseBody } = yield* sandbox.deliver(payload)
      assert.deepStrictEqual([statusCode, JSON.parse(responseBody).status], [400, "malformed"])
      assert.include(responseBody, "has no installation")
      yield* idle
      assert.deepStrictEqual(yield* sandbox.startedRuns(), [])
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("that has another signature, or none, is refused", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const payload = yield* complete()
      const forged = yield* sandbox.deliver(payload, { secret: "a guess" })
      assert.deepStrictEqual([forged.statusCode, JSON.parse(forged.responseBody).status], [401, "bad signature"])
      const unsigned = yield* Effect.promise(() =>
        fetch(forged.url, { method: "POST", body: forged.payload, headers: { "x-github-event": "workflow_run" } })
      )
      assert.strictEqual(unsigned.status, 401)
      yield* idle
      assert.deepStrictEqual(yield* startedFor(payload), [])
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("may be signed with the secret that is being replaced", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const payload = yield* complete()
      const { statusCode } = yield* sandbox.deliver(payload, { secret: "the old secret" })
      assert.strictEqual(statusCode, 202)
      yield* idle
      assert.deepStrictEqual(yield* startedIn(payload), targets)
    }).pipe(Effect.provide(world(fleet(targets), { GITHUB_WEBHOOK_SECRET_PREVIOUS: Redacted.make("the old secret") })))
  )
})
