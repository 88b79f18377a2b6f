/** What the tests do at GitHub, what they wait for, and what they then look at: GitHub's runs and the service's ledger. */
import { Duration, Effect, Option, Schema } from "effect"
import { countedStatuses } from "../../src/domain/FactTable.ts"
import type { Plan } from "../../src/domain/Plan.ts"
import { globalScope } from "../../src/domain/Scope.ts"
import { GitHubId, type RunKey, runKey } from "../../src/domain/SourceRun.ts"
import { FactQueue, OrderQueue, PlanQueue, ReportQueue } from "../../src/flow/Queues.ts"
import { rollup } from "../../src/flow/Rollup.ts"
import { Ledger } from "../../src/ledger/Ledger.ts"
import { DashboardQueries } from "../../src/readmodel/DashboardQueries.ts"
import type { DispatchedRun } from "../../src/sandbox/Control.ts"
import { type Delivery, Sandbox } from "../../src/sandbox/Sandbox.ts"
import type { CompletedRun, WorkflowRunCompleted } from "../../src/sandbox/WorkflowRunEvent.ts"
import { standingsOf } from "../fixtures/Standings.ts"
import { shop } from "./Scenarios.ts"

/** What was waited for did not come. */
class NotInTime extends Schema.TaggedError<NotInTime>()("NotInTime", { message: Schema.String }) {}

/** After so long without the answer that is waited for, a test hangs. */
const hanging = Duration.minutes(4)

/** How long a question rests: a tenth of what it has waited for, so that asking takes little of the time of what is asked for. */
const rest = (waited: Duration.Duration) =>
  Duration.clamp(Duration.times(waited, 0.1), { minimum: Duration.millis(20), maximum: Duration.millis(250) })

/** Asks until the answer is as wanted. */
export const until = <A, E, R>(
  question: Effect.Effect<A, E, R>,
  wanted: (answer: A) => boolean
): Effect.Effect<A, E | NotInTime, R> =>
  Effect.gen(function* () {
    const began = performance.now()
    let last = yield* question
    while (!wanted(last)) {
      const waited = Duration.millis(performance.now() - began)
      if (Duration.isGreaterThan(waited, hanging)) {
        const message = `after ${Duration.format(hanging)} it is still ${JSON.stringify(last)}`
        return yield* new NotInTime({ message })
      }
      yield* Effect.sleep(rest(waited))
      last = yield* question
    }
    return last
  })

/** Completes a run at GitHub: of `ci.yml` in `acme/shop`, successful, on its default branch, unless stated otherwise. */
export const complete = (run: Partial<CompletedRun> = {}) =>
  Sandbox.use((sandbox) => sandbox.completeRun({ ...shop, ...run }))

/** What a delivery's status is where no answer came in the time that GitHub waits, which a busy machine may need for a start. */
const unanswered = 0

/** Completes a run and delivers it once; again where it was not answered in GitHub's time. */
export const completeAndDeliver = Effect.fnUntraced(function* (run: Partial<CompletedRun> = {}) {
  const sandbox = yield* Sandbox
  const payload = yield* complete(run)
  const answered = ({ statusCode }: Delivery) => statusCode !== unanswered
  return { payload, delivery: yield* Effect.repeat(sandbox.deliver(payload), { until: answered, times: 5 }) }
})

const readRun = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.Struct({ workflow_run: Schema.Struct({ id: Schema.Int, run_attempt: Schema.Int }) }))
)
const runIn = ({ payload }: Delivery): string => {
  const { id, run_attempt } = readRun(payload).workflow_run
  return `${id}/${run_attempt}`
}

/** Has GitHub send again the runs of which no delivery was taken, once each; gives how many runs it has delivered by now, taken or not. */
export const redeliverLost = Effect.gen(function* () {
  const { deliveries, redeliver } = yield* Sandbox
  const byRun = Map.groupBy(yield* deliveries, runIn)
  const lost = [...byRun.values()].filter((all) => all.every(({ statusCode }) => statusCode !== 202))
  yield* Effect.forEach(lost, ([first]) => (first === undefined ? Effect.void : redeliver(first)))
  return byRun.size
})

/** The ledger's key of a completed run. */
export const keyOf = ({ repository, workflow_run }: WorkflowRunCompleted): RunKey =>
  runKey({
    repositoryId: GitHubId.make(String(repository.id)),
    runId: GitHubId.make(String(workflow_run.id)),
    attempt: workflow_run.run_attempt ?? 1
  })

/** The runs that GitHub started for one attempt of a source run, by target: there should never be two of one target. */
export const startedFor = Effect.fnUntraced(function* ({ workflow_run: { id, run_attempt } }: WorkflowRunCompleted) {
  const { startedRuns } = yield* Sandbox
  const all: ReadonlyArray<DispatchedRun> = yield* startedRuns()
  return all.filter(({ inputs }) => inputs.run === `${id}/${run_attempt}`)
})

/** The repositories in which runs were started for one attempt of a source run, in alphabetical order. */
export const startedIn = (payload: WorkflowRunCompleted) =>
  Effect.map(startedFor(payload), (runs) => runs.map(({ repository }) => repository).sort())

/** What the check runs of one attempt of a source run show: there should never be two. */
export const checksOf = (payload: WorkflowRunCompleted) =>
  Effect.map(
    Sandbox.use(({ checkRuns }) => checkRuns(payload.repository.full_name)),
    (all) =>
      all
        .filter(({ externalId }) => externalId.split("#")[0] === keyOf(payload))
        .map(({ conclusion, output }) => `${conclusion ?? "in progress"}: ${output.title}`)
  )

/** What the queues still hold, in hand or waiting for their time, and what they have given up. */
const messages = Effect.gen(function* () {
  const depths = yield* Effect.all([
    (yield* PlanQueue).depth,
    (yield* OrderQueue).depth,
    (yield* ReportQueue).depth,
    (yield* FactQueue).depth
  ])
  return {
    left: depths.reduce((sum, { waiting, inFlight }) => sum + waiting + inFlight, 0),
    dead: depths.reduce((sum, { dead }) => sum + dead, 0)
  }
})

/** Waits until nothing is left to do, and nothing was given up: then whatever has not happened will not happen. */
export const idle = until(messages, ({ left, dead }) => left === 0 && dead === 0)

/** The stored plan of a run. */
export const planOf = (payload: WorkflowRunCompleted) =>
  Effect.gen(function* () {
    const stored = yield* (yield* Ledger).plan(keyOf(payload))
    return Option.map(stored, ({ value }): Plan => value)
  })

/** How the targets of a run were decided: `allowed` or the code of the denial, by repository. */
export const decisionsOf = (payload: WorkflowRunCompleted) =>
  Effect.map(
    planOf(payload),
    Option.match({
      onNone: () => ({}),
      onSome: ({ decisions }) =>
        Object.fromEntries(
          decisions.map((decision) => [
            decision.target.repository,
            decision._tag === "Allowed" ? "allowed" : decision.denial.code
          ])
        )
    })
  )

/** How the orders of a run ended, by repository: the started run's id, or the outcome where there is none. */
export const outcomesOf = (payload: WorkflowRunCompleted) =>
  Effect.gen(function* () {
    const standings = yield* standingsOf(yield* Ledger, keyOf(payload))
    return Object.fromEntries(
      standings.map(({ order, outcome }) => [
        order.target.repository,
        (outcome?._tag === "Dispatched" ? outcome.started?.id : undefined) ?? outcome?._tag ?? "open"
      ])
    )
  })

/** What {@link outcomesOf} is where every run that GitHub started is bound to the order that it was started for. */
export const startedIds = (payload: WorkflowRunCompleted) =>
  Effect.map(startedFor(payload), (runs) =>
    Object.fromEntries(runs.map(({ repository, id }) => [repository, String(id)]))
  )

/**
 * How often each thing is counted in the last hour, as of now; what never happened is left out. The service's own rollup may have the turn:
 * then this one waits for it.
 */
export const recorded = Effect.gen(function* () {
  yield* until(rollup, (result) => result === "done")
  const { counts } = yield* DashboardQueries.use(({ figures }) => figures(globalScope, "1h"))
  const counted = countedStatuses.map((name) => [name, counts[name]] as const)
  return Object.fromEntries(counted.filter(([, count]) => count > 0))
})
