/** SQL over one connection, each statement prepared once; and what it means when SQLite refuses. */
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite"
import { Schema } from "effect"

/** SQLite could not do it: disk full, file locked or damaged, connection closed. What was to be written is not. */
export class SqliteError extends Schema.TaggedError<SqliteError>()("SqliteError", {
  operation: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `${this.operation}: ${this.reason}`
  }
}

/** What a statement gives: values by column. */
export type Row = Readonly<Record<string, SQLOutputValue>>

/**
 * The end of a statement that takes a limit. SQLite plans by the value of a bare `LIMIT ?`, so that it prepares the statement anew for each
 * value that is bound, which takes longer than to run it.
 */
export const boundLimit = "LIMIT ? + 0"

/** Statements on the connection; each text is prepared once. */
export class Sql {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }
  /** Whether a transaction is open. */
  get inTransaction(): boolean {
    return this.#database.isTransaction
  }
  /** Runs statements that are not kept. Settings go here: SQLite applies some of them while it prepares a statement, not when it runs. */
  exec(text: string): void {
    this.#database.exec(text)
  }
  /** The first row. */
  get(text: string, ...values: ReadonlyArray<SQLInputValue>): Row | undefined {
    return this.#prepared(text).get(...values)
  }
  /** All rows. */
  all(text: string, ...values: ReadonlyArray<SQLInputValue>): ReadonlyArray<Row> {
    return this.#prepared(text).all(...values)
  }
  /** How many rows it changed. */
  run(text: string, ...values: ReadonlyArray<SQLInputValue>): number {
    return Number(this.#prepared(text).run(...values).changes)
  }
  /** `text` must be one of finitely many: it is kept. */
  #prepared(text: string): StatementSync {
    const known = this.#statements.get(text)
    if (known !== undefined) return known
    const statement = this.#database.prepare(text)
    this.#statements.set(text, statement)
    return statement
  }
}

/** `SQLITE_BUSY`: https://www.sqlite.org/rescode.html#busy */
const busy = 5
/** `SQLITE_READONLY`, `SQLITE_IOERR` and `SQLITE_CANTOPEN`: what comes of files that belong to another user. */
const unusable = [8, 10, 14]

/** Whether SQLite refused (`ERR_INVALID_STATE`: it is closed); anything else that is thrown is a mistake in the code. */
export const isRefusal = (cause: unknown): boolean =>
  cause instanceof Error && "code" in cause && (cause.code === "ERR_SQLITE_ERROR" || cause.code === "ERR_INVALID_STATE")

const errcodeOf = (cause: unknown): number => (cause instanceof Error && "errcode" in cause ? Number(cause.errcode) : 0)

/** Why nothing can be done while another process has the database. */
export const lockedReason = "another process has the database open"

/** What was thrown while `operation` ran, as an error. */
export const sqliteError = (operation: string, cause: unknown): SqliteError => {
  const locked = errcodeOf(cause) === busy
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new SqliteError({ operation, reason: locked ? lockedReason : reason })
}

/** What was thrown while a database was opened. SQLite does not say whose files they are; in a container, that is what is wrong. */
export const openError = (path: string, cause: unknown): SqliteError => {
  const { operation, reason } = sqliteError(`open ${path}`, cause)
  // The rest of an extended code says where it happened.
  if (!unusable.includes(errcodeOf(cause) & 0xff)) return new SqliteError({ operation, reason })
  const user = process.getuid === undefined ? "this user" : `user ${process.getuid()}`
  return new SqliteError({ operation, reason: `${reason}; ${user} must be able to write to it and to its folder` })
}
