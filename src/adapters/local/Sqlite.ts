/**
 * The local database: one SQLite file, one connection, one process. Everything durable on a single machine goes through here.
 *
 * Writes are committed in groups (`GroupCommit.ts`). The connection holds SQLite's exclusive lock for as long as it is open, so a second
 * process on the same file is refused, and a process that died leaves nothing behind that would refuse the next.
 */
import { closeSync, fdatasync, openSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { Context, Effect, Exit, Layer } from "effect"
import type { Durability } from "../../ports/Table.ts"
import { GroupCommit, type SyncLog, type Urgency, type WriteUnit } from "./GroupCommit.ts"
import { makePrivate } from "./PrivateFiles.ts"
import { isRefusal, openError, Sql, type SqliteError, sqliteError } from "./Sql.ts"
import { migrations } from "./SqliteSchema.ts"

export type { WriteUnit } from "./GroupCommit.ts"
export { lockedReason, type Row, type Sql, SqliteError } from "./Sql.ts"

/** The one connection to the database. */
export class Sqlite extends Context.Service<
  Sqlite,
  {
    /** Reads what is committed. `query` must not write. */
    readonly read: <A>(query: (sql: Sql) => A) => Effect.Effect<A, SqliteError>
    /**
     * Runs `unit` within the next transaction and answers after that was committed. All of it is written, or nothing: nothing if it returns
     * a failure or throws. Other units share the transaction, but none of them sees or suffers from one that failed. `synced` and `work`
     * where nothing else is said.
     */
    readonly write: <A, E>(
      unit: WriteUnit<A, E>,
      durability?: Durability,
      urgency?: Urgency
    ) => Effect.Effect<A, E | SqliteError>
  }
>()("dispatcher/adapters/local/Sqlite") {}

/** How long SQLite waits for a lock, milliseconds: a process that is just closing gets this long to let go of it. */
const busyTimeout = 1000

const open = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path, { timeout: busyTimeout })
  try {
    // The lock is taken by the first statement that needs one and kept until the connection closes.
    database.exec("PRAGMA locking_mode = EXCLUSIVE")
    database.exec("PRAGMA journal_mode = WAL")
    database.exec("PRAGMA cache_size = -32000")
    database.exec("PRAGMA synchronous = NORMAL")
    // What a savepoint keeps of pages, to put them back, else goes to a file where it is more than 64 KiB.
    database.exec("PRAGMA temp_store = MEMORY")
    migrate(database)
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}

const migrate = (database: DatabaseSync): void => {
  const version = Number(database.prepare("PRAGMA user_version").get()?.user_version)
  if (version > migrations.length) {
    throw new Error(
      `it was written by a newer version of the dispatcher (${version}, this one knows ${migrations.length})`
    )
  }
  database.exec("BEGIN EXCLUSIVE")
  for (const step of migrations.slice(version)) database.exec(step)
  database.exec(`PRAGMA user_version = ${migrations.length}`)
  database.exec("COMMIT")
}

/** Syncs the write-ahead log, which SQLite keeps in one file for as long as the connection is open. */
const logSync = (path: string) =>
  Effect.acquireRelease(
    Effect.try({ try: () => openSync(`${path}-wal`, "r+"), catch: (cause) => openError(path, cause) }),
    (file) => Effect.sync(() => closeSync(file))
  ).pipe(
    Effect.map(
      (file): SyncLog =>
        (done) =>
          fdatasync(file, done)
    )
  )

/** A database in memory has no log. */
const noLog: SyncLog = (done) => done(null)

const make = Effect.fnUntraced(function* (path: string) {
  if (path !== ":memory:") {
    const changed = yield* Effect.try({ try: () => makePrivate(path), catch: (cause) => openError(path, cause) })
    yield* Effect.forEach(changed, ({ file, problem }) =>
      problem === undefined
        ? Effect.logWarning(`${file} was open to others and is for its owner only now`)
        : Effect.logWarning(`${file} is open to others, and cannot be changed: ${problem}`)
    )
  }
  const database = yield* Effect.acquireRelease(
    Effect.try({ try: () => open(path), catch: (cause) => openError(path, cause) }),
    // Closing moves the write-ahead log to the database and removes it.
    (database) => Effect.sync(() => database.close())
  )
  const sql = new Sql(database)
  const syncLog = path === ":memory:" ? noLog : yield* logSync(path)
  const group = yield* Effect.acquireRelease(
    Effect.sync(() => new GroupCommit(sql, syncLog)),
    (group) => Effect.promise(() => group.close())
  )
  return Sqlite.of({
    write: (unit, durability = "synced", urgency) => group.write(unit, durability, urgency),
    read: (query) => Effect.suspend(() => readNow(sql, query))
  })
})

const readNow = <A>(sql: Sql, query: (sql: Sql) => A): Exit.Exit<A, SqliteError> => {
  try {
    return Exit.succeed(query(sql))
  } catch (cause) {
    return isRefusal(cause) ? Exit.fail(sqliteError("read", cause)) : Exit.die(cause)
  }
}

/** The database at `path` (its folder is made where it is missing), or `:memory:`. Fails where another process has it open. */
export const layer = (path: string): Layer.Layer<Sqlite, SqliteError> => Layer.effect(Sqlite, make(path))
