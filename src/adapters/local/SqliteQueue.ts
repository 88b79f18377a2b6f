/**
 * The queues on the local database. Only an offer waits for the disk: what is forgotten of taking, renewing and settling when the power
 * goes is that a message was dealt with, and then it comes again, which every consumer stands.
 */
import { Clock, Effect, type Layer, Result } from "effect"
import { type FactQueue, type OrderQueue, type PlanQueue, QueueError } from "../../ports/WorkQueue.ts"
import { layerFromStores } from "../../ports/WorkQueueFromStore.ts"
import { Doorbell, type QueueStore, type Settlement, type Taken } from "../../ports/WorkQueueStore.ts"
import type { Row, Sql, SqliteError } from "./Sql.ts"
import { Sqlite } from "./Sqlite.ts"

/** Holds only for who has the message in hand: its id and the attempt that was handed out. */
const held = "id = ? AND attempt = ? AND leased = 1"

const takenOf = ({ id, body, traceparent, attempt }: Row): Taken => ({
  id: String(id),
  body: String(body),
  traceparent: traceparent === null ? undefined : String(traceparent),
  attempt: Number(attempt)
})

const take = (sql: Sql, queue: string, limit: number, now: number, leaseEnd: number) => {
  const messages = sql
    .all(
      `SELECT id, body, traceparent, attempt + 1 AS attempt FROM messages WHERE queue = ? AND visible_at <= ?
       ORDER BY visible_at, leased, id LIMIT ?`,
      ...[queue, now, limit]
    )
    .map(takenOf)
  for (const { id, attempt } of messages) {
    sql.run("UPDATE messages SET leased = 1, attempt = ?, visible_at = ? WHERE id = ?", attempt, leaseEnd, Number(id))
  }
  if (messages.length > 0) return { messages, next: undefined }
  const next = sql.get("SELECT min(visible_at) AS at FROM messages WHERE queue = ?", queue)?.at ?? null
  return { messages, next: next === null ? undefined : Number(next) }
}

const settle = (sql: Sql, settlement: Settlement, now: number): void => {
  const lease = [Number(settlement.id), settlement.attempt] as const
  switch (settlement._tag) {
    case "Done":
      sql.run(`DELETE FROM messages WHERE ${held}`, ...lease)
      return
    case "Retry":
      sql.run(`UPDATE messages SET leased = 0, visible_at = ? WHERE ${held}`, settlement.visibleAt, ...lease)
      return
    case "Dead":
      sql.run(
        `INSERT INTO dead_letters (queue, id, body, reason, attempts, died_at)
         SELECT queue, id, body, ?, ?, ? FROM messages WHERE ${held}`,
        ...[settlement.reason, settlement.attempts, now, ...lease]
      )
      sql.run(`DELETE FROM messages WHERE ${held}`, ...lease)
  }
}

const depth = (sql: Sql, queue: string, now: number) => {
  const row = sql.get(
    `SELECT count(*) AS stored, count(*) FILTER (WHERE leased = 1 AND visible_at > ?) AS held,
            (SELECT count(*) FROM dead_letters WHERE queue = ?) AS dead
     FROM messages WHERE queue = ?`,
    ...[now, queue, queue]
  )
  const [stored, inFlight, dead] = ["stored", "held", "dead"].map((name) => Number(row?.[name]))
  return { waiting: (stored ?? 0) - (inFlight ?? 0), inFlight: inFlight ?? 0, dead: dead ?? 0 }
}

const deadLetters = (sql: Sql, queue: string, limit: number) =>
  sql
    .all("SELECT id, body, reason, attempts FROM dead_letters WHERE queue = ? ORDER BY seq DESC LIMIT ?", queue, limit)
    .map(({ id, body, reason, attempts }) => ({
      id: String(id),
      body: readable(String(body)),
      reason: String(reason),
      attempts: Number(attempts)
    }))

/** The JSON that a body is, or else its text. */
const readable = (body: string): unknown =>
  Result.getOrElse(
    Result.try((): unknown => JSON.parse(body)),
    () => body
  )

/**
 * The store of one queue. Messages that a process had in hand when it died become visible at once: there is only one process at a time,
 * so nobody has anything in hand when this one starts. Make one store per queue.
 */
export const makeStore = Effect.fnUntraced(function* (queue: string) {
  const sqlite = yield* Sqlite
  const doorbell = new Doorbell()
  const failed =
    (operation: string) =>
    ({ message }: SqliteError): QueueError =>
      new QueueError({ queue, operation, message })
  const read = <A>(operation: string, query: (sql: Sql) => A) => Effect.mapError(sqlite.read(query), failed(operation))
  const write = <A>(operation: string, unit: (sql: Sql) => A, durability: "synced" | "ordered") =>
    Effect.mapError(
      sqlite.write((sql) => Result.succeed(unit(sql)), durability),
      failed(operation)
    )
  const ring = Effect.sync(() => doorbell.ring())

  const recover = (now: number) => (sql: Sql) =>
    sql.run("UPDATE messages SET leased = 0, visible_at = ? WHERE queue = ? AND leased = 1", now, queue)
  yield* write("start", recover(Math.floor(yield* Clock.currentTimeMillis)), "ordered")

  const store: QueueStore = {
    doorbell,
    add: (messages) =>
      write(
        "offer",
        (sql) => {
          const text = "INSERT INTO messages (queue, body, traceparent, visible_at) VALUES (?, ?, ?, ?)"
          for (const { body, traceparent = null, visibleAt } of messages) {
            sql.run(text, queue, body, traceparent, visibleAt)
          }
        },
        "synced"
      ).pipe(Effect.ensuring(ring)),
    take: ({ limit, now, leaseEnd }) => write("take", (sql) => take(sql, queue, limit, now, leaseEnd), "ordered"),
    settle: Effect.fnUntraced(function* (settlements) {
      const now = Math.floor(yield* Clock.currentTimeMillis)
      yield* write(
        "settle",
        (sql) => {
          for (const settlement of settlements) settle(sql, settlement, now)
        },
        "ordered"
      )
    }, Effect.ensuring(ring)),
    renew: (leases, leaseEnd) =>
      write(
        "renew",
        (sql) => {
          const text = `UPDATE messages SET visible_at = ? WHERE ${held}`
          for (const { id, attempt } of leases) sql.run(text, leaseEnd, Number(id), attempt)
        },
        "ordered"
      ),
    deadLetters: (limit) => read("deadLetters", (sql) => deadLetters(sql, queue, limit)),
    depth: (now) => read("depth", (sql) => depth(sql, queue, now))
  }
  return store
})

/** The three queues on the local database. */
export const layerQueues: Layer.Layer<PlanQueue | OrderQueue | FactQueue, QueueError, Sqlite> =
  layerFromStores(makeStore)
