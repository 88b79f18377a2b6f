/**
 * Planning and dispatching one run with ever more targets: requests to GitHub (as the sandbox counts them), table writes and
 * transactions, and milliseconds without the network.
 */
import { performance } from "node:perf_hooks"
import { Duration, Effect, Layer } from "effect"
import { type ConfigAnswer, configPaths } from "../src/domain/Config.ts"
import { parseConfig } from "../src/domain/ConfigFile.ts"
import { RepositoryName, WorkflowFile } from "../src/domain/Names.ts"
import { DeliveryId, GitHubId, type SourceRun } from "../src/domain/SourceRun.ts"
import * as Logging from "../src/entry/Logging.ts"
import * as Consent from "../src/flow/Consent.ts"
import { dispatch } from "../src/flow/Dispatch.ts"
import { followResult } from "../src/flow/Follow.ts"
import { plan } from "../src/flow/Plan.ts"
import { OrderQueue, PlanQueue, ReportQueue } from "../src/flow/Queues.ts"
import { report } from "../src/flow/Report.ts"
import { layerSettings, Timing } from "../src/flow/Settings.ts"
import * as Ledger from "../src/ledger/Ledger.ts"
import { Checks } from "../src/ports/Checks.ts"
import { ConfigSource } from "../src/ports/ConfigSource.ts"
import { Reports } from "../src/ports/Reports.ts"
import { Table } from "../src/ports/Table.ts"
import { Workflows } from "../src/ports/Workflows.ts"
import { layerMemory as layerChecks } from "../src/testing/fakes/Checks.ts"
import { layerMemory as layerConfigs } from "../src/testing/fakes/ConfigSource.ts"
import { layerMemory as layerFacts } from "../src/testing/fakes/FactBus.ts"
import * as FakeGitHubApp from "../src/testing/fakes/GitHubApp.ts"
import { layerMemory as layerQueues } from "../src/testing/fakes/Queues.ts"
import { layerMemory as layerReports } from "../src/testing/fakes/Reports.ts"
import { layerMemory as layerTable } from "../src/testing/fakes/Table.ts"
import { layerMemory as layerWorkflows, StartedWorkflows } from "../src/testing/fakes/Workflows.ts"
import { median, printTable } from "./Print.ts"

const found = (document: object): ConfigAnswer => {
  const parsed = parseConfig(JSON.stringify(document, null, 1))
  if (parsed._tag === "Failure") throw new Error(JSON.stringify(parsed.failure))
  return { _tag: "Found", config: parsed.success, path: configPaths[0], defaultBranch: "main" }
}

const source = RepositoryName.make("acme/shop")
/** A run of the bench. */
const runOf = (runId: number): SourceRun => ({
  repository: source,
  repositoryId: GitHubId.make("1"),
  installationId: GitHubId.make("1"),
  defaultBranch: "main",
  workflow: WorkflowFile.make("ci.yml"),
  runId: GitHubId.make(String(runId)),
  attempt: 1,
  branch: "main",
  sha: "7fd1a60b01f91b314f59955a4e4d4e80d8edf11d",
  event: "push",
  conclusion: "success",
  actor: "octocat",
  url: `https://github.com/acme/shop/actions/runs/${runId}`,
  fork: false
})

/** `count` targets in as many repositories, all of which agree. */
export const world = (count: number): ReadonlyMap<RepositoryName, ConfigAnswer> => {
  const targets = Array.from({ length: count }, (_, index) => ({ repository: `target-${index}`, workflow: "cd.yml" }))
  const inbound = found({
    inbound: [{ source: { repository: "shop", workflow: "ci.yml" }, targets: [{ workflow: "cd.yml" }] }]
  })
  return new Map([
    [source, found({ outbound: [{ source: { workflow: "ci.yml" }, targets }] })],
    ...targets.map(({ repository }) => [RepositoryName.make(`acme/${repository}`), inbound] as const)
  ])
}

/** What a run costs. */
interface Costs {
  gitHub: number
  reads: number
  transactions: number
  writes: number
}

/** Counts what goes through the ports. A config request is one GraphQL request per installation, here one. */
const counted = (costs: Costs) =>
  Layer.mergeAll(
    Layer.effect(
      Table,
      Effect.map(Table, (table) => ({
        get: (key) =>
          Effect.andThen(
            Effect.sync(() => costs.reads++),
            table.get(key)
          ),
        query: (query) =>
          Effect.andThen(
            Effect.sync(() => costs.reads++),
            table.query(query)
          ),
        write: (write) => {
          costs.transactions++
          costs.writes++
          return table.write(write)
        },
        transact: (writes) => {
          costs.transactions++
          costs.writes += writes.length
          return table.transact(writes)
        },
        append: (items) => {
          costs.writes += items.length
          return table.append(items)
        }
      }))
    ),
    Layer.effect(
      ConfigSource,
      Effect.map(ConfigSource, ({ load }) => ({
        load: (...args) =>
          Effect.andThen(
            Effect.sync(() => costs.gitHub++),
            load(...args)
          )
      }))
    ),
    Layer.effect(
      Workflows,
      Effect.map(Workflows, (workflows) => ({
        ...workflows,
        start: (order, maySend) =>
          Effect.andThen(
            Effect.sync(() => costs.gitHub++),
            workflows.start(order, maySend)
          )
      }))
    ),
    Layer.effect(
      Checks,
      Effect.map(Checks, (checks) => ({
        ...checks,
        create: (...args) =>
          Effect.andThen(
            Effect.sync(() => costs.gitHub++),
            checks.create(...args)
          ),
        update: (...args) =>
          Effect.andThen(
            Effect.sync(() => costs.gitHub++),
            checks.update(...args)
          )
      }))
    ),
    Layer.effect(
      Reports,
      Effect.map(Reports, (reports) => ({
        ...reports,
        create: (...args) =>
          Effect.andThen(
            Effect.sync(() => costs.gitHub++),
            reports.create(...args)
          ),
        update: (...args) =>
          Effect.andThen(
            Effect.sync(() => costs.gitHub++),
            reports.update(...args)
          )
      }))
    )
  )

/** A run is measured alone: its report does not wait for that of the run before, and its check run not for seconds. */
export const layerTiming = Layer.effect(
  Timing,
  Effect.map(Timing, (timing) => ({ ...timing, reportEvery: Duration.zero, checkAfter: Duration.millis(50) }))
)

const layers = (count: number, costs: Costs) =>
  Layer.mergeAll(Ledger.layer, Consent.layer).pipe(
    Layer.provideMerge(counted(costs)),
    Layer.provideMerge(
      Layer.mergeAll(
        layerTable,
        layerQueues,
        layerFacts,
        layerWorkflows,
        layerReports,
        layerChecks,
        layerConfigs(world(count)),
        FakeGitHubApp.layerMemory,
        layerSettings({ createChecks: false }),
        layerTiming
      )
    )
  )

/** Waits until the stages have nothing more to do. */
const drained = Effect.gen(function* () {
  const [plans, orders, reports] = [yield* PlanQueue, yield* OrderQueue, yield* ReportQueue]
  const isDone = Effect.all([plans.depth, orders.depth, reports.depth]).pipe(
    Effect.map((depths) => depths.every(({ waiting, inFlight }) => waiting + inFlight === 0))
  )
  yield* Effect.sleep(Duration.millis(1)).pipe(Effect.repeat({ until: () => isDone }))
})

/** Ends what was started with a success, each run once, as Follow learns of it, and waits until that is reported. */
export const endStarted = Effect.fnUntraced(function* (from: number) {
  const ledger = yield* Ledger.Ledger
  const started = yield* StartedWorkflows.use(({ all }) => all)
  for (const { order, run } of started.slice(from)) {
    const of = yield* ledger.startedBy({ repository: order.target.repository, runId: run.id })
    const completedAt = new Date().toISOString()
    const result = { _tag: "Completed", conclusion: "success", attempt: 1, completedAt, duration: 1 } as const
    if (of._tag === "Some") yield* followResult(of.value, result)
    yield* drained
  }
})

/** Plans and dispatches one run to its end. */
export const dispatchRun = Effect.fnUntraced(function* (runId: number) {
  const plans = yield* PlanQueue
  const before = performance.now()
  const acceptance = {
    deliveryId: DeliveryId.make(`d${runId}`),
    acceptedAt: new Date().toISOString(),
    run: runOf(runId),
    generation: 0
  }
  yield* plans.offer([{ body: { version: 1, ...acceptance } }])
  yield* drained
  return performance.now() - before
})

/** What one run with so many targets costs, and how long such runs take. */
export const measure = (count: number) =>
  Effect.gen(function* () {
    const costs: Costs = { gitHub: 0, reads: 0, transactions: 0, writes: 0 }
    return yield* Effect.gen(function* () {
      yield* Effect.forkScoped(
        PlanQueue.use((queue) => queue.consume(plan.handleAll, { concurrency: 8, batchSize: 1 }))
      )
      yield* Effect.forkScoped(
        OrderQueue.use((queue) => queue.consume(dispatch.handleAll, { concurrency: 16, batchSize: 1 }))
      )
      yield* Effect.forkScoped(
        ReportQueue.use((queue) => queue.consume(report.handleAll, { concurrency: 4, batchSize: 1 }))
      )
      for (let warm = 1; warm <= 20; warm++) yield* dispatchRun(warm)
      Object.assign(costs, { gitHub: 0, reads: 0, transactions: 0, writes: 0 })
      const times = [yield* dispatchRun(100)]
      const once = { ...costs }
      for (let runId = 101; runId < 120; runId++) times.push(yield* dispatchRun(runId))
      return { times, once }
    }).pipe(Effect.provide(Layer.merge(layers(count, costs), Logging.layer("None"))), Effect.scoped)
  })

const row = (count: number) =>
  Effect.map(measure(count), ({ once: { gitHub, reads, transactions, writes }, times }) => [
    `${count} targets`,
    gitHub,
    reads,
    transactions,
    writes,
    median(times)
  ])

/** Measures and prints. */
export const benchFlow = async (): Promise<void> => {
  const rows = await Effect.runPromise(Effect.forEach([1, 5, 25], row))
  printTable(
    "Planning, dispatching and reporting one run (tokens are cached; in-memory layers)",
    ["", "GitHub requests", "table reads", "transactions", "writes", "ms"],
    rows
  )
}
