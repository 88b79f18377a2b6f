/**
 * The stages over in-memory ports, for tests: a small world of repositories with their configs, messages to hand to a stage, workers that
 * consume the queues as the server does, and everything that was logged.
 */
import { assert, it } from "@effect/vitest"
import { Context, Duration, Effect, Layer, Logger, Option, Redacted, References, type Scope } from "effect"
import { TestClock } from "effect/testing"
import type { ConfigAnswer } from "../../src/domain/Config.ts"
import type { Fact, FactType } from "../../src/domain/Fact.ts"
import type { Order } from "../../src/domain/Order.ts"
import type { Outcome } from "../../src/domain/Outcome.ts"
import { isComplete } from "../../src/domain/Plan.ts"
import { runKey, type SourceRun } from "../../src/domain/SourceRun.ts"
import * as Consent from "../../src/flow/Consent.ts"
import { dispatch } from "../../src/flow/Dispatch.ts"
import { factMessages } from "../../src/flow/FactMessages.ts"
import { plan } from "../../src/flow/Plan.ts"
import { aboutRun, OrderQueue, PlanQueue, ReportQueue } from "../../src/flow/Queues.ts"
import { report } from "../../src/flow/Report.ts"
import { layerSettings, type Settings, WebhookSecrets } from "../../src/flow/Settings.ts"
import * as SignatureWatch from "../../src/flow/SignatureWatch.ts"
import * as TargetMemory from "../../src/flow/TargetMemory.ts"
import * as Ledger from "../../src/ledger/Ledger.ts"
import { fixed } from "../../src/ports/Renewed.ts"
import type { Verdict } from "../../src/ports/WorkQueue.ts"
import { ProcessTraffic, Traffic } from "../../src/queue/Traffic.ts"
import { Faults, layer as layerMemory, PublishedFacts, StoredConfigs } from "../../src/testing/fakes/Memory.ts"
import { found } from "../fixtures/Configs.ts"
import { judge, type Situation } from "../fixtures/Plans.ts"
import { acceptance, repository } from "../fixtures/Runs.ts"
import { standingsOf } from "../fixtures/Standings.ts"

/** The secrets that the harness signs with. */
export const secrets = { current: "the current secret", previous: "the previous secret" }

const isAnswer = (value: string | object): value is ConfigAnswer => typeof value === "object" && "_tag" in value

/** Lets a repository have a `dispatching.yml`, or give another answer. */
export const set = (name: string, answer: string | object | ConfigAnswer) =>
  StoredConfigs.use((configs) => configs.set(repository(name), isAnswer(answer) ? answer : found(answer)))

/** The repositories of each request for configs so far. */
export const loads = Effect.map(
  Faults.use(({ calls }) => calls),
  (calls) =>
    calls
      .filter(({ operation }) => operation === "ConfigSource.load")
      .map(({ input }) => input[0] as ReadonlyArray<string>)
)

/** The requests of a port to GitHub so far, by method. */
export const requestsOf = (port: "Workflows" | "Reports" | "Checks") =>
  Effect.map(
    Faults.use(({ operations }) => operations),
    (operations) => operations.filter((each) => each.startsWith(`${port}.`)).map((each) => each.slice(port.length + 1))
  )

/** The calls of ports that some work makes, in order. */
export const operationsOf = <E, R>(work: Effect.Effect<unknown, E, R>) =>
  Effect.map(
    Faults.use((faults) => faults.callsOf(work)),
    (calls) => calls.map(({ operation }) => operation)
  )

export interface LogLine {
  readonly level: string
  readonly text: string
  readonly annotations: Readonly<Record<string, unknown>>
  /** Everything that was logged, as text. */
  readonly all: string
}

/** What was logged, in order. */
export class Logs extends Context.Service<Logs, { readonly lines: Effect.Effect<ReadonlyArray<LogLine>> }>()(
  "dispatcher/test/flow/Logs"
) {}

const layerLogs = Layer.unwrap(
  Effect.sync(() => {
    const lines: Array<LogLine> = []
    const logger = Logger.make<unknown, void>(({ message, logLevel, fiber, cause }) => {
      const [text, ...rest] = Array.isArray(message) ? message : [message]
      const annotations = { ...fiber.getRef(References.CurrentLogAnnotations) }
      const all = [text, ...rest.map(String), JSON.stringify(rest), JSON.stringify(annotations), String(cause)].join(
        " "
      )
      lines.push({ level: logLevel, text: String(text), annotations, all })
    })
    return Layer.merge(Logger.layer([logger]), Layer.succeed(Logs, { lines: Effect.sync(() => [...lines]) }))
  })
)

/** Everything that stages need, all of it in memory and with the script of {@link Faults} around it. */
export const layer = (settings: Partial<Settings["Service"]> = {}) =>
  Layer.mergeAll(Ledger.layer, Consent.layer, SignatureWatch.layer).pipe(
    Layer.provideMerge(layerMemory()),
    Layer.provideMerge(
      Layer.mergeAll(
        layerLogs,
        layerSettings(settings),
        Layer.sync(ProcessTraffic, () => new Traffic()),
        TargetMemory.layer,
        Layer.succeed(
          WebhookSecrets,
          fixed({ current: Redacted.make(secrets.current), previous: Redacted.make(secrets.previous) })
        )
      )
    )
  )

/** A test in a world of its own. */
export const scenario = (
  what: string,
  body: Effect.Effect<void, unknown, Layer.Success<ReturnType<typeof layer>> | Scope.Scope>,
  settings?: Partial<Settings["Service"]>
) => it.effect(what, () => body.pipe(Effect.scoped, Effect.provide(layer(settings))))

/** A message as the first of many attempts, or another one. */
interface Attempt {
  readonly attempt?: number
  readonly lastAttempt?: boolean
}
const received = <A>(body: A, { attempt = 1, lastAttempt = false }: Attempt) => ({
  id: "1",
  body,
  attempt,
  lastAttempt,
  offeredAt: 0
})

export const factMessage = (...facts: ReadonlyArray<Fact>) =>
  received(factMessages(facts)[0] ?? assert.fail("there are no facts"), {})
export const planMessage = (run: SourceRun, attempt: Attempt = {}) =>
  received({ version: 1, ...acceptance(run) } as const, attempt)
export const dispatchMessage = ({ id, ...of }: Pick<Order, "deliveryId" | "run" | "id">, attempt: Attempt = {}) =>
  received({ version: 1, ...aboutRun(of), order: id, generation: 0 } as const, attempt)
export const reportMessage = (run: SourceRun, attempt: Attempt = {}) =>
  received({ version: 1, ...aboutRun(acceptance(run)) } as const, attempt)

/** Stores the plan that a situation leads to, with its orders. */
export const planned = Effect.fnUntraced(function* (situation: Situation) {
  const ledger = yield* Ledger.Ledger
  const { run, decisions, orders } = judge(situation)
  yield* ledger.savePlan({ ...acceptance(run), config: { _tag: "Found" }, decisions, pending: [] }, orders, undefined)
  return { run, decisions, orders }
})

/** Delivers a run to the plan queue. */
export const deliver = (run: SourceRun) => PlanQueue.use((queue) => queue.offer([{ body: planMessage(run).body }]))

/** Starts the workers of one server; they die with the scope. */
export const workers = Effect.gen(function* () {
  const plans = yield* PlanQueue
  const orders = yield* OrderQueue
  yield* Effect.forkScoped(plans.consume(plan.handleAll, { concurrency: 4, batchSize: 1 }))
  const reports = yield* ReportQueue
  yield* Effect.forkScoped(orders.consume(dispatch.handleAll, { concurrency: 8, batchSize: 1 }))
  yield* Effect.forkScoped(reports.consume(report.handleAll, { concurrency: 4, batchSize: 1 }))
})

/** Lets workers do everything that there is to do, however long it takes. */
export const untilQuiet = Effect.gen(function* () {
  const plans = yield* PlanQueue
  const orders = yield* OrderQueue
  const reports = yield* ReportQueue
  for (let round = 0; round < 800; round++) {
    yield* TestClock.adjust(round < 400 ? Duration.seconds(30) : Duration.minutes(15))
    const depths = yield* Effect.all([plans.depth, orders.depth, reports.depth])
    if (depths.every(({ waiting, inFlight }) => waiting + inFlight === 0)) return
  }
  return yield* Effect.die("there still is work to do after four days")
})

/** The facts that were published, each once, of one type or all. */
export const facts = Effect.fnUntraced(function* <T extends FactType = FactType>(type?: T) {
  const published = yield* PublishedFacts
  const distinct = new Map((yield* published.all).map((fact) => [fact.id, fact]))
  return [...distinct.values()].filter(
    (fact): fact is Extract<Fact, { readonly type: T }> => type === undefined || fact.type === type
  )
})

/** How an order ended, if it did. */
export const outcomeOf = Effect.fnUntraced(function* ({ run, id }: Pick<Order, "run" | "id">) {
  const ledger = yield* Ledger.Ledger
  const standings = yield* standingsOf(ledger, runKey(run))
  return standings.find(({ order }) => order.id === id)?.outcome satisfies Outcome | undefined
})

/** How far a run has come, and whether it was reported with its latest plan. */
export const progressOf = Effect.fnUntraced(function* (run: SourceRun) {
  const ledger = yield* Ledger.Ledger
  const key = runKey(run)
  const plan = Option.getOrUndefined(yield* ledger.plan(key))?.value
  if (plan === undefined) return undefined
  const latest = yield* ledger.latestReport(key)
  const standings = yield* standingsOf(ledger, key)
  const settled = standings.filter(({ outcome }) => outcome !== undefined).length
  const complete = isComplete(plan)
  assert.strictEqual(yield* ledger.isOver(key), complete && settled === standings.length)
  const reported = latest !== undefined && latest.generation >= plan.generation
  return { expected: standings.length, settled, complete, reported }
})

/** How many messages wait in the report queue. */
export const waitingReports = Effect.gen(function* () {
  const { waiting } = yield* (yield* ReportQueue).depth
  return waiting
})

/** How long a verdict puts its message off, in milliseconds. */
export const putOff = (verdict: Verdict): number => {
  assert.strictEqual(verdict._tag, "Retry")
  return verdict._tag === "Retry" ? Duration.toMillis(verdict.after) : Number.NaN
}
