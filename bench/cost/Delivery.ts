/** One delivery, from Plan to its results, counted. */
import { Clock, Effect, Layer } from "effect"
import type { ConfigAnswer } from "../../src/domain/Config.ts"
import type { RepositoryName } from "../../src/domain/Names.ts"
import * as Consent from "../../src/flow/Consent.ts"
import { dispatch } from "../../src/flow/Dispatch.ts"
import { plan } from "../../src/flow/Plan.ts"
import { OrderQueue, PlanQueue, ReportQueue } from "../../src/flow/Queues.ts"
import { report } from "../../src/flow/Report.ts"
import { layerSettings } from "../../src/flow/Settings.ts"
import * as Ledger from "../../src/ledger/Ledger.ts"
import type { TableName } from "../../src/ports/Table.ts"
import * as Recorder from "../../src/readmodel/Recorder.ts"
import { layerMemory as layerChecks } from "../../src/testing/fakes/Checks.ts"
import { layerMemory as layerConfigs } from "../../src/testing/fakes/ConfigSource.ts"
import * as FakeGitHubApp from "../../src/testing/fakes/GitHubApp.ts"
import { layerMemory as layerQueues } from "../../src/testing/fakes/Queues.ts"
import { layerMemory as layerReports } from "../../src/testing/fakes/Reports.ts"
import { layerMemory as layerWorkflows } from "../../src/testing/fakes/Workflows.ts"
import { Chance } from "../../test/fixtures/Chance.ts"
import { dispatchRun, endStarted, layerTiming, world } from "../Flow.ts"
import { sharesOf } from "./Batches.ts"
import { layerBus, layerUsed, Used, usedBy } from "./Counting.ts"
import { layerGitHub, layerOffers } from "./Requests.ts"
import { layerNothing, layerWritten, storedByteMonths, Written } from "./Stored.ts"
import { invoked, layerLog, typicalOf, type Work } from "./Work.ts"

/** Invocations of one kind: how many a delivery has, and what one of them does. */
interface Invocations {
  readonly times: number
  readonly work: Work
}

/** What a delivery uses. */
export interface DeliveryUnits {
  /** Write and read units of the ledger, with its check run and report. */
  readonly ledgerWrites: number
  readonly ledgerReads: number
  /** Write and read units of recording its facts, in batches as they come. */
  readonly factWrites: number
  readonly factReads: number
  readonly facts: number
  /** What carries them, each of which is billed as one event and as one message; and their bytes, as JSON. */
  readonly messages: number
  readonly messageBytes: number
  /** What stages do with its messages, each handled alone. */
  readonly plan: Invocations
  readonly order: Invocations
  readonly report: Invocations
  readonly record: Invocations
  /** What is stored of it in each table, times the months that it stays. */
  readonly storedByteMonths: Readonly<Record<TableName, number>>
  /** Write units of the result of what it started, which GitHub sends as another delivery: in the ledger and for its fact. */
  readonly resultLedgerWrites: number
  readonly resultFactWrites: number
}

/** So many targets; with none, the source has no file. */
const configsOf = (targets: number): ReadonlyMap<RepositoryName, ConfigAnswer> =>
  targets > 0 ? world(targets) : new Map([...world(1).keys()].map((name) => [name, { _tag: "Absent" }]))

const layers = (targets: number) =>
  Layer.mergeAll(Ledger.layer, Consent.layer, Recorder.layer).pipe(
    Layer.provideMerge(Layer.mergeAll(layerWritten, layerBus, layerGitHub, layerOffers)),
    Layer.provideMerge(
      Layer.mergeAll(
        layerUsed,
        layerNothing,
        layerQueues,
        layerWorkflows,
        layerReports,
        layerChecks,
        layerConfigs(configsOf(targets)),
        FakeGitHubApp.layerMemory,
        layerSettings(),
        layerTiming
      )
    ),
    Layer.provideMerge(layerLog)
  )

/** Records what was published from there on; what of a run comes in one batch is counted as an invocation. */
const recordAll = Effect.fnUntraced(function* (from: number, chance: Chance) {
  const { published } = yield* Used
  const { record } = yield* Recorder.Recorder
  const shares = sharesOf(published.slice(from), chance)
  const each = yield* Effect.forEach(shares, (messages) => invoked(record(messages.flatMap(({ facts }) => facts))))
  return each.map(({ counts }) => counts)
})

const rounds = 40

/** Counts deliveries with so many targets after the first ones, which make known what is written once. */
export const countDelivery = (targets: number): Effect.Effect<DeliveryUnits> =>
  Effect.gen(function* () {
    const handled = { plan: [] as Array<Work>, order: [] as Array<Work>, report: [] as Array<Work> }
    const counting =
      <B extends ReadonlyArray<unknown>, V, R>(
        stage: keyof typeof handled,
        handle: (all: B) => Effect.Effect<V, never, R>
      ) =>
      (messages: B): Effect.Effect<V, never, R> =>
        Effect.map(invoked(handle(messages)), ({ counts, answer }) => {
          handled[stage].push(counts)
          return answer
        })
    const chance = new Chance(1)
    const one = { concurrency: 1, batchSize: 1 }
    yield* Effect.forkScoped(PlanQueue.use((queue) => queue.consume(counting("plan", plan.handleAll), one)))
    yield* Effect.forkScoped(OrderQueue.use((queue) => queue.consume(counting("order", dispatch.handleAll), one)))
    yield* Effect.forkScoped(ReportQueue.use((queue) => queue.consume(counting("report", report.handleAll), one)))
    for (let warm = 1; warm <= rounds; warm++) yield* dispatchRun(warm)
    yield* recordAll(0, chance)
    const { published } = yield* Used
    const recorded = published.length
    for (const all of Object.values(handled)) all.length = 0
    ;(yield* Written).clear()
    const flow = yield* usedBy(
      Effect.forEach(
        Array.from({ length: rounds }, (_, n) => 100 + n),
        dispatchRun
      )
    )
    const invocationsOf = (all: ReadonlyArray<Work>): Invocations => ({
      times: all.length / rounds,
      work: typicalOf(all)
    })
    const stages = {
      plan: invocationsOf(handled.plan),
      order: invocationsOf(handled.order),
      report: invocationsOf(handled.report)
    }
    const recording = yield* usedBy(Effect.map(recordAll(recorded, chance), invocationsOf))
    const stored = yield* storedByteMonths(yield* Clock.currentTimeMillis)
    const known = published.length
    const following = yield* usedBy(endStarted(rounds * targets))
    // A result ends the wait for it, and is kept with its order.
    const ended = yield* storedByteMonths(yield* Clock.currentTimeMillis)
    const followed = yield* usedBy(recordAll(known, chance))
    const each = (sum: number) => sum / rounds
    return {
      ledgerWrites: each(flow.writes),
      ledgerReads: each(flow.reads),
      factWrites: each(recording.writes),
      factReads: each(recording.reads),
      facts: each(flow.published.flatMap(({ facts }) => facts).length),
      messages: each(flow.published.length),
      messageBytes: each(flow.published.reduce((sum, one) => sum + Buffer.byteLength(JSON.stringify(one)), 0)),
      ...stages,
      record: recording.answer,
      storedByteMonths: {
        ledger: each(ended.ledger),
        events: each(stored.events),
        projections: each(stored.projections)
      },
      resultLedgerWrites: each(following.writes),
      resultFactWrites: each(followed.writes)
    }
  }).pipe(Effect.scoped, Effect.provide(layers(targets)), Effect.orDie)
