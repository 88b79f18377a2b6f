/**
 * Where things are in the ledger's table. Every read is a get or a range of one partition, and every partition is bounded.
 *
 * | partition | sort | holds |
 * | --- | --- | --- |
 * | `delivery/<guid>` | `delivery` | the run that the delivery was about |
 * | `run/<run key>` | `accepted` | the run as it was accepted first, for 30 days: the plan has it, too; another delivery of the run, with a GUID of its own, leads to the same |
 * | | `plan` | the plan, with when its decisions were made; that of an ignored run says why |
 * | | `replays` | how many replays there are |
 * | | `replay/<generation>` | who asked for a replay, and when |
 * | | `reported/<generation>` | when the run was reported, and where; whether the log has it with all results |
 * | | `check` | the check run of the run, and what it shows last |
 * | | `order/<target key>` | an order, its claim, its outcome, and the results of what it started |
 * | `in-flight/<target key>` | `holder` | the order that may start the target now, or was the last that might |
 * | `chain/<root run key>` | `starts` | how many starts a chain has reserved besides those of its root run |
 * | `newest/<repository id>/<workflow key>` | hash of the branch | the newest run that was planned for a rule with `stale: skip` |
 * | `let-in/<source repository key>` | target repository key | the ids under which a target of another owner first let this name in |
 * | `started/<repository key>/<run id>` | `order` | the order that started this run |
 * | `awaited/<day>` | when GitHub is asked, repository key, run id | a started run whose result is waited for (`AwaitedResults.ts`) |
 * | `report/<repository id>/<workflow key>` | `report` | the issue of a source workflow, and what people were notified of |
 * | | `row/<00 to 49>` | a run that the issue shows (`ReportRows.ts`) |
 * | | `waiting/<run key>` | the report of a run, for the next that writes to the issue |
 * | `unchecked/<repository id>` | `unchecked` | why GitHub takes no check runs in a repository, for a day |
 * | `limits` | installation | until when GitHub wants us to wait, on AWS (`SharedLimits.ts`) |
 * | `obstacles` | `<kind>/<subject>` | what health has to name (`Obstacles.ts`) |
 * | `sweep` | `cursor`, `missing/<guid>` | up to when GitHub's log was read; a delivery that never arrived (`Redeliveries.ts`) |
 * | | `awaited` | the day from which on results may be overdue (`AwaitedResults.ts`) |
 * | `handled/<queue>/<message id>` | `handled` | on AWS: hand-outs of a message without a verdict (`SqsHandled.ts`) |
 * | `probe` | `probe` | what `/ready` writes to see that it can |
 */
import { createHash } from "node:crypto"
import { bucketOf, isoTime } from "../domain/Bucket.ts"
import { type RepositoryName, repositoryKey, type WorkflowFile, workflowKey } from "../domain/Names.ts"
import type { OrderId, TargetKey } from "../domain/Order.ts"
import type { DeliveryId, GitHubId, RunKey } from "../domain/SourceRun.ts"
import type { Key } from "../ports/Table.ts"

/** Text of any length in 64 characters: the same for the same text, and another for any other. */
export const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex")

const key = (partition: string, sort: string): Key => ({ table: "ledger", partition, sort })
const runPartition = (run: RunKey): string => `run/${run}`

export const deliveryKey = (id: DeliveryId): Key => key(`delivery/${id}`, "delivery")
export const acceptedKey = (run: RunKey): Key => key(runPartition(run), "accepted")
export const planKey = (run: RunKey): Key => key(runPartition(run), "plan")
export const replaysKey = (run: RunKey): Key => key(runPartition(run), "replays")
const generationPart = (generation: number): string => String(generation).padStart(6, "0")
export const replayKey = (run: RunKey, generation: number): Key =>
  key(runPartition(run), `replay/${generationPart(generation)}`)
export const checkKey = (run: RunKey): Key => key(runPartition(run), "check")
export const uncheckedKey = (repositoryId: GitHubId): Key => key(`unchecked/${repositoryId}`, "unchecked")

const reported = "reported/"
const order = "order/"
/** Items of a run, both ends included. "0" comes right after the "/" behind a kind. */
const runRange = (run: RunKey, from: string, to: string) =>
  ({ table: "ledger", partition: runPartition(run), from, to }) as const
export const reportedKey = (run: RunKey, generation: number): Key =>
  key(runPartition(run), `${reported}${generationPart(generation)}`)
/** The generation of a report's key. */
export const generationOf = ({ sort }: Key): number => Number(sort.slice(reported.length))
/** Whether it is the key of a report. */
export const isReport = ({ sort }: Key): boolean => sort.startsWith(reported)
/** The reports of a run, of all its generations. */
export const reportedRange = (run: RunKey) => runRange(run, reported, "reported0")
export const orderKey = (run: RunKey, id: OrderId): Key => key(runPartition(run), `${order}${id.slice(run.length + 1)}`)
/** Whether it is the key of an order. */
export const isOrder = ({ sort }: Key): boolean => sort.startsWith(order)
/** The range of all orders of a run. */
export const orderRange = (run: RunKey) => runRange(run, order, "order0")
/** The range of a run's orders and, after them, its plan. */
export const planAndOrderRange = (run: RunKey) => runRange(run, order, planKey(run).sort)
/** The range of a run's orders and, after them, its plan, its replays and its reports. */
export const runStateRange = (run: RunKey) => runRange(run, order, "reported0")
export const inFlightKey = (target: TargetKey): Key => key(`in-flight/${target}`, "holder")
export const chainKey = (root: RunKey): Key => key(`chain/${root}`, "starts")
export const newestKey = (repositoryId: GitHubId, workflow: WorkflowFile, branch: string): Key =>
  key(`newest/${repositoryId}/${workflowKey(workflow)}`, digestOf(branch))
export const letInKey = (source: RepositoryName, target: RepositoryName): Key =>
  key(`let-in/${repositoryKey(source)}`, repositoryKey(target))
export const startedKey = (repository: RepositoryName, startedRunId: GitHubId): Key =>
  key(`started/${repositoryKey(repository)}/${startedRunId}`, "order")
/** When GitHub is asked first how a run ended that an order started, by the time at which the order settled. */
export const firstAsk = (settledAt: number): number => settledAt + 3_600_000
const awaitedAt = (askAt: number, what: string): Key => {
  const at = isoTime(askAt)
  return key(`awaited/${bucketOf("day", at)}`, `${at}/${what}`)
}
export const awaitedKey = (askAt: number, repository: RepositoryName, startedRunId: GitHubId): Key =>
  awaitedAt(askAt, `${repositoryKey(repository)}/${startedRunId}`)
/** The same at another time. */
export const awaitedLaterKey = ({ sort }: Key, askAt: number): Key =>
  awaitedAt(askAt, sort.slice(sort.indexOf("/") + 1))
/** What is waited for on a day, up to a moment. */
export const awaitedRange = (day: string, until: number) =>
  ({ table: "ledger", partition: `awaited/${day}`, to: `${isoTime(until)}/~` }) as const
export const reportKey = (repositoryId: GitHubId, workflow: WorkflowFile): Key =>
  key(`report/${repositoryId}/${workflowKey(workflow)}`, "report")

const waiting = "waiting/"
export const waitingKey = (report: Key, run: RunKey): Key => ({ ...report, sort: `${waiting}${run}` })
/** Whether it is the key of a report that waits. */
export const isWaiting = ({ sort }: Key): boolean => sort.startsWith(waiting)
const row = "row/"
export const issueRowKey = (report: Key, place: string): Key => ({ ...report, sort: `${row}${place}` })
/** The place in a row's key. */
export const placeOfRow = ({ sort }: Key): string => sort.slice(row.length)
/** The range of an issue's own item and, after it, of all runs that it shows. */
export const shownRange = ({ table, partition, sort }: Key) => ({ table, partition, from: sort, to: "row0" }) as const
/** The same and, after them, all reports that wait for the next that writes to the issue. */
export const shownAndWaitingRange = (report: Key) => ({ ...shownRange(report), to: "waiting0" }) as const

/** Days that the ledger remembers; longer than GitHub redelivers (3 days) and lets runs be re-run (30 days). */
export const retentionDays = 90
/** Days that it remembers how a run was accepted, apart from its plan: as long as GitHub lets runs be re-run. */
export const acceptedDays = 30
