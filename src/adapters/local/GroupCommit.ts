/**
 * Group commit: writes that are submitted while another waits or commits share one transaction and one fsync.
 *
 * A batch forms by itself. The first submission asks for the next turn of the event loop; whatever is submitted until then goes along.
 * Nothing waits longer than that turn, and under load, while an fsync holds the loop, the next batch gathers in the sockets.
 * No caller is answered before COMMIT has returned.
 */
import { Effect, Exit, Result } from "effect"
import { isRefusal, type Sql, type SqliteError, sqliteError } from "./Sql.ts"

/**
 * What "written" means. Both survive the death of the process, and neither is ever there without all that was written before it.
 * - `synced`: it also survives the loss of power (an fsync).
 * - `ordered`: it does from the next synced write on. For what may be forgotten, such as that a message was taken.
 */
export type Durability = "synced" | "ordered"

/** A unit of work that is written as a whole or not at all. */
export type Unit<A, E> = (sql: Sql) => Result.Result<A, E>

/** A unit that waits for its turn, and later for the commit. */
interface Submission {
  readonly durability: Durability
  abandoned: boolean
  /** Runs the unit and remembers how it ended. Throws if the transaction is lost with it. */
  readonly run: (sql: Sql) => void
  /** Answers: with how the unit ended, or with why nothing at all was committed. */
  readonly answer: (failure: SqliteError | undefined) => void
}

export class GroupCommit {
  readonly #sql: Sql
  #durability: Durability | undefined
  #waiting: Array<Submission> = []

  constructor(sql: Sql) {
    this.#sql = sql
  }

  write<A, E>(unit: Unit<A, E>, durability: Durability): Effect.Effect<A, E | SqliteError> {
    return Effect.callback((resume) => {
      let exit: Exit.Exit<A, E | SqliteError> = Exit.interrupt()
      const submission: Submission = {
        durability,
        abandoned: false,
        run: (sql) => {
          exit = runUnit(sql, unit)
        },
        answer: (failure) => resume(failure === undefined ? exit : Exit.fail(failure))
      }
      if (this.#waiting.push(submission) === 1) setImmediate(() => this.flush())
      return Effect.sync(() => {
        submission.abandoned = true
      })
    })
  }

  /** Commits what waits, now. */
  flush(): void {
    const batch = this.#waiting.filter(({ abandoned }) => !abandoned)
    this.#waiting = []
    if (batch.length === 0) return
    const failure = this.#commit(batch)
    for (const submission of batch) submission.answer(failure)
  }

  /** Why nothing of the batch was committed, if so. */
  #commit(batch: ReadonlyArray<Submission>): SqliteError | undefined {
    const sql = this.#sql
    try {
      this.#setDurability(batch.some(({ durability }) => durability === "synced") ? "synced" : "ordered")
      sql.run("BEGIN IMMEDIATE")
      for (const submission of batch) submission.run(sql)
      sql.run("COMMIT")
      return undefined
    } catch (cause) {
      return this.#rollBack() ?? sqliteError("commit", cause)
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

  /** With `NORMAL`, SQLite still orders the log before what it moves to the database: https://www.sqlite.org/pragma.html#pragma_synchronous */
  #setDurability(durability: Durability): void {
    if (durability === this.#durability) return
    this.#sql.exec(`PRAGMA synchronous = ${durability === "synced" ? "FULL" : "NORMAL"}`)
    this.#durability = durability
  }
}

/** Runs a unit within the open transaction; one that fails leaves nothing behind. */
const runUnit = <A, E>(sql: Sql, unit: Unit<A, E>): Exit.Exit<A, E | SqliteError> => {
  sql.run("SAVEPOINT unit")
  const exit = attempt(sql, unit)
  if (Exit.isFailure(exit)) sql.run("ROLLBACK TO unit")
  sql.run("RELEASE unit")
  return exit
}

const attempt = <A, E>(sql: Sql, unit: Unit<A, E>): Exit.Exit<A, E | SqliteError> => {
  try {
    return Result.match(unit(sql), { onSuccess: Exit.succeed, onFailure: Exit.fail })
  } catch (cause) {
    // Some refusals, a full disk among them, roll back the whole transaction.
    if (!sql.inTransaction) throw cause
    return isRefusal(cause) ? Exit.fail(sqliteError("write", cause)) : Exit.die(cause)
  }
}
