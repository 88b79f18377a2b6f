/**
 * Group commit: writes that are submitted while another waits share one transaction, and those that are committed while the disk is busy
 * share one fsync.
 *
 * A batch forms by itself. The first submission asks for the next turn of the event loop; whatever is submitted until then goes along. SQLite
 * commits without an fsync (`PRAGMA synchronous = NORMAL`); where a write has to survive the loss of power, the write-ahead log is synced
 * beside, on a thread of the system's, and the caller is answered after that. So the disk holds up no other work of the process. SQLite syncs
 * the log itself before it moves it to the database: https://www.sqlite.org/pragma.html#pragma_synchronous
 *
 * All work of the stages goes through here, write by write, so here it steps back for requests. What an HTTP request waits for is written
 * first and answered at once; and while there are such, each turn of the event loop takes a few units of work only, and wakes up a few of
 * those who wait for one.
 */
import { Effect, Exit, Result } from "effect"
import type { Durability } from "../../ports/Table.ts"
import { isRefusal, type Sql, type SqliteError, sqliteError } from "./Sql.ts"

/** A unit of work that is written as a whole or not at all. */
export type WriteUnit<A, E> = (sql: Sql) => Result.Result<A, E>

/** `request`: an HTTP request waits for it. `work`: what waits can wait for a turn of the event loop or a few. */
export type Urgency = "request" | "work"

/** What one turn of the event loop may take. */
interface TurnLimits {
  /** Most units of `work`. */
  readonly units: number
  /** Most answers to such. */
  readonly answers: number
  /**
   * Pages (4 KiB) of the write-ahead log after which SQLite moves them to the database, which holds up everything for a millisecond for each
   * 200 of them. A page that was written several times is moved once, so that the fewer times they are moved, the less that takes in all.
   */
  readonly logPages: number
}
const unlimited: TurnLimits = {
  units: Number.POSITIVE_INFINITY,
  answers: Number.POSITIVE_INFINITY,
  logPages: 16_000
}
/**
 * While there are requests. Writing a unit takes some tenths of a millisecond; what an answer wakes up goes on to its next write, which takes
 * up to a millisecond.
 */
const besideRequests: TurnLimits = { units: 16, answers: 4, logPages: 4000 }
/** How long after a request there may be others, in milliseconds. */
const requestsLast = 1000

/** A unit that waits for its turn, and later for the commit. */
interface Submission {
  readonly durability: Durability
  readonly urgency: Urgency
  abandoned: boolean
  /** Runs the unit and remembers how it ended. Throws if the transaction is lost with it. `alone`: nothing else is in the transaction. */
  readonly run: (sql: Sql, alone: boolean) => void
  /** Answers: with how the unit ended, or with why nothing at all was committed. */
  readonly answer: (failure: SqliteError | undefined) => void
}

/** Has the disk keep all that was committed so far; `done` gets why it does not, or null. */
export type SyncLog = (done: (cause: unknown) => void) => void

/** The writes of one connection. */
export class GroupCommit {
  readonly #sql: Sql
  readonly #syncLog: SyncLog
  #waiting: Record<Urgency, Array<Submission>> = { request: [], work: [] }
  #isScheduled = false
  #logPages = 0
  #lastRequest = Number.NEGATIVE_INFINITY
  /** Committed, and to be answered after the next sync of the log. */
  #committed: Array<Submission> = []
  #isSyncing = false
  /** Answers of `work` that wait for their turn. */
  #answers: Array<() => void> = []
  /** Ends the close that waits for the disk. */
  #closed: (() => void) | undefined

  constructor(sql: Sql, syncLog: SyncLog) {
    this.#sql = sql
    this.#syncLog = syncLog
  }

  write<A, E>(
    unit: WriteUnit<A, E>,
    durability: Durability,
    urgency: Urgency = "work"
  ): Effect.Effect<A, E | SqliteError> {
    return Effect.callback((resume) => {
      let exit: Exit.Exit<A, E | SqliteError> = Exit.interrupt()
      const submission: Submission = {
        durability,
        urgency,
        abandoned: false,
        run: (sql, alone) => {
          exit = (alone ? attempt : runUnit)(sql, unit)
          if (alone && Exit.isFailure(exit)) sql.run("ROLLBACK")
        },
        answer: (failure) => resume(failure === undefined ? exit : Exit.fail(failure))
      }
      this.#waiting[urgency].push(submission)
      if (urgency === "request") this.#lastRequest = performance.now()
      // What waits for the disk anyway gathers while the disk is busy.
      if (durability === "ordered" || !this.#isSyncing) this.#schedule()
      return Effect.sync(() => {
        submission.abandoned = true
      })
    })
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => this.#turn(this.#limits))
  }

  get #limits(): TurnLimits {
    const isCalm = this.#closed !== undefined || performance.now() - this.#lastRequest > requestsLast
    return isCalm ? unlimited : besideRequests
  }

  get #hasWaiting(): boolean {
    return this.#waiting.request.length + this.#waiting.work.length > 0
  }

  /** Commits what waits, and answers, as much as is for one turn. */
  #turn(limits: TurnLimits): void {
    this.#isScheduled = false
    this.#commitWaiting(limits)
    for (const answer of this.#answers.splice(0, limits.answers)) answer()
    if (this.#hasWaiting || this.#answers.length > 0) this.#schedule()
  }

  #commitWaiting(limits: TurnLimits): void {
    if (!this.#hasWaiting) return
    const { batch, failure } = this.#commit(limits)
    for (const submission of batch) {
      if (failure === undefined && submission.durability === "synced") this.#committed.push(submission)
      else this.#answer(submission, failure)
    }
    if (!this.#isSyncing) this.#syncCommitted()
  }

  #answer({ urgency, answer }: Submission, failure: SqliteError | undefined): void {
    if (urgency === "request") answer(failure)
    else this.#answers.push(() => answer(failure))
  }

  /** Commits what waits, and waits for the disk. */
  close(): Promise<void> {
    this.#turn(unlimited)
    return new Promise((resolve) => {
      if (this.#isSyncing) this.#closed = resolve
      else resolve()
    })
  }

  /** Answers what was committed after a sync of the log that began later, until nothing is left. */
  #syncCommitted(): void {
    const batch = this.#committed
    this.#committed = []
    this.#isSyncing = batch.length > 0
    if (!this.#isSyncing) {
      // What was submitted while the disk was busy, and what came after it failed.
      if (this.#hasWaiting) this.#schedule()
      this.#closed?.()
      return
    }
    this.#syncLog((cause) => {
      const failure = cause === null ? undefined : sqliteError("sync", cause)
      for (const submission of batch) this.#answer(submission, failure)
      this.#turn(this.#limits)
      this.#syncCommitted()
    })
  }

  /** Commits units: all that requests wait for, and so many others. Gives those it took, and why none is committed, if so. */
  #commit({ units, logPages }: TurnLimits): {
    readonly batch: ReadonlyArray<Submission>
    readonly failure: SqliteError | undefined
  } {
    const { request, work } = this.#waiting
    this.#waiting = { request: [], work: work.slice(units) }
    const batch = [...request, ...work.slice(0, units)].filter(({ abandoned }) => !abandoned)
    const sql = this.#sql
    try {
      if (logPages !== this.#logPages) sql.exec(`PRAGMA wal_autocheckpoint = ${logPages}`)
      this.#logPages = logPages
      sql.run("BEGIN IMMEDIATE")
      for (const submission of batch) submission.run(sql, batch.length === 1)
      if (sql.inTransaction) sql.run("COMMIT")
      return { batch, failure: undefined }
    } catch (cause) {
      return { batch, failure: this.#rollBack() ?? sqliteError("commit", cause) }
    }
  }

  /** Why the transaction could not even be rolled back, if so; the next batch will try again, and fail until it succeeds. */
  #rollBack(): SqliteError | undefined {
    try {
      if (this.#sql.inTransaction) this.#sql.run("ROLLBACK")
      return undefined
    } catch (cause) {
      return sqliteError("rollback", cause)
    }
  }
}

/** Runs a unit within the open transaction; one that fails leaves nothing behind. */
const runUnit = <A, E>(sql: Sql, unit: WriteUnit<A, E>): Exit.Exit<A, E | SqliteError> => {
  sql.run("SAVEPOINT unit")
  const exit = attempt(sql, unit)
  if (Exit.isFailure(exit)) sql.run("ROLLBACK TO unit")
  sql.run("RELEASE unit")
  return exit
}

const attempt = <A, E>(sql: Sql, unit: WriteUnit<A, E>): Exit.Exit<A, E | SqliteError> => {
  try {
    return Result.match(unit(sql), { onSuccess: Exit.succeed, onFailure: Exit.fail })
  } catch (cause) {
    // Some refusals, a full disk among them, roll back the whole transaction.
    if (!sql.inTransaction) throw cause
    return isRefusal(cause) ? Exit.fail(sqliteError("write", cause)) : Exit.die(cause)
  }
}
