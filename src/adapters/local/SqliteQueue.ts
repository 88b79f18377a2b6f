/**
 * The queues on the local database. Only what comes from outside waits for the disk: an offer to the plan queue, and a dead letter that is put
 * back. Orders, reports and facts are offered by stages that have a message in hand, and the database has one log, of which a power failure
 * cuts off the end: with such an offer everything is forgotten that was written after it, that the message was dealt with, too. Then that
 * comes again, which every consumer stands.
 */
import { Effect, type Layer, Option, Result } from "effect"
import {
  type FactQueue,
  layerFromStores,
  type OrderQueue,
  type PlanQueue,
  type ReportQueue
} from "../../flow/Queues.ts"
import type { Durability } from "../../ports/Table.ts"
import { type DeadLetter, QueueError } from "../../ports/WorkQueue.ts"
import {
  ArrivalSignal,
  ageSeconds,
  type LeasedMessage,
  type MessageLease,
  mostUnanswered,
  type NewMessage,
  type QueueStore,
  type Settlement,
  type TakeOptions,
  type TakeResult
} from "../../queue/QueueStore.ts"
import { steadyMillis } from "../../queue/SteadyTime.ts"
import type { Urgency } from "./GroupCommit.ts"
import { boundLimit, type Row, type Sql, type SqliteError } from "./Sql.ts"
import { Sqlite } from "./Sqlite.ts"

/** A message to store; nothing here drops repeated offers. */
type Addition = Omit<NewMessage, "deduplication">

const add = (sql: Sql, queue: string, { body, traceparent, wait, group }: Addition, now: number): void => {
  const isHead =
    group === undefined ||
    sql.get("SELECT 1 FROM messages WHERE queue = ? AND grp = ? LIMIT 1", queue, group) === undefined
  sql.run(
    `INSERT INTO messages (queue, body, traceparent, visible_at, wait, offered_at, grp, head)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[queue, body, traceparent ?? null, now + wait, wait, now, group ?? null, isHead ? 1 : 0]
  )
}

/** Holds only for who has the message in hand: its id and the hand-out. */
const held = "id = ? AND handout = ? AND leased = 1"
const keyOf = ({ id, handout }: MessageLease) => [Number(id), handout] as const

const takenOf = ({ id, body, traceparent, attempt, handout, unanswered, offered_at }: Row): LeasedMessage => ({
  id: String(id),
  body: String(body),
  traceparent: traceparent === null ? undefined : String(traceparent),
  attempt: Number(attempt),
  handout: Number(handout),
  unanswered: Number(unanswered),
  offeredAt: Number(offered_at)
})

/** When the first message becomes visible that is to be handed out alone (1), or with others (0). */
const firstTurn = (sql: Sql, queue: string, alone: 0 | 1): number | undefined => {
  const at = sql.get(
    "SELECT min(visible_at) AS at FROM messages WHERE queue = ? AND head = 1 AND alone = ?",
    ...[queue, alone]
  )?.at
  return at === null || at === undefined ? undefined : Number(at)
}

const take = (sql: Sql, queue: string, { limit, now, lease, alone, linger = 0 }: TakeOptions): TakeResult => {
  if (linger > 0) {
    const first = firstTurn(sql, queue, 0)
    const suspect = firstTurn(sql, queue, 1)
    if (first !== undefined && first <= now && first + linger > now)
      return { messages: [], next: first + linger, suspects: suspect !== undefined && suspect <= now, gathers: true }
  }
  const messages = sql
    .all(
      `SELECT id, body, traceparent, retries + 1 AS attempt, handout + 1 AS handout, unanswered, offered_at FROM messages
       WHERE queue = ? AND head = 1 AND alone = ? AND visible_at <= ? ORDER BY visible_at, leased, id ${boundLimit}`,
      ...[queue, alone ? 1 : 0, now, limit]
    )
    .map(takenOf)
  for (const { id, handout, unanswered } of messages) {
    sql.run(
      "UPDATE messages SET leased = 1, handout = ?, unanswered = ?, alone = ?, visible_at = ? WHERE id = ?",
      ...[handout, unanswered + 1, unanswered + 1 >= mostUnanswered ? 1 : 0, now + lease, Number(id)]
    )
  }
  const suspect = firstTurn(sql, queue, 1)
  const suspects = suspect !== undefined && suspect <= now
  if (messages.length > 0) return { messages, next: undefined, suspects }
  const moments = [suspect, firstTurn(sql, queue, 0)].filter((at) => at !== undefined)
  return { messages, next: moments.length === 0 ? undefined : Math.min(...moments), suspects }
}

/** Removes a message in hand and frees the next of its group. */
const remove = (sql: Sql, lease: MessageLease): void => {
  const gone = sql.get(`DELETE FROM messages WHERE ${held} RETURNING queue, grp`, ...keyOf(lease))
  const { queue, grp = null } = gone ?? {}
  if (queue === undefined || grp === null) return
  sql.run(
    "UPDATE messages SET head = 1 WHERE id = (SELECT min(id) FROM messages WHERE queue = ? AND grp = ?)",
    ...[queue, grp]
  )
}

const settle = (sql: Sql, settlement: Settlement, now: number): void => {
  switch (settlement._tag) {
    case "Done":
      remove(sql, settlement)
      return
    case "Retry":
      sql.run(
        `UPDATE messages SET leased = 0, retries = retries + 1, unanswered = 0, alone = 0, visible_at = ?, wait = ?
         WHERE ${held}`,
        ...[now + settlement.wait, settlement.wait, ...keyOf(settlement)]
      )
      return
    case "Dead":
      sql.run(
        `INSERT INTO dead_letters (queue, id, body, traceparent, grp, reason, attempts, died_at)
         SELECT queue, id, body, traceparent, grp, ?, ?, ? FROM messages WHERE ${held}`,
        ...[settlement.reason, settlement.attempts, now, ...keyOf(settlement)]
      )
      remove(sql, settlement)
  }
}

const depth = (sql: Sql, queue: string, now: number) => {
  const row = sql.get(
    `SELECT count(*) AS stored, count(*) FILTER (WHERE leased = 1 AND visible_at > ?) AS held, min(offered_at) AS first,
            (SELECT count(*) FROM dead_letters WHERE queue = ?) AS dead
     FROM messages WHERE queue = ?`,
    ...[now, queue, queue]
  )
  const [stored, inFlight, dead] = ["stored", "held", "dead"].map((name) => Number(row?.[name]))
  const first = row?.first ?? undefined
  const oldest = ageSeconds(first === undefined ? undefined : Number(first), now)
  return { waiting: (stored ?? 0) - (inFlight ?? 0), inFlight: inFlight ?? 0, dead: dead ?? 0, oldest }
}

/** An id as it is stored; what is none is found nowhere. */
const idOf = (id: string): number => (/^\d{1,15}$/.test(id) ? Number(id) : -1)

const letterOf = ({ id, body, reason, attempts, died_at }: Row): DeadLetter => ({
  id: String(id),
  body: readable(String(body)),
  reason: String(reason),
  attempts: Number(attempts),
  diedAt: Number(died_at)
})

const deadLetters = (sql: Sql, queue: string, limit: number) =>
  sql
    .all(
      `SELECT id, body, reason, attempts, died_at FROM dead_letters WHERE queue = ? ORDER BY seq DESC ${boundLimit}`,
      ...[queue, limit]
    )
    .map(letterOf)

const deadLetter = (sql: Sql, queue: string, id: string) =>
  Option.map(
    Option.fromNullishOr(
      sql.get(
        "SELECT id, body, reason, attempts, died_at FROM dead_letters WHERE queue = ? AND id = ?",
        ...[queue, idOf(id)]
      )
    ),
    letterOf
  )

const redrive = (sql: Sql, queue: string, id: string, now: number): boolean => {
  const letter = sql.get(
    "DELETE FROM dead_letters WHERE queue = ? AND id = ? RETURNING body, traceparent, grp",
    ...[queue, idOf(id)]
  )
  if (letter === undefined) return false
  const { body, traceparent, grp } = letter
  const text = (value: Row[string] | undefined) => (value === null || value === undefined ? undefined : String(value))
  add(sql, queue, { body: String(body), traceparent: text(traceparent), group: text(grp), wait: 0 }, now)
  return true
}

/** The JSON that a body is, or else its text. */
const readable = (body: string): unknown =>
  Result.getOrElse(
    Result.try((): unknown => JSON.parse(body)),
    () => body
  )

/**
 * What a process finds at its start. There is only one process at a time, so nothing is in hand: what was, becomes visible at once; its
 * hand-out is counted already. No message waits longer than it was put off for: the clock may have been set back meanwhile.
 */
const recover = (sql: Sql, queue: string, now: number): void => {
  sql.run("UPDATE messages SET leased = 0, visible_at = min(offered_at, ?) WHERE queue = ? AND leased = 1", now, queue)
  sql.run("UPDATE messages SET visible_at = ? + wait WHERE queue = ? AND visible_at > ? + wait", now, queue, now)
}

/** The store of one queue. Make one store per queue. `offers`: what a power failure may take with it ({@link Durability}). */
export const makeSqliteStore = Effect.fnUntraced(function* (queue: string, offers: Durability = "synced") {
  const sqlite = yield* Sqlite
  const arrivals = new ArrivalSignal()
  const failed =
    (operation: string) =>
    ({ message }: SqliteError): QueueError =>
      new QueueError({ queue, operation, message })
  const read = <A>(operation: string, query: (sql: Sql) => A) => Effect.mapError(sqlite.read(query), failed(operation))
  const write = <A>(operation: string, unit: (sql: Sql) => A, durability: Durability, urgency?: Urgency) =>
    Effect.mapError(
      sqlite.write((sql) => Result.succeed(unit(sql)), durability, urgency),
      failed(operation)
    )
  const ring = Effect.sync(() => arrivals.ring())

  const now = yield* steadyMillis
  yield* write("start", (sql) => recover(sql, queue, now), "ordered")

  const store: QueueStore = {
    arrivals,
    add: (messages, now) =>
      write(
        "offer",
        (sql) => {
          for (const message of messages) add(sql, queue, message, now)
        },
        offers,
        // What is offered for good is a delivery, which GitHub waits for.
        offers === "synced" ? "request" : "work"
      ).pipe(Effect.ensuring(ring)),
    take: (look) => write("take", (sql) => take(sql, queue, look), "ordered"),
    settle: (settlements, now) =>
      write(
        "settle",
        (sql) => {
          for (const settlement of settlements) settle(sql, settlement, now)
        },
        "ordered"
      ).pipe(Effect.ensuring(ring)),
    renew: (leases, now, lease) =>
      write(
        "renew",
        (sql) => {
          const text = `UPDATE messages SET visible_at = ? WHERE ${held}`
          for (const each of leases) sql.run(text, now + lease, ...keyOf(each))
        },
        "ordered"
      ),
    deadLetters: (limit) => read("deadLetters", (sql) => deadLetters(sql, queue, limit)),
    deadLetter: (id) => read("deadLetter", (sql) => deadLetter(sql, queue, id)),
    redrive: (id, now) => write("redrive", (sql) => redrive(sql, queue, id, now), "synced").pipe(Effect.ensuring(ring)),
    depth: (now) => read("depth", (sql) => depth(sql, queue, now))
  }
  return store
})

/** The four queues on the local database. */
export const layerQueues: Layer.Layer<PlanQueue | OrderQueue | ReportQueue | FactQueue, QueueError, Sqlite> =
  layerFromStores((name) => makeSqliteStore(name, name === "plan" ? "synced" : "ordered"))
