/**
 * Follow: the end of a run that an order started. The result is stored with the order, published, and shown where the work began.
 *
 * Plan follows each run that it handles, since the delivery that brings a result may be about a source run as well; Sweep asks for
 * results that no delivery brings (`OverdueResults.ts`). Repeating it stores nothing twice and publishes the same.
 */
import { Effect } from "effect"
import { resultFact } from "../domain/Fact.ts"
import { targetLabel } from "../domain/Order.ts"
import type { StartedRun } from "../domain/Outcome.ts"
import { isGood, type RunResult, resultOfRun } from "../domain/RunResult.ts"
import type { Acceptance } from "../domain/SourceRun.ts"
import type { StoredResult } from "../ledger/Items.ts"
import { Ledger } from "../ledger/Ledger.ts"
import type { StartedOrder } from "../ledger/Orders.ts"
import { FactBus } from "../ports/FactBus.ts"
import { GitHubApp } from "../ports/GitHubApp.ts"
import { aboutRun, ReportQueue } from "./Queues.ts"
import { publisher } from "./Settings.ts"

/** The run that an order started; undefined where GitHub never named it. */
export const startedRunOf = ({ state: { outcome } }: StartedOrder): StartedRun | undefined =>
  outcome._tag === "Dispatched" && outcome.started !== null ? outcome.started : undefined

const detailsOf = (result: RunResult) =>
  result._tag === "Lost"
    ? { result: "lost", why: result.message }
    : { result: result.conclusion, startedAttempt: result.attempt, duration: result.duration }

/** One line with all that is known of a run that ended; a result that is no success is a warning. */
const logResult = ({ order }: StartedOrder, started: StartedRun, { result, at }: StoredResult) =>
  (result._tag === "Completed" && isGood(result.conclusion) ? Effect.logInfo : Effect.logWarning)("run followed").pipe(
    Effect.annotateLogs({
      ...aboutRun(order),
      orderId: order.id,
      target: targetLabel(order.target),
      started: started.url,
      ...detailsOf(result),
      elapsed: at - Date.parse(order.acceptedAt),
      chainDepth: order.chain.depth,
      chainRoot: order.chain.root
    })
  )

/**
 * Stores a result of what an order started, and has the source's report brought up to date; gives the fact of what is stored, for the caller to
 * publish. Two writes and a message; for a result that is known, the message alone.
 */
const storeResult = Effect.fnUntraced(function* (of: StartedOrder, result: RunResult) {
  const started = startedRunOf(of)
  if (started === undefined) return []
  const ledger = yield* Ledger
  const reports = yield* ReportQueue
  const app = yield* GitHubApp
  const { stored, isNew } = yield* ledger.storeResult(of, result, yield* app.now)
  if (isNew) yield* logResult(of, started, stored)
  yield* reports.offer([{ body: { version: 1, ...aboutRun(of.order) } }])
  return [resultFact(of.order, started, stored, yield* publisher)]
})

/** Stores a result as {@link follow} does, and publishes it. */
export const followResult = Effect.fn("Follow.followResult")(function* (of: StartedOrder, result: RunResult) {
  const facts = yield* FactBus
  yield* facts.publish(yield* storeResult(of, result))
})

/**
 * Follows the run of a delivery, which an order started; gives the facts to publish. After a double start (docs/architecture.md, "What remains")
 * the order may have settled with another run: then its result is that run's, and not this one's. Costs what {@link storeResult} does.
 */
export const follow = Effect.fn("Follow")(function* (
  startedBy: StartedOrder,
  acceptance: Pick<Acceptance, "run" | "acceptedAt">
) {
  const { run } = acceptance
  const started = startedRunOf(startedBy)
  if (started?.id === run.runId) return yield* storeResult(startedBy, resultOfRun(acceptance))
  if (started !== undefined)
    yield* Effect.logWarning("the run is not followed; the order that started it settled with another").pipe(
      Effect.annotateLogs({ orderId: startedBy.order.id, started: started.url, completed: run.url })
    )
  return []
})
