/**
 * The figures of many deliveries, against a count that knows nothing of facts: for each run that is sent, what its repository's files ask
 * for says what has to be counted.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, References } from "effect"
import { layerQueue } from "../../src/adapters/local/QueueFactBus.ts"
import type { ConfigAnswer } from "../../src/domain/Config.ts"
import { RepositoryName, WorkflowFile } from "../../src/domain/Names.ts"
import { globalScope, type Scope } from "../../src/domain/Scope.ts"
import { DeliveryId, GitHubId } from "../../src/domain/SourceRun.ts"
import * as Consent from "../../src/flow/Consent.ts"
import { dispatch } from "../../src/flow/Dispatch.ts"
import { plan } from "../../src/flow/Plan.ts"
import { FactQueue, OrderQueue, PlanQueue, ReportQueue } from "../../src/flow/Queues.ts"
import { record } from "../../src/flow/Record.ts"
import { report } from "../../src/flow/Report.ts"
import { rollup } from "../../src/flow/Rollup.ts"
import { layerSettings, Timing } from "../../src/flow/Settings.ts"
import * as Ledger from "../../src/ledger/Ledger.ts"
import { GitHubError, NotFound } from "../../src/ports/GitHubError.ts"
import { Workflows } from "../../src/ports/Workflows.ts"
import { DashboardQueries } from "../../src/readmodel/DashboardQueries.ts"
import * as Queries from "../../src/readmodel/Queries.ts"
import * as Recorder from "../../src/readmodel/Recorder.ts"
import { layerFakeGitHub } from "../../src/testing/fakes/Memory.ts"
import { layerMemory as layerQueues } from "../../src/testing/fakes/Queues.ts"
import { layerMemory as layerTable } from "../../src/testing/fakes/Table.ts"
import { Chance } from "../fixtures/Chance.ts"
import { absent, found, invalid } from "../fixtures/Configs.ts"
import { sourceRun } from "../fixtures/Runs.ts"

const deliveries = 3000

/** What a run of a kind of repository asks for, and what has to be counted for it. */
interface Kind {
  readonly name: string
  readonly answer: ConfigAnswer
  readonly counts: Readonly<Record<string, number>>
  readonly targets: Readonly<Record<string, Readonly<Record<string, number>>>>
}

const to = (...repositories: ReadonlyArray<string>) =>
  repositories.map((repository) => ({ repository, workflow: "cd.yml" }))
const rule = (source: object, ...repositories: ReadonlyArray<string>) => ({
  source: { workflow: "ci.yml", ...source },
  targets: to(...repositories)
})
const dispatched = { targets: 1, queued: 1, dispatched: 1, tried: 1, running: 1 }
const failed = { targets: 1, queued: 1, failed: 1, tried: 1 }
const denied = { targets: 1, denied: 1 }

const kinds: ReadonlyArray<Kind> = [
  { name: "nothing", answer: absent, counts: { ignored: 1 }, targets: {} },
  { name: "broken", answer: invalid("no such key"), counts: { invalid: 1 }, targets: {} },
  {
    name: "elsewhere",
    answer: found({ outbound: [rule({ branches: ["release"] }, "open", "closed")] }),
    counts: { ignored: 1 },
    targets: {}
  },
  {
    name: "plain",
    answer: found({ outbound: [rule({}, "open")] }),
    counts: { planned: 1 },
    targets: { open: dispatched }
  },
  {
    name: "mixed",
    answer: found({ outbound: [rule({}, "open", "closed", "gone"), rule({ branches: ["x"] }, "other")] }),
    counts: { planned: 1 },
    targets: { open: dispatched, closed: denied, gone: failed }
  },
  {
    name: "wide",
    answer: found({ outbound: [rule({}, "open", "other", "open")] }),
    counts: { planned: 1 },
    targets: { open: dispatched, other: dispatched }
  }
]
const sourcesOfKind = 4
const sources = kinds.flatMap((kind) =>
  Array.from({ length: sourcesOfKind }, (_, index) => ({ kind, name: `acme/${kind.name}-${index}` }))
)

const letsAllIn = found({
  inbound: [{ source: { repository: "*", workflow: "ci.yml" }, targets: [{ workflow: "cd.yml" }] }]
})
const answers = new Map<RepositoryName, ConfigAnswer>([
  ...sources.map(({ kind, name }) => [RepositoryName.make(name), kind.answer] as const),
  ...["open", "other", "gone"].map((name) => [RepositoryName.make(`acme/${name}`), letsAllIn] as const),
  [RepositoryName.make("acme/closed"), found({ inbound: [] })]
])

/** A GitHub that starts everything but what is gone. */
const gitHub = Layer.effect(
  Workflows,
  Effect.map(Workflows, ({ start, findStarted, ending }) => ({
    findStarted,
    ending,
    start: (order, maySend) =>
      order.target.repository === "acme/gone"
        ? Effect.fail(new GitHubError({ operation: "start", reason: new NotFound({ message: "Not Found" }) }))
        : start(order, maySend)
  }))
).pipe(Layer.provideMerge(layerFakeGitHub(answers)))

const stores = Layer.mergeAll(Ledger.layer, Recorder.layer, Queries.layer, Consent.layer).pipe(
  Layer.provideMerge(layerQueue),
  Layer.provideMerge(
    Layer.mergeAll(
      layerTable,
      layerQueues,
      gitHub,
      layerSettings({ createChecks: false }),
      Layer.effect(
        Timing,
        Effect.map(Timing, (timing) => ({ ...timing, reportEvery: Duration.zero }))
      )
    )
  )
)

/** A count of its own for each scope. */
class Count {
  readonly scopes = new Map<string, { readonly scope: Scope; readonly counts: Record<string, number> }>()
  add(scope: Scope, counts: Readonly<Record<string, number>>) {
    const key = JSON.stringify(scope)
    const found = this.scopes.get(key) ?? { scope, counts: {} }
    for (const [name, count] of Object.entries(counts)) found.counts[name] = (found.counts[name] ?? 0) + count
    this.scopes.set(key, found)
  }
  run({ kind, name }: (typeof sources)[number]) {
    const source = RepositoryName.make(name)
    const whole: ReadonlyArray<Scope> = [
      globalScope,
      { _tag: "Source", repository: source },
      { _tag: "Workflow", repository: source, workflow: WorkflowFile.make("ci.yml") }
    ]
    for (const scope of whole) this.add(scope, { accepted: 1, ...kind.counts })
    for (const [repository, counts] of Object.entries(kind.targets)) {
      const target = RepositoryName.make(`acme/${repository}`)
      for (const scope of whole) this.add(scope, counts)
      this.add({ _tag: "Target", repository: target }, counts)
      this.add({ _tag: "Pair", source, target }, counts)
    }
  }
}

describe("figures", () => {
  it.live(`of ${deliveries} deliveries are what was sent, some of it more than once`, () =>
    Effect.gen(function* () {
      const plans = yield* PlanQueue
      const queues = yield* Effect.all([OrderQueue, ReportQueue, FactQueue])
      const chance = new Chance(3000)
      const count = new Count()
      const now = new Date().toISOString()
      for (let id = 1; id <= deliveries; id++) {
        const source = sources[chance.below(sources.length)] ?? assert.fail("no source")
        count.run(source)
        const run = sourceRun({
          repository: source.name,
          repositoryId: 1 + sources.indexOf(source),
          runId: id,
          workflow: "ci.yml"
        })
        const body = {
          version: 1,
          deliveryId: DeliveryId.make(`00000000-0000-4000-8000-${String(id).padStart(12, "0")}`),
          acceptedAt: now,
          run: { ...run, runId: GitHubId.make(String(id)) },
          generation: 0
        } as const
        yield* plans.offer(Array.from({ length: chance.below(5) === 0 ? 2 : 1 }, () => ({ body })))
      }
      yield* Effect.forkScoped(plans.consume(plan.handleAll, { concurrency: 2, batchSize: 50 }))
      const [orders, reports, facts] = queues
      yield* Effect.forkScoped(orders.consume(dispatch.handleAll, { concurrency: 16, batchSize: 1 }))
      yield* Effect.forkScoped(reports.consume(report.handleAll, { concurrency: 4, batchSize: 1 }))
      yield* Effect.forkScoped(facts.consume(record.handleAll, { concurrency: 2, batchSize: 100 }))
      const isOver = Effect.map(Effect.all([plans, ...queues].map(({ depth }) => depth)), (depths) =>
        depths.every(({ waiting, inFlight }) => waiting + inFlight === 0)
      )
      yield* Effect.sleep("20 millis").pipe(Effect.repeat({ until: () => isOver }))
      for (const { dead } of yield* Effect.all([plans, ...queues].map(({ depth }) => depth)))
        assert.strictEqual(dead, 0)
      while ((yield* rollup) === "more");

      const { figures } = yield* DashboardQueries
      assert.isAbove(count.scopes.size, 60)
      for (const { scope, counts } of count.scopes.values()) {
        const { counts: counted } = yield* figures(scope, "24h")
        const expected = Object.fromEntries(Object.keys(counted).map((name) => [name, counts[name] ?? 0]))
        assert.deepStrictEqual(counted, expected, JSON.stringify(scope))
      }
    }).pipe(Effect.scoped, Effect.provide(stores), Effect.provideService(References.MinimumLogLevel, "None"))
  )
})
