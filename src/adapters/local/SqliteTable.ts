/** The Table on the local database: what `TableRules.ts` says, within one transaction. Expired items are removed in the background. */
import { Clock, Duration, Effect, Layer, Option, Result } from "effect"
import {
  type Appended,
  Durability,
  type Item,
  type Key,
  type Page,
  type Query,
  Table,
  TableError,
  TableUnavailable,
  type Write
} from "../../ports/Table.ts"
import {
  appended,
  type Change,
  cursorOf,
  evaluate,
  invalid,
  prevails,
  problemOfKey,
  type Range,
  rangeOf,
  type Stored,
  toItem
} from "../TableRules.ts"
import { boundLimit, type Row, type Sql, type SqliteError } from "./Sql.ts"
import { Sqlite } from "./Sqlite.ts"

/** How often expired items are removed, and how many at a time, so that nothing waits long behind them. */
const purge = { interval: Duration.minutes(1), batch: 500 }

/** Most items that are appended at once; some milliseconds. Between two such parts others have their turn. */
const mostAppended = 500

/** Takes the whole seconds of now: expiry is in whole seconds, so no more is needed. */
const living = "(expires_at IS NULL OR expires_at > ?)"
const seconds = (now: number): number => Math.floor(now / 1000)

const storedOf = (row: Row): Stored => ({
  version: Number(row.version),
  json: String(row.json),
  expiresAt: row.expires_at === null ? undefined : Number(row.expires_at)
})

const selectLiving = `SELECT version, json, expires_at FROM items WHERE tbl = ? AND partition = ? AND sort = ? AND ${living}`
const readStored = (sql: Sql, { table, partition, sort }: Key, now: number): Stored | undefined => {
  const row = sql.get(selectLiving, table, partition, sort, seconds(now))
  return row === undefined ? undefined : storedOf(row)
}

const makeChange = (sql: Sql, { key: { table, partition, sort }, stored }: Change): void => {
  if (stored === undefined) {
    sql.run("DELETE FROM items WHERE tbl = ? AND partition = ? AND sort = ?", table, partition, sort)
  } else {
    const { version, json, expiresAt = null } = stored
    sql.run(
      `INSERT INTO items (tbl, partition, sort, version, json, expires_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET version = excluded.version, json = excluded.json, expires_at = excluded.expires_at`,
      ...[table, partition, sort, version, json, expiresAt]
    )
  }
}

const readPage = (sql: Sql, { table, partition, limit, direction }: Query, range: Range, now: number): Page => {
  const descending = direction === "descending"
  const bounds = [
    { text: "sort >= ?", value: range.from },
    { text: "sort <= ?", value: range.to },
    { text: descending ? "sort < ?" : "sort > ?", value: range.after }
  ].flatMap(({ text, value }) => (value === undefined ? [] : [{ text, value }]))
  const rows = sql.all(
    `SELECT sort, version, json, expires_at FROM items
     WHERE ${["tbl = ?", "partition = ?", living, ...bounds.map(({ text }) => text)].join(" AND ")}
     ORDER BY sort ${descending ? "DESC" : "ASC"} ${boundLimit}`,
    ...[table, partition, seconds(now), ...bounds.map(({ value }) => value), limit + 1]
  )
  const items = rows
    .slice(0, limit)
    .map((row): Item => toItem({ table, partition, sort: String(row.sort) }, storedOf(row)))
  return { items, cursor: rows.length > limit ? cursorOf(items.at(-1)?.key.sort ?? "") : undefined }
}

const unavailable =
  (operation: string) =>
  ({ message }: SqliteError): TableError =>
    new TableError({ operation, reason: new TableUnavailable({ message }) })

/**
 * Whether losing these writes is losing, with them, everything that was written after them: then the stage that made them makes them again. The
 * database has one log, so that a power failure cuts off its end; a message that led to them is back in its queue.
 */
const isRepeatable = (writes: ReadonlyArray<Write>): boolean =>
  writes.every(({ condition }) => condition?._tag === "NotNewer" || condition?._tag === "Token")

const make = Effect.gen(function* () {
  const sqlite = yield* Sqlite

  const transact = Effect.fnUntraced(function* (operation: string, writes: ReadonlyArray<Write>) {
    const durability = yield* Durability
    return yield* Clock.clockWith((clock) => {
      const now = clock.currentTimeMillisUnsafe()
      return sqlite.write(
        (sql) =>
          Result.map(
            evaluate(operation, writes, (key) => readStored(sql, key, now)),
            (changes) => {
              for (const change of changes) makeChange(sql, change)
            }
          ),
        isRepeatable(writes) ? "ordered" : durability
      )
    }).pipe(Effect.catchTag("SqliteError", (error) => Effect.fail(unavailable(operation)(error))))
  })

  const append = Effect.fnUntraced(function* (items: ReadonlyArray<Appended>) {
    const changes = yield* Effect.fromResult(appended(items))
    const now = yield* Clock.currentTimeMillis
    for (let index = 0; index < changes.length; index += mostAppended) {
      const unit = (sql: Sql) => {
        for (const change of changes.slice(index, index + mostAppended)) {
          if (prevails(change, () => readStored(sql, change.key, now))) makeChange(sql, change)
        }
        return Result.succeed(undefined)
      }
      yield* Effect.mapError(sqlite.write(unit, "ordered"), unavailable("append"))
    }
  })

  const get = Effect.fnUntraced(function* (key: Key) {
    const problem = problemOfKey(key)
    if (problem !== undefined) return yield* invalid("get", problem)
    const now = yield* Clock.currentTimeMillis
    const stored = yield* Effect.mapError(
      sqlite.read((sql) => readStored(sql, key, now)),
      unavailable("get")
    )
    return Option.map(Option.fromUndefinedOr(stored), (found) => toItem(key, found))
  })

  const query = Effect.fnUntraced(function* (query: Query) {
    const range = yield* Effect.fromResult(rangeOf(query))
    const now = yield* Clock.currentTimeMillis
    return yield* Effect.mapError(
      sqlite.read((sql) => readPage(sql, query, range, now)),
      unavailable("query")
    )
  })

  const removeExpired = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const text = `DELETE FROM items WHERE rowid IN (SELECT rowid FROM items WHERE expires_at <= ? ${boundLimit})`
    return yield* sqlite.write((sql) => Result.succeed(sql.run(text, seconds(now), purge.batch)), "ordered")
  }).pipe(
    Effect.repeat({ while: (removed) => removed === purge.batch }),
    Effect.catch((error) => Effect.logError("expired items could not be removed", error)),
    Effect.delay(purge.interval),
    Effect.forever
  )
  yield* Effect.forkScoped(removeExpired)

  return Table.of({
    get,
    query,
    write: (write) => transact("write", [write]),
    transact: (writes) => transact("transact", writes),
    append
  })
})

/** The Table on the local database. */
export const layerTable: Layer.Layer<Table, never, Sqlite> = Layer.effect(Table, make)
