/** The scheduled function: what failed while the service was down is redelivered, and started once. */
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import { DeliveryId } from "../../../src/domain/SourceRun.ts"
import { DashboardQueries } from "../../../src/readmodel/DashboardQueries.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import { always, failsBefore } from "../../../src/testing/FaultScript.ts"
import { complete, idle, outcomesOf, startedIds, startedIn, until } from "../Journeys.ts"
import { lostBefore } from "../Proxy.ts"
import { fleet } from "../Scenarios.ts"
import * as Bundles from "./Bundles.ts"
import { Cloud, cloud } from "./Cloud.ts"
import * as Emulators from "./Emulators.ts"
import { ifJava } from "./Java.ts"
import { refusal } from "./Refusal.ts"

const targets = ["acme/deploy", "acme/docs"]
const world = cloud(fleet(targets)).pipe(Layer.provideMerge(Layer.merge(Bundles.layerQuick, Emulators.layer)))

const journeyOf = (guid: string) =>
  DashboardQueries.use(({ journey }) => journey(DeliveryId.make(guid))).pipe(
    Effect.map(Option.match({ onNone: () => [], onSome: ({ facts }) => facts.map(({ type }) => type) }))
  )

ifJava("the sweeper", () => {
  layer(world, { excludeTestServices: true, timeout: "10 minutes" })((it) => {
    it.effect("has GitHub redeliver what was answered with 503, once, and publishes that", () =>
      Effect.gen(function* () {
        const { faults, tick, said } = yield* Cloud
        const sandbox = yield* Sandbox
        yield* faults.on("SendMessageBatch", always(failsBefore(refusal("AccessDenied"))))
        const payload = yield* complete()
        const { guid, statusCode } = yield* sandbox.deliver(payload)
        assert.strictEqual(statusCode, 503)
        yield* faults.clear

        yield* tick("sweeper")
        yield* until(startedIn(payload), ({ length }) => length === targets.length)
        yield* Effect.all([tick("sweeper"), tick("sweeper")], { concurrency: "unbounded" })
        yield* Effect.retry(idle, { times: 2 })
        assert.deepStrictEqual(yield* startedIn(payload), targets, yield* said)
        assert.deepStrictEqual(yield* outcomesOf(payload), yield* startedIds(payload))
        const attempts = (yield* sandbox.deliveries).filter((attempt) => attempt.guid === guid)
        assert.deepStrictEqual(
          attempts.map(({ redelivery, statusCode: status }) => [redelivery, status]),
          [
            [false, 503],
            [true, 202]
          ]
        )
        assert.deepStrictEqual((yield* until(journeyOf(guid), ({ length }) => length >= 8)).slice(0, 3), [
          "dispatch.delivery.redelivered",
          "dispatch.request.accepted",
          "dispatch.plan.created"
        ])
      })
    )

    it.effect("fails when GitHub is out of reach, so that the alarm rings, and catches up", () =>
      Effect.gen(function* () {
        const { faults, tick } = yield* Cloud
        const sandbox = yield* Sandbox
        const payload = yield* complete()
        const { guid, statusCode } = yield* sandbox.deliver(payload, { url: "http://127.0.0.1:9/away" })
        assert.strictEqual(statusCode, 0)
        yield* faults.on(/^GET \/app\/hook/, always(lostBefore))
        assert.strictEqual((yield* Effect.flip(tick("sweeper")))._tag, "InvocationFailed")
        yield* faults.clear
        yield* tick("sweeper")
        yield* until(startedIn(payload), ({ length }) => length === targets.length)
        assert.include(yield* until(journeyOf(guid), ({ length }) => length > 0), "dispatch.delivery.redelivered")
      })
    )
  })
})
