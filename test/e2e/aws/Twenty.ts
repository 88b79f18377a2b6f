/** Twenty runs that start two workflows each, all of which succeed: sixty deliveries, and that each is carried out once, shown once and counted once. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { globalScope } from "../../../src/domain/Scope.ts"
import { DashboardQueries } from "../../../src/readmodel/DashboardQueries.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import { checksOf, complete, idle, outcomesOf, redeliverLost, startedIds, startedIn, until } from "../Journeys.ts"
import { fleet } from "../Scenarios.ts"
import { Cloud } from "./Cloud.ts"

const targets = ["acme/deploy", "acme/docs"]
const sources = 20
const started = sources * targets.length

/** GitHub, where they run. */
export const github = fleet(targets, {
  startedRuns: { default: [{ ends: "later", afterMillis: 300, conclusion: "success" }] }
})

/** Completes the runs, a few at a time, and waits until everything that follows from them is over, once. */
export const carriedOut = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const { said, permissions } = yield* Cloud
  const payloads = yield* Effect.forEach(
    Array.from({ length: sources }),
    () => Effect.tap(complete(), (payload) => sandbox.deliver(payload)),
    { concurrency: 8 }
  )
  // GitHub delivers the runs that they start, too.
  yield* until(redeliverLost, (runs) => runs === sources + started)
  yield* redeliverLost
  yield* Effect.retry(idle, { times: 3 })
  for (const payload of payloads) {
    assert.deepStrictEqual(yield* startedIn(payload), targets, yield* said)
    assert.deepStrictEqual(yield* outcomesOf(payload), yield* startedIds(payload))
    assert.deepStrictEqual(yield* checksOf(payload), ["success: 2 succeeded"])
  }
  assert.deepStrictEqual([...permissions.refused], [])
})

/** Figures have every fact once, whichever process published, recorded and counted it. Two ticks at a time. */
export const counted = Effect.gen(function* () {
  const { tick } = yield* Cloud
  const queries = yield* DashboardQueries
  // A tick that fails on a busy machine is followed by another one, as on AWS.
  const ticks = Effect.ignore(Effect.all([tick("rollup"), tick("rollup")], { concurrency: "unbounded" }))
  const rolledUp = Effect.andThen(ticks, queries.figures(globalScope, "1h"))
  const { counts } = yield* until(rolledUp, ({ counts }) => counts.completed >= started)
  assert.deepInclude(counts, { planned: sources, queued: started, dispatched: started, completed: started })
  assert.deepInclude(counts, { succeeded: started, running: 0, denied: 0, failed: 0, unknown: 0, lost: 0 })
})
