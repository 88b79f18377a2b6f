/**
 * Reconcile: what did a request do whose answer nobody got?
 *
 * GitHub's list of runs is the witness: a run of the order's workflow and ref that this App started in the time of the request and that
 * no other order can have started is ours. Nothing is started again before it had time to appear there. Where GitHub cannot be asked,
 * or its list fits more orders than it has runs, nobody can tell.
 */
import { Clock, Duration, Effect } from "effect"
import type { StartedRun } from "../domain/Outcome.ts"
import type { GitHubError } from "../ports/GitHubError.ts"
import { Workflows } from "../ports/Workflows.ts"
import { Ledger } from "../store/Ledger.ts"
import type { Claim } from "../store/ledger/Claims.ts"
import type { Span } from "../store/ledger/Items.ts"
import { Timing } from "./Settings.ts"

/** What was found out. */
export type Finding =
  | { readonly _tag: "Started"; readonly run: StartedRun | null }
  | { readonly _tag: "NotStarted" }
  | { readonly _tag: "CannotTell"; readonly message: string }
  | { readonly _tag: "NotYet"; readonly after: Duration.Duration; readonly reason: string }

/** What is known when GitHub was asked. */
interface Evidence {
  /** The runs that no order is bound to, oldest first: one of them is ours, unless we started nothing. */
  readonly unbound: ReadonlyArray<StartedRun>
  /** When other orders may have started one of them. */
  readonly rivals: ReadonlyArray<Span>
}

const visibility = Effect.map(Timing, ({ visibleAfter }) => Duration.toMillis(visibleAfter))

/** Gathers the evidence about an order whose latest request was given up at `asked`. */
const gather = Effect.fnUntraced(function* (claim: Claim, asked: number) {
  const workflows = yield* Workflows
  const ledger = yield* Ledger
  const margin = yield* visibility
  const { order, since } = claim
  // Each is asked after the one before was answered, so that an order that started a run in the list is bound to it by now, or a rival.
  const runs = yield* workflows.findStarted(order, since)
  const rivals = yield* ledger.rivals(claim)
  const unbound = yield* Effect.filter(runs, ({ id }) => Effect.map(ledger.isBound(order, id), (bound) => !bound))
  // Twice the margin: one for GitHub, which may act late, one for its clock, which may differ from ours.
  const overlaps = (span: Span) => span.since <= asked + 2 * margin && span.until >= since - 2 * margin
  return { unbound, rivals: rivals.filter(overlaps) } satisfies Evidence
})

/** GitHub could not be asked: for now, or for good. */
const unanswered = Effect.fnUntraced(function* (error: GitHubError) {
  const { recheck } = yield* Timing
  const finding: Finding = error.isTransient
    ? { _tag: "NotYet", after: error.retryAfter ?? recheck, reason: error.message }
    : { _tag: "CannotTell", message: `GitHub cannot be asked what was started: ${error.message}` }
  return finding
})

const notYet = (after: number, reason: string): Finding => ({ _tag: "NotYet", after: Duration.millis(after), reason })

const judge = Effect.fnUntraced(function* (asked: number, { unbound, rivals }: Evidence) {
  const { recheck } = yield* Timing
  const margin = yield* visibility
  const now = yield* Clock.currentTimeMillis
  const untilListed = Math.max(asked, ...(unbound.length > 0 ? rivals.map(({ until }) => until) : [])) + margin - now
  const busyFor = Math.max(...rivals.map(({ until }) => until - now))
  if (unbound.length > 0 && busyFor > 0) {
    return notYet(Math.min(busyFor, Duration.toMillis(recheck)), "the run that was found may be another order's")
  }
  const [oldest] = unbound
  if (oldest !== undefined && rivals.length === 0) return { _tag: "Started", run: oldest } satisfies Finding
  // Each order started one run at most, so as many runs as orders are one for each, but nothing tells which is whose.
  if (unbound.length > rivals.length) return { _tag: "Started", run: null } satisfies Finding
  if (untilListed > 0) return notYet(untilListed, "a started run may not be listed yet")
  if (unbound.length === 0) return { _tag: "NotStarted" } satisfies Finding
  return {
    _tag: "CannotTell",
    message: `GitHub lists ${unbound.length} runs that ${rivals.length + 1} orders may have started; whose they are is not known.`
  } satisfies Finding
})

/**
 * Finds out what earlier requests for an order did, the latest of them given up at `asked`. One request to GitHub, one range read, and a
 * read for every run that GitHub lists.
 */
export const reconcile = Effect.fn("Dispatch.reconcile")(function* (claim: Claim, asked: number) {
  const evidence = yield* Effect.result(gather(claim, asked))
  if (evidence._tag === "Success") return yield* judge(asked, evidence.success)
  if (evidence.failure._tag === "GitHubError") return yield* unanswered(evidence.failure)
  return yield* evidence.failure
})

/**
 * The run that a request started whose answer did not tell it (Enterprise Server before 3.21), if it is listed already and nobody else's.
 * Only a convenience for people: that the workflow was started is certain.
 */
export const findOwnRun = Effect.fnUntraced(
  function* (claim: Claim & { readonly asked: number }) {
    const { unbound, rivals } = yield* gather(claim, claim.asked)
    return rivals.length === 0 ? (unbound[0] ?? null) : null
  },
  Effect.catchTag("GitHubError", (error) =>
    Effect.as(Effect.logWarning("the started run cannot be looked up", error), null)
  )
)
