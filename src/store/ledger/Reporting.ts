/**
 * What was told to source repositories: for each source workflow one issue and its latest runs.
 *
 * Whoever writes to an issue holds a lease on it, so an issue is never opened twice and older text never replaces newer. A run whose
 * writing began and did not end well stays noted until it is told, so that whoever writes next looks at GitHub before creating anything.
 */
import { Clock, Duration, Effect, Option, Schema } from "effect"
import { ReportedRun } from "../../domain/Report.ts"
import { type Acceptance, RunKey, runKey, type SourceRun } from "../../domain/SourceRun.ts"
import { absent, atVersion, type Table, type TableError, type Write } from "../../ports/Table.ts"
import { encodeItem, read } from "./Items.ts"
import { progressKey, reportKey } from "./Keys.ts"

const IssueRef = Schema.Struct({ number: Schema.Int, url: Schema.String })

/** `report/…`; `leaseUntil` is 0 when nobody holds it, `unfinished` are the runs that somebody began to tell. */
const ReportItem = Schema.Struct({
  issue: Schema.NullOr(IssueRef),
  runs: Schema.Array(ReportedRun),
  leaseUntil: Schema.Int,
  unfinished: Schema.Array(RunKey)
})
type ReportItem = typeof ReportItem.Type

/** What the ledger knows of the issue of a source workflow. */
export type KnownIssue = Pick<ReportItem, "issue" | "runs">

/** What is told: a run, as the plan of that generation has it. */
export type Told = Pick<Acceptance, "run" | "generation">

/** The right to write to the issue of a source workflow until the lease ends. */
export interface ReportClaim extends KnownIssue, Told {
  readonly version: number
  /** The end of the lease, milliseconds since the epoch. */
  readonly until: number
  /** Runs for which somebody may have written to GitHub without telling us; maybe this one. */
  readonly unfinished: ReadonlyArray<RunKey>
}

/** Whether the issue may be written to now. */
export type ReportClaimAnswer =
  | { readonly _tag: "Claimed"; readonly claim: ReportClaim }
  | { readonly _tag: "Held"; readonly until: number }

const nothing: ReportItem = { issue: null, runs: [], leaseUntil: 0, unfinished: [] }
/** Most runs that are noted as unfinished; more than that are not worth the doubt. */
const mostUnfinished = 100

/** The ledger's part that Report uses. */
export const makeReporting = (table: Table["Service"]) => {
  const keyOf = (run: SourceRun) => reportKey(run.repositoryId, run.workflow)
  const put = ({ run, version }: Pick<ReportClaim, "run" | "version">, item: ReportItem): Write => ({
    _tag: "Put",
    key: keyOf(run),
    attributes: encodeItem(ReportItem, item),
    condition: version === 0 ? absent : atVersion(version)
  })
  const reported = ({ run, generation }: Told): Write => ({
    _tag: "Update",
    key: progressKey(runKey(run)),
    set: { told: generation }
  })
  const tryWrite = (writes: ReadonlyArray<Write>) =>
    table.transact(writes).pipe(
      Effect.as(true),
      Effect.catchTag("ConditionFailed", () => Effect.succeed(false))
    )
  const without = (runs: ReadonlyArray<RunKey>, run: SourceRun) => runs.filter((key) => key !== runKey(run))
  const withRun = (runs: ReadonlyArray<RunKey>, run: SourceRun) =>
    [...without(runs, run), runKey(run)].slice(-mostUnfinished)

  /** Claims the issue of the run's workflow. One read, one write. */
  const claimReport = Effect.fn("Ledger.claimReport")(function* (
    { run, generation }: Told,
    lease: Duration.Duration
  ): Effect.fn.Return<ReportClaimAnswer, TableError> {
    const found = yield* read(table, keyOf(run), ReportItem)
    const { value, version } = Option.getOrElse(found, () => ({ value: nothing, version: 0 }))
    const now = yield* Clock.currentTimeMillis
    if (value.leaseUntil > now) return { _tag: "Held", until: value.leaseUntil }
    const leaseUntil = now + Duration.toMillis(lease)
    const claimed = yield* tryWrite([
      put({ run, version }, { ...value, leaseUntil, unfinished: withRun(value.unfinished, run) })
    ])
    if (!claimed) return { _tag: "Held", until: leaseUntil }
    const { issue, runs, unfinished } = value
    const claim = { run, generation, version: version + 1, until: leaseUntil, issue, runs, unfinished }
    return { _tag: "Claimed", claim }
  })

  /** Gives the issue back after something went wrong; the run stays unfinished. One write. */
  const releaseReport = (claim: ReportClaim) => {
    const { issue, runs, unfinished, run } = claim
    return tryWrite([put(claim, { issue, runs, leaseUntil: 0, unfinished: withRun(unfinished, run) })])
  }

  /**
   * Remembers what the issue shows, and that the run was told; `inDoubt` if not all that was written to GitHub is known. Two writes in
   * one transaction; false if the lease was lost.
   */
  const settleReport = (claim: ReportClaim, { issue, runs }: KnownIssue, inDoubt = false) => {
    const { run } = claim
    const unfinished = inDoubt ? withRun(claim.unfinished, run) : without(claim.unfinished, run)
    return tryWrite([put(claim, { issue, runs, leaseUntil: 0, unfinished }), reported(claim)])
  }

  /** Remembers that a run was told where there is no issue to remember. One write. */
  const markReported = (told: Told) => tryWrite([reported(told)])

  return { claimReport, releaseReport, settleReport, markReported }
}
