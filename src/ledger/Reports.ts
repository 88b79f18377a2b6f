/**
 * What source repositories were shown: for each source workflow one issue and its latest runs.
 *
 * A worker that writes to an issue holds a lease on it, so an issue is never opened twice and older text never replaces newer. After a
 * write the issue is left alone for a while; reports that come meanwhile are stored beside it, and the next writer takes them along. A run
 * is reported first when it is over, and again with each result of what it started, as long as the issue shows it. A
 * run whose writing began and did not end well stays noted until it is reported, so that the next writer looks at GitHub before it creates
 * anything.
 */
import { Clock, Duration, Effect, Option, Schema } from "effect"
import type { Reported } from "../domain/Fact.ts"
import { isNewer, ReportedRun, reportedRuns } from "../domain/Report.ts"
import { Notified } from "../domain/Situation.ts"
import { Acceptance, RunKey, runKey, type SourceRun } from "../domain/SourceRun.ts"
import {
  absent,
  atVersion,
  type Item,
  isWritten,
  ordered,
  type Table,
  type TableError,
  unconditional,
  type Write
} from "../ports/Table.ts"
import { decodeItem, encodeItem, read, retention } from "./Items.ts"
import {
  generationOf,
  isWaiting,
  reportedKey,
  reportedRange,
  reportKey,
  shownAndWaitingRange,
  shownRange,
  waitingKey
} from "./Keys.ts"
import { type RowPlace, rowsOf, rowWrites } from "./ReportRows.ts"

const issueFields = { number: Schema.Int, url: Schema.String }
/** `follows`: the issue that it replaced, where that is still there. */
const IssueRef = Schema.Struct({ ...issueFields, follows: Schema.optionalKey(Schema.Struct(issueFields)) })

/** Why GitHub did not take the latest report, or the latest comment. */
const Complaint = Schema.Struct({ about: Schema.Literals(["issue", "comment"]), message: Schema.String })

/**
 * `report`; `leaseUntil` is 0 when no worker holds it, before `quietUntil` none claims it, `unfinished` are the runs whose writing
 * began. `runs` are those that the issue shows where an earlier version wrote it last (`ReportRows.ts`).
 */
const ReportItem = Schema.Struct({
  issue: Schema.NullOr(IssueRef),
  runs: Schema.Array(ReportedRun),
  leaseUntil: Schema.Int,
  quietUntil: Schema.optionalKey(Schema.Int),
  unfinished: Schema.Array(RunKey),
  complaint: Schema.optionalKey(Complaint),
  notified: Schema.optionalKey(Notified)
})
type ReportItem = typeof ReportItem.Type

/**
 * `reported/…`: when a run was reported in a generation, and where: null stands for the log. Milliseconds since the epoch. `logged` is
 * there once the log has the report with all results.
 */
const ReportedItem = Schema.Struct({
  at: Schema.Int,
  issue: Schema.NullOr(IssueRef),
  logged: Schema.optionalKey(Schema.Literal("final"))
})

/** `waiting/…`: what is shown of a run, as the plan of that generation has it. */
const RunReport = Schema.Struct({ of: Acceptance, summary: ReportedRun })
/** A run to report, and what is to be shown of it. */
export interface RunReport extends Schema.Schema.Type<typeof RunReport> {}

/** What the ledger knows of the issue of a source workflow. */
export interface KnownIssue extends Pick<ReportItem, "issue"> {
  /** What it shows, newest first. */
  readonly runs: ReadonlyArray<ReportedRun>
  readonly complaint?: ReportItem["complaint"] | undefined
  /** What people were last notified of; earlier versions did not store it. */
  readonly notified?: Notified | undefined
}

/** A run to report, for the first time in its generation or again because more is known of it. */
export interface ClaimedReport extends RunReport {
  readonly isFirst: boolean
}

/** The right to write to the issue of a source workflow until the lease ends. */
export interface ReportClaim extends KnownIssue {
  /** The run for which the issue was claimed. */
  readonly run: SourceRun
  readonly version: number
  /** The end of the lease, milliseconds since the epoch. */
  readonly until: number
  /** Runs for which a worker may have written to GitHub without storing it; maybe those of `reports`. */
  readonly unfinished: ReadonlyArray<RunKey>
  /** What is to be reported: of the run itself and of those that waited. */
  readonly reports: ReadonlyArray<ClaimedReport>
  /** Reports that are stored although the issue shows as much of their runs, or does not show them any more. */
  readonly stale: ReadonlyArray<RunKey>
  /** What is stored beside the item: where the runs are, and whose reports waited. `inside` is what an earlier version left in the item. */
  readonly stored: {
    readonly places: ReadonlyArray<RowPlace>
    readonly inside: ReadonlyArray<ReportedRun>
    readonly waited: ReadonlyArray<RunKey>
  }
}

/** Whether the issue may be written to now. If not, the report is stored for the next that may. */
export type ReportClaimAnswer =
  | { readonly _tag: "Claimed"; readonly claim: ReportClaim }
  | { readonly _tag: "Held"; readonly until: number }
  | { readonly _tag: "Quiet"; readonly until: number }

/** How a write ended: the reports that were made, where, and whether not all that was written to GitHub is known. */
export interface ReportEnding {
  readonly finished: ReadonlyArray<ClaimedReport>
  /** Where they are shown; null stands for the log. */
  readonly where: Reported["issue"]
  readonly inDoubt: boolean
  /** How long the issue is left alone. */
  readonly quiet: Duration.Duration
}

/** A report that is stored. */
export interface MadeReport extends Reported {
  readonly of: Acceptance
}
/** The latest report of a run. */
export interface LatestReport extends Reported {
  readonly generation: number
  /** Whether the log has the report with all results. */
  readonly isLogged: boolean
}

const nothing: ReportItem = {
  issue: null,
  runs: [],
  leaseUntil: 0,
  unfinished: [],
  notified: { problems: [], count: 0 }
}
/** Most runs that are noted as unfinished; more than that are not worth the doubt. */
const mostUnfinished = 100
/** Most waiting reports that one write takes along. */
const mostTogether = 40

const keyOf = (run: SourceRun) => reportKey(run.repositoryId, run.workflow)
const keysOf = (reports: ReadonlyArray<RunReport>): ReadonlyArray<RunKey> => reports.map(({ summary }) => summary.key)
const without = (runs: ReadonlyArray<RunKey>, those: ReadonlyArray<RunKey>) =>
  runs.filter((key) => !those.includes(key))
const withKeys = (runs: ReadonlyArray<RunKey>, those: ReadonlyArray<RunKey>) =>
  [...without(runs, those), ...those].slice(-mostUnfinished)
/** Whether a stale report is one of a run that another writer began with, and has more to write of. */
const isStillOpen = ({ unfinished, runs }: ReportClaim, run: RunKey): boolean =>
  unfinished.includes(run) && runs.some(({ key }) => key === run)
type KnownFields = Pick<ReportItem, "issue" | "complaint" | "notified">
const known = ({ issue, complaint, notified }: Omit<KnownIssue, "runs">): KnownFields => ({
  issue,
  ...(complaint === undefined ? {} : { complaint }),
  ...(notified === undefined ? {} : { notified })
})

/** What the ledger does for reports. */
export interface ReportLedger {
  /**
   * Claims the issue of the run's workflow, with what it shows and with the reports that wait. One range read and one write, and a range read
   * for each report; where it is not to be had, one range read and one write, which stores the report.
   */
  readonly claimReport: (own: RunReport, lease: Duration.Duration) => Effect.Effect<ReportClaimAnswer, TableError>
  /** Gives the issue back after something went wrong, to be left alone for so long; the runs stay unfinished. One write. */
  readonly releaseReport: (claim: ReportClaim, quiet: Duration.Duration) => Effect.Effect<boolean, TableError>
  /**
   * Stores what the issue shows, and which runs were reported, with the time. Gives the first reports that are stored so, without those that
   * another worker stored meanwhile; undefined if the lease was lost.
   *
   * First the rows, one write for each report; then the issue's item, which ends the lease; then one write for each first report, and one for
   * each that waited. A worker that dies on the way leaves its message. Before the item, its runs are unfinished still, and written again
   * whatever their rows show; after it, a first report is written again, about which people are known to be notified. A report that is left
   * among those that wait is found to be stale by the next claim.
   */
  readonly settleReport: (
    claim: ReportClaim,
    issue: KnownIssue,
    ending: ReportEnding
  ) => Effect.Effect<ReadonlyArray<MadeReport> | undefined, TableError>
  /** The latest report of a run, with the generation of the plan that it was about. One range read. */
  readonly latestReport: (run: RunKey) => Effect.Effect<LatestReport | undefined, TableError>
  /**
   * What the issue of the run's workflow shows of it, if it does, and whether a writer began with it and did not end well. One range read.
   */
  readonly shownReport: (
    run: SourceRun
  ) => Effect.Effect<{ readonly shown: ReportedRun; readonly isUnfinished: boolean } | undefined, TableError>
  /**
   * Stores that a run was reported in the log, with all results or not, unless its report is stored already; gives what is stored. One
   * write, and at most one read.
   */
  readonly markReported: (of: Acceptance, isFinal: boolean) => Effect.Effect<MadeReport, TableError>
  /** Stores that the log has the report of a run with all results. One write. */
  readonly markLogged: (of: Acceptance) => Effect.Effect<void, TableError>
}

/** Reads the report of an item. */
export const decodeReport = (item: Item): Effect.Effect<LatestReport> =>
  Effect.map(decodeItem(item, ReportedItem), ({ value: { logged, ...report } }) => ({
    ...report,
    generation: generationOf(item.key),
    isLogged: logged === "final"
  }))

/** Over a table. */
export const makeReportLedger = (table: Table["Service"]): ReportLedger => {
  const put = ({ run, version }: Pick<ReportClaim, "run" | "version">, item: ReportItem): Write => ({
    _tag: "Put",
    key: keyOf(run),
    attributes: encodeItem(ReportItem, item),
    condition: version === 0 ? absent : atVersion(version)
  })
  const reported = ({ run, generation }: Acceptance, report: typeof ReportedItem.Type): Effect.Effect<Write> =>
    Effect.map(retention, (expiresAt) => ({
      _tag: "Put",
      key: reportedKey(runKey(run), generation),
      attributes: encodeItem(ReportedItem, report),
      condition: absent,
      expiresAt
    }))
  const tryWrite = (writes: ReadonlyArray<Write>) => isWritten(table.transact(writes))
  const wait = Effect.fnUntraced(function* (report: RunReport) {
    const key = waitingKey(keyOf(report.of.run), report.summary.key)
    const attributes = encodeItem(RunReport, report)
    yield* unconditional(ordered(table.write({ _tag: "Put", key, attributes, expiresAt: yield* retention })))
  })

  const latestReport = Effect.fnUntraced(function* (run: RunKey) {
    const { items } = yield* table.query({ ...reportedRange(run), limit: 1, direction: "descending" })
    const [item] = items
    return item && (yield* decodeReport(item))
  })

  /**
   * What there is to write of a report: the first one of its generation, or one that has more results than are shown, or as many where the
   * writing of them did not end well.
   */
  const claimedReport = Effect.fnUntraced(function* (
    runs: ReadonlyArray<ReportedRun>,
    unfinished: ReadonlyArray<RunKey>,
    report: RunReport
  ): Effect.fn.Return<ClaimedReport | undefined, TableError> {
    const { of, summary } = report
    const latest = yield* latestReport(runKey(of.run))
    if (latest === undefined || latest.generation < of.generation) return { ...report, isFirst: true }
    const shown = runs.find(({ key }) => key === summary.key)
    if (latest.generation !== of.generation || shown === undefined) return undefined
    const isMore = unfinished.includes(summary.key) ? !isNewer(shown, summary) : isNewer(summary, shown)
    return isMore ? { ...report, isFirst: false } : undefined
  })

  /** The issue's own item, and a page of what is beside it: what it shows, and reports that wait. */
  const readIssue = Effect.fnUntraced(function* (run: SourceRun) {
    const key = keyOf(run)
    const { items } = yield* table.query({ ...shownAndWaitingRange(key), limit: 1 + reportedRuns + mostTogether })
    const { true: [item] = [], false: beside = [] } = Object.groupBy(
      items,
      ({ key: { sort } }) => `${sort === key.sort}`
    )
    return { ...(item === undefined ? { value: nothing, version: 0 } : yield* decodeItem(item, ReportItem)), beside }
  })

  /** What the issue shows, and the run's own report and those that wait; of these what does not fit in stays for the next write. */
  const gather = Effect.fnUntraced(function* (
    own: RunReport,
    inside: ReadonlyArray<ReportedRun>,
    beside: ReadonlyArray<Item>
  ) {
    const { true: waiting = [], false: rows = [] } = Object.groupBy(beside, ({ key }) => `${isWaiting(key)}`)
    const decoded = yield* Effect.forEach(waiting.slice(0, mostTogether), (item) => decodeItem(item, RunReport))
    const reports = decoded.map(({ value }) => value)
    const others = reports.filter(({ summary }) => summary.key !== own.summary.key)
    return { ...(yield* rowsOf(rows, inside)), gathered: [own, ...others], waited: keysOf(reports) }
  })

  const claimReport = Effect.fn("Ledger.claimReport")(function* (
    own: RunReport,
    lease: Duration.Duration
  ): Effect.fn.Return<ReportClaimAnswer, TableError> {
    const { run } = own.of
    const { value, version, beside } = yield* readIssue(run)
    const now = yield* Clock.currentTimeMillis
    const busyUntil = Math.max(value.leaseUntil, value.quietUntil ?? 0)
    if (busyUntil > now) {
      yield* wait(own)
      return { _tag: value.leaseUntil > now ? "Held" : "Quiet", until: busyUntil }
    }
    const inside = value.runs
    const { runs, places, gathered, waited } = yield* gather(own, inside, beside)
    const until = now + Duration.toMillis(lease)
    const unfinished = withKeys(value.unfinished, keysOf(gathered))
    const item = { ...known(value), runs: inside, leaseUntil: until, unfinished }
    const claimed = yield* tryWrite([put({ run, version }, item)])
    if (!claimed) {
      yield* wait(own)
      return { _tag: "Held", until }
    }
    // Asked under the lease: another copy of a message may have been dealt with since its report was read.
    const left = yield* Effect.forEach(gathered, (report) => claimedReport(runs, value.unfinished, report), {
      concurrency: 8
    })
    const reports = left.filter((report) => report !== undefined)
    const stale = gathered.filter((_, index) => left[index] === undefined)
    return {
      _tag: "Claimed",
      claim: {
        ...known(value),
        runs,
        run,
        version: version + 1,
        until,
        unfinished: value.unfinished,
        reports,
        stale: keysOf(stale),
        stored: { places, inside, waited }
      }
    }
  })

  const releaseReport = Effect.fnUntraced(function* (claim: ReportClaim, quiet: Duration.Duration) {
    const unfinished = withKeys(claim.unfinished, keysOf(claim.reports))
    const quietUntil = (yield* Clock.currentTimeMillis) + Math.ceil(Duration.toMillis(quiet))
    const item = { ...known(claim), runs: claim.stored.inside, leaseUntil: 0, quietUntil, unfinished }
    return yield* ordered(tryWrite([put(claim, item)]))
  })

  const settleReport = Effect.fnUntraced(
    function* (
      claim: ReportClaim,
      issue: KnownIssue,
      ending: ReportEnding
    ): Effect.fn.Return<ReadonlyArray<MadeReport> | undefined, TableError> {
      const { places, waited } = claim.stored
      const finished = keysOf(ending.finished)
      const at = yield* Clock.currentTimeMillis
      const rows = rowWrites(keyOf(claim.run), places, issue.runs, finished)
      const areWritten = yield* Effect.forEach(rows, (write) => isWritten(table.write(write)), { concurrency: 8 })
      if (areWritten.includes(false)) return undefined
      const begun = withKeys(claim.unfinished, keysOf(claim.reports))
      const over = [...(ending.inDoubt ? [] : finished), ...claim.stale.filter((run) => !isStillOpen(claim, run))]
      const quietUntil = at + Duration.toMillis(ending.quiet)
      const item = { ...known(issue), runs: [], leaseUntil: 0, quietUntil, unfinished: without(begun, over) }
      if (!(yield* tryWrite([put(claim, item)]))) return undefined
      const first = ending.finished.filter(({ isFirst }) => isFirst)
      const report: Reported = { at, issue: ending.where }
      const made = yield* Effect.filter(
        first,
        ({ of }) => Effect.flatMap(reported(of, report), (one) => tryWrite([one])),
        {
          concurrency: 8
        }
      )
      const ended = [...finished, ...claim.stale].filter((run) => waited.includes(run))
      const forget = (run: RunKey) =>
        unconditional(table.write({ _tag: "Delete", key: waitingKey(keyOf(claim.run), run) }))
      yield* Effect.forEach(ended, forget, { concurrency: 8, discard: true })
      return made.map(({ of }): MadeReport => ({ of, ...report }))
    },
    (settling) => ordered(settling)
  )

  const shownReport = Effect.fnUntraced(function* (run: SourceRun) {
    const { items } = yield* table.query({ ...shownRange(keyOf(run)), limit: 1 + reportedRuns })
    const [item, ...rows] = items
    if (item === undefined) return undefined
    const { value } = yield* decodeItem(item, ReportItem)
    const { runs } = yield* rowsOf(rows, value.runs)
    const shown = runs.find(({ key }) => key === runKey(run))
    return shown && { shown, isUnfinished: value.unfinished.includes(shown.key) }
  })

  const markReported = Effect.fnUntraced(function* (of: Acceptance, isFinal: boolean) {
    const report: Reported = { at: yield* Clock.currentTimeMillis, issue: null }
    const item = isFinal ? ({ ...report, logged: "final" } as const) : report
    if (yield* ordered(tryWrite([yield* reported(of, item)]))) return { of, ...report } satisfies MadeReport
    const stored = yield* read(table, reportedKey(runKey(of.run), of.generation), ReportedItem)
    return {
      of,
      ...Option.match(stored, { onNone: () => report, onSome: ({ value: { at, issue } }) => ({ at, issue }) })
    } satisfies MadeReport
  })

  const markLogged = ({ run, generation }: Acceptance) =>
    ordered(
      unconditional(
        table.write({ _tag: "Update", key: reportedKey(runKey(run), generation), set: { logged: "final" } })
      )
    )

  return { claimReport, releaseReport, settleReport, latestReport, shownReport, markReported, markLogged }
}
