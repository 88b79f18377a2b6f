/**
 * What was told to source repositories: for each source workflow one issue and its latest runs.
 *
 * Whoever writes to an issue holds a lease on it, so an issue is never opened twice and older text never replaces newer. A lease that
 * ran out, or that was given back in doubt, tells the next holder to look at GitHub before creating anything.
 */
import { Clock, Duration, Effect, Option, Schema } from "effect"
import { ReportedRun } from "../../domain/Report.ts"
import { type RunKey, runKey, type SourceRun } from "../../domain/SourceRun.ts"
import { absent, atVersion, type Table, type TableError, type Write } from "../../ports/Table.ts"
import { encodeItem, read } from "./Items.ts"
import { progressKey, reportKey } from "./Keys.ts"

const IssueRef = Schema.Struct({ number: Schema.Int, url: Schema.String })

/** `report/…`; `leaseUntil` is 0 when nobody holds it and all went well. */
const ReportItem = Schema.Struct({
  issue: Schema.NullOr(IssueRef),
  runs: Schema.Array(ReportedRun),
  leaseUntil: Schema.Int
})
type ReportItem = typeof ReportItem.Type

/** The right to write to the issue of a source workflow. */
export interface ReportClaim {
  readonly run: SourceRun
  readonly version: number
  readonly issue: typeof IssueRef.Type | null
  readonly runs: ReadonlyArray<ReportedRun>
  /** Whether somebody may have written to GitHub without telling us. */
  readonly doubtful: boolean
}

export type ReportClaimAnswer =
  | { readonly _tag: "Claimed"; readonly claim: ReportClaim }
  | { readonly _tag: "Held"; readonly until: number }

/** A lease in the past: nobody holds the issue, but somebody did and did not finish. */
const inDoubt = 1
const nothing: ReportItem = { issue: null, runs: [], leaseUntil: 0 }

/** The ledger's part that Report uses. */
export const makeReporting = (table: Table["Service"]) => {
  const keyOf = (run: SourceRun) => reportKey(run.repositoryId, run.workflow)
  const put = (claim: Pick<ReportClaim, "run" | "version">, item: ReportItem): Write => ({
    _tag: "Put",
    key: keyOf(claim.run),
    attributes: encodeItem(ReportItem, item),
    condition: claim.version === 0 ? absent : atVersion(claim.version)
  })
  const tryWrite = (writes: ReadonlyArray<Write>) =>
    table.transact(writes).pipe(
      Effect.as(true),
      Effect.catchTag("ConditionFailed", () => Effect.succeed(false))
    )

  /** Claims the issue of the run's workflow. One read, one write. */
  const claimReport = Effect.fn("Ledger.claimReport")(function* (
    run: SourceRun,
    lease: Duration.Duration
  ): Effect.fn.Return<ReportClaimAnswer, TableError> {
    const found = yield* read(table, keyOf(run), ReportItem)
    const { value, version } = Option.getOrElse(found, () => ({ value: nothing, version: 0 }))
    const now = yield* Clock.currentTimeMillis
    if (value.leaseUntil > now) return { _tag: "Held", until: value.leaseUntil }
    const leaseUntil = now + Duration.toMillis(lease)
    const claimed = yield* tryWrite([put({ run, version }, { ...value, leaseUntil })])
    if (!claimed) return { _tag: "Held", until: leaseUntil }
    const { issue, runs } = value
    return { _tag: "Claimed", claim: { run, version: version + 1, issue, runs, doubtful: value.leaseUntil !== 0 } }
  })

  /** Gives the issue back after something went wrong; the next holder looks at GitHub first. */
  const releaseReport = ({ issue, runs, ...claim }: ReportClaim) =>
    tryWrite([put(claim, { issue, runs, leaseUntil: inDoubt })])

  /** Remembers what the issue shows, and that the run was told. Two writes in one transaction; false if the lease was lost. */
  const settleReport = (claim: ReportClaim, issue: typeof IssueRef.Type | null, runs: ReadonlyArray<ReportedRun>) =>
    tryWrite([put(claim, { issue, runs, leaseUntil: 0 }), reported(runKey(claim.run))])

  /** Remembers that a run was told where there is no issue to remember. One write. */
  const markReported = (run: RunKey) => tryWrite([reported(run)])

  return { claimReport, releaseReport, settleReport, markReported }
}

const reported = (run: RunKey): Write => ({ _tag: "Update", key: progressKey(run), set: { reported: true } })
