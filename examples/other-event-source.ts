/**
 * Another event source: a build that finished in another CI system starts workflows, by the same rules and exactly once.
 *
 *     node other-event-source.ts < build.json
 *
 * Rules name these builds `jenkins.yml`. The App's settings come from GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY. State is
 * in builds.db: a build that is reported twice starts nothing twice, and one whose process died is finished by the next.
 */
import { readFileSync } from "node:fs"
import {
  Consent,
  DispatchStage,
  FactBus,
  Ledger,
  Names,
  PlanStage,
  Queues,
  ReportStage,
  Settings,
  SourceRun
} from "dispatcher"
import { App, GitHub, Installations } from "dispatcher/github"
import { Sqlite, SqliteQueue, SqliteTable } from "dispatcher/local"
import { Console, DateTime, Effect, Layer, Schema } from "effect"

/** What the other system reports. */
const Build = Schema.Struct({
  number: SourceRun.GitHubId,
  repository: Names.RepositoryName,
  /** GitHub's number of the repository: together with the build's it says which run this is. */
  repositoryId: SourceRun.GitHubId,
  branch: Schema.String,
  commit: Schema.String,
  passed: Schema.Boolean,
  url: Schema.String
})

/** The build as a source run: all that the rules look at. */
const acceptanceOf = Effect.fnUntraced(function* ({ number, passed, commit, ...build }: typeof Build.Type) {
  const installations = yield* Installations.Installations
  const run: SourceRun.SourceRun = {
    ...build,
    installationId: yield* installations.find(Names.ownerOf(build.repository), Names.ownerOf(build.repository)),
    defaultBranch: "main",
    workflow: Names.WorkflowFile.make("jenkins.yml"),
    runId: number,
    attempt: 1,
    sha: commit,
    event: "push",
    conclusion: passed ? "success" : "failure",
    actor: null,
    fork: false
  }
  const deliveryId = SourceRun.DeliveryId.make(`jenkins-${number}`)
  return { deliveryId, run, acceptedAt: DateTime.formatIso(yield* DateTime.now), generation: 0 }
})

const main = Effect.gen(function* () {
  const plans = yield* Queues.PlanQueue
  const orders = yield* Queues.OrderQueue
  const reports = yield* Queues.ReportQueue
  const build = yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Build))(readFileSync(0, "utf8"))
  // From here on nothing is lost: the message stays until the stages are done with it.
  yield* plans.offer([{ body: { version: 1, ...(yield* acceptanceOf(build)) } }])
  yield* Effect.forkScoped(plans.consume(PlanStage.plan.handleAll, { concurrency: 1, batchSize: 1 }))
  yield* Effect.forkScoped(orders.consume(DispatchStage.dispatch.handleAll, { concurrency: 4, batchSize: 1 }))
  yield* Effect.forkScoped(reports.consume(ReportStage.report.handleAll, { concurrency: 1, batchSize: 1 }))
  // A service would go on for ever; this one ends when nothing is left to do.
  const isDone = Effect.all([plans.depth, orders.depth, reports.depth]).pipe(
    Effect.delay("50 millis"),
    Effect.map((depths) => depths.every(({ waiting, inFlight }) => waiting + inFlight === 0))
  )
  yield* Effect.repeat(isDone, { until: (done) => done })
})

/** Facts go to their listeners: here, to the terminal. */
const facts = Layer.succeed(FactBus.FactBus, {
  publish: (facts) => Effect.forEach(facts, ({ type }) => Console.log(type), { discard: true })
})
const storage = Ledger.layer.pipe(
  Layer.provideMerge(Layer.merge(SqliteTable.layerTable, SqliteQueue.layerQueues)),
  Layer.provide(Sqlite.layer("builds.db"))
)
const github = Layer.merge(GitHub.layer, Installations.layer).pipe(Layer.provide(App.layerConfig))
const settings = Settings.layerSettings({ createIssues: false })
const world = Layer.provideMerge(Consent.layer, Layer.mergeAll(facts, storage, github, settings))
await Effect.runPromise(main.pipe(Effect.scoped, Effect.provide(world)))
