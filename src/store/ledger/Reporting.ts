/**
 * What was told to source repositories: for each source workflow one issue and its latest runs.
 *
 * A worker that writes to an issue holds a lease on it, so an issue is never opened twice and older text never replaces newer. After a
 * write the issue is left alone for a while; reports that come meanwhile are stored beside it, and the next writer takes them along. A
 * run whose writing began and did not end well stays noted until it is told, so that the next writer looks at GitHub before it creates
 * anything.
 */
import { Clock, Duration, Effect, Option, Schema } from "effect"
import { ReportedRun } from "../../domain/Report.ts"
import { Acceptance, RunKey, runKey, type SourceRun } from "../../domain/SourceRun.ts"
import { absent, atVersion, type Table, type TableError, type Write } from "../../ports/Table.ts"
import { decodeItem, encodeItem, ProgressItem, read, retention } from "./Items.ts"
import { progressKey, reportKey, waitingKey, waitingRange } from "./Keys.ts"

const issueFields = { number: Schema.Int, url: Schema.String }
/** `follows`: the issue that it replaced, where that is still there. */
const IssueRef = Schema.Struct({ ...issueFields, follows: Schema.optionalKey(Schema.Struct(issueFields)) })

/** Why GitHub did not take the latest report, or the latest comment. */
const Complaint = Schema.Struct({ about: Schema.Literals(["issue", "comment"]), message: Schema.String })

/**
 * `report`; `leaseUntil` is 0 when nobody holds it, before `quietUntil` nobody claims it, `unfinished` are the runs that somebody began to
 * tell.
 */
const ReportItem = Schema.Struct({
  issue: Schema.NullOr(IssueRef),
  runs: Schema.Array(ReportedRun),
  leaseUntil: Schema.Int,
  quietUntil: Schema.optionalKey(Schema.Int),
  unfinished: Schema.Array(RunKey),
  complaint: Schema.optionalKey(Complaint)
})
type ReportItem = typeof ReportItem.Type

/** `waiting/…`: what is told of a run, as the plan of that generation has it. */
const RunReport = Schema.Struct({ of: Acceptance, summary: ReportedRun })
/** A run to report, and what is to be shown of it. */
export interface RunReport extends Schema.Schema.Type<typeof RunReport> {}

/** What the ledger knows of the issue of a source workflow. */
export type KnownIssue = Pick<ReportItem, "issue" | "runs" | "complaint">

/** The right to write to the issue of a source workflow until the lease ends. */
export interface ReportClaim extends KnownIssue {
  /** The run for which the issue was claimed. */
  readonly run: SourceRun
  readonly version: number
  /** The end of the lease, milliseconds since the epoch. */
  readonly until: number
  /** Runs for which somebody may have written to GitHub without telling us; maybe those of `reports`. */
  readonly unfinished: ReadonlyArray<RunKey>
  /** What is to be told: of the run itself and of those that waited. */
  readonly reports: ReadonlyArray<RunReport>
  /** Reports that are stored although their runs were told. */
  readonly stale: ReadonlyArray<RunKey>
}

/** Whether the issue may be written to now. If not, the report is stored for the next that may. */
export type ReportClaimAnswer =
  | { readonly _tag: "Claimed"; readonly claim: ReportClaim }
  | { readonly _tag: "Held"; readonly until: number }
  | { readonly _tag: "Quiet"; readonly until: number }

/** How a write ended: the reports that were told, and whether not all that was written to GitHub is known. */
export interface Ending {
  readonly told: ReadonlyArray<RunReport>
  readonly inDoubt: boolean
  /** How long the issue is left alone. */
  readonly quiet: Duration.Duration
}

const nothing: ReportItem = { issue: null, runs: [], leaseUntil: 0, unfinished: [] }
/** Most runs that are noted as unfinished; more than that are not worth the doubt. */
const mostUnfinished = 100
/** Most waiting reports that one write takes along: with each go two writes of its transaction of at most 100. */
const mostTogether = 40

const keyOf = (run: SourceRun) => reportKey(run.repositoryId, run.workflow)
const keysOf = (reports: ReadonlyArray<RunReport>): ReadonlyArray<RunKey> => reports.map(({ summary }) => summary.key)
const without = (runs: ReadonlyArray<RunKey>, those: ReadonlyArray<RunKey>) =>
  runs.filter((key) => !those.includes(key))
const withKeys = (runs: ReadonlyArray<RunKey>, those: ReadonlyArray<RunKey>) =>
  [...without(runs, those), ...those].slice(-mostUnfinished)
const known = ({ issue, runs, complaint }: KnownIssue): KnownIssue => ({
  issue,
  runs,
  ...(complaint === undefined ? {} : { complaint })
})

/** The ledger's part that Report uses. */
export const makeReporting = (table: Table["Service"]) => {
  const put = ({ run, version }: Pick<ReportClaim, "run" | "version">, item: ReportItem): Write => ({
    _tag: "Put",
    key: keyOf(run),
    attributes: encodeItem(ReportItem, item),
    condition: version === 0 ? absent : atVersion(version)
  })
  const reported = ({ run, generation }: Pick<Acceptance, "run" | "generation">): Write => ({
    _tag: "Update",
    key: progressKey(runKey(run)),
    set: { told: generation }
  })
  const tryWrite = (writes: ReadonlyArray<Write>) =>
    table.transact(writes).pipe(
      Effect.as(true),
      Effect.catchTag("ConditionFailed", () => Effect.succeed(false))
    )
  const wait = Effect.fnUntraced(function* (report: RunReport) {
    const key = waitingKey(keyOf(report.of.run), report.summary.key)
    yield* tryWrite([{ _tag: "Put", key, attributes: encodeItem(RunReport, report), expiresAt: yield* retention }])
  })
  const isTold = ({ of }: RunReport) =>
    Effect.map(read(table, progressKey(runKey(of.run)), ProgressItem), (found) =>
      Option.exists(found, ({ value: { told, generation } }) => told !== undefined && told >= generation)
    )
  /** The run's own report and those that wait. A page of them: what does not fit in stays for the next write. */
  const gather = Effect.fnUntraced(function* (own: RunReport) {
    const page = yield* table.query({ ...waitingRange(keyOf(own.of.run)), limit: mostTogether })
    const waiting = yield* Effect.forEach(page.items, (item) => decodeItem(item, RunReport))
    return [own, ...waiting.map(({ value }) => value).filter(({ summary }) => summary.key !== own.summary.key)]
  })

  /**
   * Claims the issue of the run's workflow, with all reports that wait. Two reads and one write, and a read for each report; where it is
   * not to be had, one read and one write, which stores the report.
   */
  const claimReport = Effect.fn("Ledger.claimReport")(function* (
    own: RunReport,
    lease: Duration.Duration
  ): Effect.fn.Return<ReportClaimAnswer, TableError> {
    const { run } = own.of
    const found = yield* read(table, keyOf(run), ReportItem)
    const { value, version } = Option.getOrElse(found, () => ({ value: nothing, version: 0 }))
    const now = yield* Clock.currentTimeMillis
    const busyUntil = Math.max(value.leaseUntil, value.quietUntil ?? 0)
    if (busyUntil > now) {
      yield* wait(own)
      return { _tag: value.leaseUntil > now ? "Held" : "Quiet", until: busyUntil }
    }
    const gathered = yield* gather(own)
    const until = now + Duration.toMillis(lease)
    const unfinished = withKeys(value.unfinished, keysOf(gathered))
    const claimed = yield* tryWrite([put({ run, version }, { ...known(value), leaseUntil: until, unfinished })])
    if (!claimed) {
      yield* wait(own)
      return { _tag: "Held", until }
    }
    // Asked under the lease: another copy of a message may have been dealt with since its report was read.
    const told = yield* Effect.forEach(gathered, isTold, { concurrency: 8 })
    const reports = gathered.filter((_, index) => told[index] === false)
    const stale = gathered.filter((_, index) => told[index] === true)
    return {
      _tag: "Claimed",
      claim: {
        ...known(value),
        run,
        version: version + 1,
        until,
        unfinished: value.unfinished,
        reports,
        stale: keysOf(stale)
      }
    }
  })

  /** Gives the issue back after something went wrong, to be left alone for so long; the runs stay unfinished. One write. */
  const releaseReport = Effect.fnUntraced(function* (claim: ReportClaim, quiet: Duration.Duration) {
    const unfinished = withKeys(claim.unfinished, keysOf(claim.reports))
    const quietUntil = (yield* Clock.currentTimeMillis) + Math.ceil(Duration.toMillis(quiet))
    return yield* tryWrite([put(claim, { ...known(claim), leaseUntil: 0, quietUntil, unfinished })])
  })

  /**
   * Remembers what the issue shows, and which runs were told. One transaction, of one write and two for each report; false if the lease was
   * lost.
   */
  const settleReport = Effect.fnUntraced(function* (claim: ReportClaim, issue: KnownIssue, ending: Ending) {
    const told = keysOf(ending.told)
    const begun = withKeys(claim.unfinished, keysOf(claim.reports))
    const unfinished = without(begun, ending.inDoubt ? claim.stale : [...told, ...claim.stale])
    const quietUntil = (yield* Clock.currentTimeMillis) + Duration.toMillis(ending.quiet)
    return yield* tryWrite([
      put(claim, { ...known(issue), leaseUntil: 0, quietUntil, unfinished }),
      ...ending.told.map(({ of }) => reported(of)),
      ...[...told, ...claim.stale].map((run): Write => ({ _tag: "Delete", key: waitingKey(keyOf(claim.run), run) }))
    ])
  })

  /** Remembers that a run was told where there is no issue to remember. One write. */
  const markReported = (told: Pick<Acceptance, "run" | "generation">) => tryWrite([reported(told)])

  return { claimReport, releaseReport, settleReport, markReported }
}
