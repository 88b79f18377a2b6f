/** One story on two sets of layers: on one machine and on AWS, the same facts, decisions, outcomes, results, report and check run come of it. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { RepositoryName } from "../../../src/domain/Names.ts"
import { Ledger } from "../../../src/ledger/Ledger.ts"
import { DashboardQueries } from "../../../src/readmodel/DashboardQueries.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import { standingsOf } from "../../fixtures/Standings.ts"
import {
  checksOf,
  completeAndDeliver,
  decisionsOf,
  idle,
  keyOf,
  outcomesOf,
  startedIds,
  startedIn,
  until
} from "../Journeys.ts"
import { scenario, shop, source, startPath, target } from "../Scenarios.ts"
import { world } from "../World.ts"
import * as Bundles from "./Bundles.ts"
import { cloud } from "./Cloud.ts"
import * as Emulators from "./Emulators.ts"
import { ifJava } from "./Java.ts"

/** A target that agrees, one that does not, one that is not there, and one that GitHub refuses to start at first. */
const github = scenario(
  [
    source(shop.repository, ["acme/deploy", "acme/docs", "acme/payments", "acme/nowhere"]),
    target("acme/deploy"),
    target("acme/docs"),
    target("acme/payments", "inbound: []"),
    { name: "acme/quiet", files: { ".github/workflows/ci.yml": "on: push" } }
  ],
  {
    startedRuns: {
      default: [{ ends: "later", afterMillis: 300, conclusion: "success" }],
      workflows: [
        {
          repository: "acme/docs",
          workflow: "cd.yml",
          courses: [{ ends: "beforeAnswer", conclusion: "neutral" }]
        }
      ]
    },
    faults: [{ method: "POST", path: startPath("acme/docs"), answer: { status: 502 } }]
  }
)

/** What is the same wherever it happens: no times, no ids. */
const listed = Effect.gen(function* () {
  const queries = yield* DashboardQueries
  const { rows } = yield* queries.events({ source: RepositoryName.make(shop.repository) }, { limit: 200 })
  return rows.map(({ status, target, reason }) => [status, target, reason].join(" ")).toSorted()
})

/** Events of the story: 1 ignored, 2 denied, 2 dispatched, 2 completed. */
const events = 7

const story = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const { payload, delivery } = yield* completeAndDeliver()
  const again = yield* sandbox.deliver(payload)
  const failed = yield* completeAndDeliver({ conclusion: "failure" })
  const quiet = yield* completeAndDeliver({ repository: "acme/quiet" })
  const seen = yield* until(listed, ({ length }) => length >= events)
  yield* Effect.retry(idle, { times: 2 })
  const standings = yield* Ledger.use((ledger) => standingsOf(ledger, keyOf(payload)))
  const outcomes = yield* outcomesOf(payload)
  const ids = yield* startedIds(payload)
  const issues = yield* sandbox.issues(shop.repository)
  return {
    answers: [delivery, again, failed.delivery, quiet.delivery].map(({ statusCode }) => statusCode),
    decisions: [yield* decisionsOf(payload), yield* decisionsOf(failed.payload)],
    // Which of the two GitHub starts first, and gives the lower id, is left to chance.
    outcomes: Object.entries(outcomes).map(([name, outcome]) => [name, outcome === ids[name] ? "started" : outcome]),
    started: yield* startedIn(payload),
    comments: issues.map(({ comments }) => comments.length),
    results: standings.map(({ order, result }) => {
      const how = result?.result._tag === "Completed" ? result.result.conclusion : "unknown"
      return `${order.target.repository}: ${how}`
    }),
    checks: [yield* checksOf(payload), yield* checksOf(failed.payload)],
    events: seen
  }
})

ifJava("the same story", () => {
  it.live("has the same end on one machine and on AWS", () =>
    Effect.gen(function* () {
      const local = yield* story.pipe(Effect.provide(world(github)))
      const onAws = yield* story.pipe(
        Effect.provide(cloud(github).pipe(Layer.provide(Layer.merge(Bundles.layerQuick, Emulators.layer))))
      )
      assert.deepStrictEqual(local.answers, [202, 202, 202, 202])
      assert.deepStrictEqual(local.started, ["acme/deploy", "acme/docs"])
      assert.deepStrictEqual(local.results.toSorted(), ["acme/deploy: success", "acme/docs: neutral"])
      assert.deepStrictEqual(local.checks, [["neutral: 2 refused, 2 succeeded"], []])
      assert.deepStrictEqual(onAws, local)
    })
  )
})
