/** One delivery with one target, from Plan to its result, counted. */
import { Clock, Effect, Layer } from "effect"
import * as Logging from "../../src/entry/Logging.ts"
import * as Consent from "../../src/flow/Consent.ts"
import { dispatch } from "../../src/flow/Dispatch.ts"
import { plan } from "../../src/flow/Plan.ts"
import { OrderQueue, PlanQueue, ReportQueue } from "../../src/flow/Queues.ts"
import { report } from "../../src/flow/Report.ts"
import { layerSettings } from "../../src/flow/Settings.ts"
import * as Ledger from "../../src/ledger/Ledger.ts"
import * as Recorder from "../../src/readmodel/Recorder.ts"
import { layerMemory as layerChecks } from "../../src/testing/fakes/Checks.ts"
import { layerMemory as layerConfigs } from "../../src/testing/fakes/ConfigSource.ts"
import * as FakeGitHubApp from "../../src/testing/fakes/GitHubApp.ts"
import { layerMemory as layerQueues } from "../../src/testing/fakes/Queues.ts"
import { layerMemory as layerReports } from "../../src/testing/fakes/Reports.ts"
import { layerMemory as layerWorkflows } from "../../src/testing/fakes/Workflows.ts"
import { dispatchRun, endStarted, layerTiming, world } from "../Flow.ts"
import { layerBus, layerUsed, Used, usedBy } from "./Counting.ts"
import { layerNothing, layerWritten, storedByteMonths, Written } from "./Stored.ts"

/** What a delivery uses. */
export interface DeliveryUnits {
  /** Write and read units of the ledger, with its check run and report. */
  readonly ledgerWrites: number
  readonly ledgerReads: number
  /** Write and read units of recording its facts, as they are published: together or one by one. */
  readonly factWrites: number
  readonly factReads: number
  readonly facts: number
  /** Messages that stages handled, of the order queue and of the others; each call of the bus is a batch of facts. */
  readonly orderMessages: number
  readonly otherMessages: number
  readonly factBatches: number
  /** What is stored of it, times the months that it stays. */
  readonly storedByteMonths: number
  /** Write units of the result of what it started, which GitHub sends as another delivery: in the ledger and for its fact. */
  readonly resultLedgerWrites: number
  readonly resultFactWrites: number
}

const layers = Layer.mergeAll(Ledger.layer, Consent.layer, Recorder.layer).pipe(
  Layer.provideMerge(Layer.mergeAll(layerWritten, layerBus)),
  Layer.provideMerge(
    Layer.mergeAll(
      layerUsed,
      layerNothing,
      layerQueues,
      layerWorkflows,
      layerReports,
      layerChecks,
      layerConfigs(world(1)),
      FakeGitHubApp.layerMemory,
      layerSettings(),
      layerTiming
    )
  ),
  Layer.provideMerge(Logging.layer("None"))
)

const recordAll = Effect.fnUntraced(function* (from: number) {
  const { published } = yield* Used
  const { record } = yield* Recorder.Recorder
  for (const facts of published.slice(from)) yield* record(facts)
})

/** Counts the deliveries after the first ones, which make known what is written once. */
export const countDelivery: Effect.Effect<DeliveryUnits> = Effect.gen(function* () {
  const handled = { order: 0, other: 0 }
  const counting =
    <A, B extends ReadonlyArray<unknown>>(queue: keyof typeof handled, handle: (messages: B) => A) =>
    (messages: B): A => {
      handled[queue] += messages.length
      return handle(messages)
    }
  const one = { concurrency: 1, batchSize: 1 }
  yield* Effect.forkScoped(PlanQueue.use((queue) => queue.consume(counting("other", plan.handleAll), one)))
  yield* Effect.forkScoped(OrderQueue.use((queue) => queue.consume(counting("order", dispatch.handleAll), one)))
  yield* Effect.forkScoped(ReportQueue.use((queue) => queue.consume(counting("other", report.handleAll), one)))
  const rounds = 10
  for (let warm = 1; warm <= rounds; warm++) yield* dispatchRun(warm)
  yield* recordAll(0)
  const { published } = yield* Used
  const recorded = published.length
  handled.order = 0
  handled.other = 0
  ;(yield* Written).clear()
  const flow = yield* usedBy(
    Effect.forEach(
      Array.from({ length: rounds }, (_, n) => 100 + n),
      dispatchRun
    )
  )
  const recording = yield* usedBy(recordAll(recorded))
  const stored = yield* storedByteMonths(yield* Clock.currentTimeMillis)
  const messages = { ...handled }
  const known = published.length
  const following = yield* usedBy(endStarted(rounds))
  const followed = yield* usedBy(recordAll(known))
  const each = (sum: number) => sum / rounds
  return {
    ledgerWrites: each(flow.writes),
    ledgerReads: each(flow.reads),
    factWrites: each(recording.writes),
    factReads: each(recording.reads),
    facts: each(flow.published.reduce((sum, facts) => sum + facts.length, 0)),
    orderMessages: each(messages.order),
    otherMessages: each(messages.other),
    factBatches: each(flow.published.length),
    storedByteMonths: each(stored),
    resultLedgerWrites: each(following.writes),
    resultFactWrites: each(followed.writes)
  }
}).pipe(Effect.scoped, Effect.provide(layers), Effect.orDie)
