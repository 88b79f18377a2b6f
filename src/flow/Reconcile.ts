/**
 * Reconcile: what did the requests for an order do whose answers were lost, and what becomes of the claim then?
 *
 * GitHub's list of runs is the witness. While an order holds its target workflow no other order starts it, and earlier orders are bound to
 * the runs that they started; so a run of the workflow and ref that this App started since the claim began, and that no other order is bound
 * to, is the holder's. Nothing is started again before a run had time to appear in the list.
 */
import { Duration, Effect } from "effect"
import type { StartedRun } from "../domain/Outcome.ts"
import { Ledger } from "../ledger/Ledger.ts"
import type { Claim } from "../ledger/Orders.ts"
import { GitHubApp } from "../ports/GitHubApp.ts"
import type { GitHubError } from "../ports/GitHubError.ts"
import type { TableError } from "../ports/Table.ts"
import { Workflows } from "../ports/Workflows.ts"
import { Timing } from "./Settings.ts"
import { keepInDoubt, type ReceivedOrder, settle } from "./Settling.ts"

/** What was found out. `run` is null where GitHub confirmed a start and the run does not show in its list. */
type Reconciliation =
  | { readonly _tag: "Started"; readonly run: StartedRun | null }
  | { readonly _tag: "NotStarted" }
  | { readonly _tag: "Unknowable"; readonly message: string }
  | { readonly _tag: "NotYet"; readonly after: Duration.Duration; readonly reason: string }

/**
 * The run that the holder started, if it shows: the one that is bound to it, where its worker died before the order was settled; or else the
 * oldest, should there be several. One request to GitHub, and one read for each run.
 */
const findOwnRun = Effect.fnUntraced(function* ({ order, since }: Claim) {
  const workflows = yield* Workflows
  const ledger = yield* Ledger
  const runs = yield* workflows.findStarted(order, since)
  const bound = yield* Effect.forEach(runs, ({ id }) => ledger.boundTo(order, id))
  return runs.find((_, index) => bound[index] === order.id) ?? runs.find((_, index) => bound[index] === undefined)
})

/** GitHub could not be asked: for now, or for good. */
const unanswered = Effect.fnUntraced(function* (error: GitHubError) {
  const { recheck } = yield* Timing
  const finding: Reconciliation = error.isTransient
    ? { _tag: "NotYet", after: error.retryAfter ?? recheck, reason: error.message }
    : {
        _tag: "Unknowable",
        message: `GitHub does not say what was started (${error.reason.message}), so it may have been or not`
      }
  return finding
})

/** What a list without the run means, which was asked for at `now`. */
const onNothingListed = Effect.fnUntraced(function* ({ confirmed }: Claim, asked: number, now: number) {
  const { visibleAfter } = yield* Timing
  const left = asked + Duration.toMillis(visibleAfter) - now
  if (left > 0) {
    return {
      _tag: "NotYet",
      after: Duration.millis(left),
      reason: "a started run may not be listed yet"
    } satisfies Reconciliation
  }
  return confirmed
    ? ({ _tag: "Started", run: null } satisfies Reconciliation)
    : ({ _tag: "NotStarted" } satisfies Reconciliation)
})

/**
 * Finds out what earlier requests for an order did, the latest of them given up at `asked`. One request to GitHub, and a read for each run
 * that it lists.
 */
const reconcile = Effect.fn("Dispatch.reconcile")(function* (
  claim: Claim,
  asked: number
): Effect.fn.Return<Reconciliation, TableError, GitHubApp | Workflows | Ledger> {
  const app = yield* GitHubApp
  // Time is taken before the list, so that the list is not older than it is taken to be.
  const looked = yield* Effect.result(Effect.zip(app.now, findOwnRun(claim)))
  if (looked._tag === "Failure") {
    if (looked.failure._tag === "GitHubError") return yield* unanswered(looked.failure)
    return yield* looked.failure
  }
  const [now, run] = looked.success
  return run === undefined ? yield* onNothingListed(claim, asked, now) : { _tag: "Started", run }
})

/**
 * Brings a claim in doubt to where it is known what its requests did: settles it, or leaves it in doubt (a verdict), or comes to know that
 * nothing was started (undefined).
 */
export const resolve = Effect.fnUntraced(function* (message: ReceivedOrder, claim: Claim, asked: number) {
  const finding = yield* reconcile(claim, asked)
  switch (finding._tag) {
    case "Started":
      yield* Effect.logInfo("found what an earlier attempt had started")
      return yield* settle(claim, { _tag: "Dispatched", started: finding.run })
    case "Unknowable":
      return yield* settle(claim, { _tag: "Unknown", message: finding.message })
    case "NotYet":
      return yield* keepInDoubt(message, claim, asked, finding.after, finding.reason)
    case "NotStarted":
      return undefined
  }
})

/** After a start that GitHub confirmed without naming the run (Enterprise Server before 3.21), which is looked up before anything else may start. */
export const afterUnnamedStart = Effect.fnUntraced(function* (message: ReceivedOrder, claim: Claim) {
  const app = yield* GitHubApp
  const { recheck } = yield* Timing
  const asked = yield* app.now
  const run = yield* Effect.catchTag(findOwnRun(claim), "GitHubError", (error) =>
    Effect.as(Effect.logWarning("the started run cannot be looked up yet", error), undefined)
  )
  if (run !== undefined) return yield* settle(claim, { _tag: "Dispatched", started: run })
  const confirmed = { ...claim, confirmed: true }
  return yield* keepInDoubt(message, confirmed, asked, recheck, "the started run is not listed yet")
})
