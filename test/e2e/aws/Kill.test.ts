/**
 * Functions killed between any two steps: at a request, before it has arrived or before its answer has. The next one finds out
 * what was done, and every allowed target is started exactly once.
 */
import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import { always } from "../../../src/testing/FaultScript.ts"
import { checksOf, complete, idle, outcomesOf, redeliverLost, startedIds, startedIn, until } from "../Journeys.ts"
import { lostEach } from "../Proxy.ts"
import { scenario, shop, source, startPath, target } from "../Scenarios.ts"
import * as Bundles from "./Bundles.ts"
import { Cloud, cloud, requests } from "./Cloud.ts"
import * as Emulators from "./Emulators.ts"
import { ifJava } from "./Java.ts"

const targets = ["acme/deploy", "acme/docs"]

/** One target's answer is lost by GitHub itself, after it has acted. */
const world = cloud(
  scenario([source(shop.repository, targets), ...targets.map((name) => target(name))], {
    startedRuns: { default: [{ ends: "later", afterMillis: 300, conclusion: "success" }] },
    faults: [{ method: "POST", path: startPath("acme/docs"), drop: "after" }]
  }),
  4
)

/** Kills at every so many steps; the next one does the rest, exactly once. */
const survives = (steps: number) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox
    const { faults, kill, said, permissions } = yield* Cloud
    yield* faults.on(requests, always(lostEach(steps, 4, Effect.sync(kill))))
    const payload = yield* complete()
    // GitHub shows a delivery that got no 202; a person has it sent again.
    yield* Effect.repeat(sandbox.deliver(payload), { until: ({ statusCode }) => statusCode === 202, times: 5 })
    // The run, and those that it started.
    yield* until(redeliverLost, (runs) => runs === 1 + targets.length)
    yield* redeliverLost
    yield* Effect.retry(idle, { times: 3 })
    assert.deepStrictEqual(yield* startedIn(payload), targets, `${steps}: ${yield* said}`)
    assert.deepStrictEqual(yield* outcomesOf(payload), yield* startedIds(payload))
    assert.deepStrictEqual([...permissions.refused], [])
    assert.deepStrictEqual(yield* checksOf(payload), ["success: 2 succeeded"], `${steps}`)
    const issues = yield* sandbox.issues(shop.repository)
    assert.strictEqual(issues.length, 1)
  }).pipe(Effect.provide(world))

ifJava("functions that are killed", () => {
  layer(Layer.merge(Bundles.layerQuick, Emulators.layer), { excludeTestServices: true, timeout: "10 minutes" })(
    (it) => {
      it.effect("at every 3rd, 7th, 11th step have done everything once in the end", () =>
        Effect.forEach([3, 7, 11], survives, { concurrency: "unbounded", discard: true })
      )
    }
  )
})
