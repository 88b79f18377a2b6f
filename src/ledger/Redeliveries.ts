/**
 * What the sweep remembers: up to when it has read GitHub's log, and the deliveries that never arrived, each with how often it was asked for
 * again. In the ledger's table, in one partition that holds no more than failed within the 3 days in which GitHub redelivers:
 *
 * | partition | sort | holds |
 * | --- | --- | --- |
 * | `sweep` | `cursor` | up to when the log was read, and which older parts of it could not be |
 * | | `missing/<guid>` | a delivery that never arrived |
 */
import { Context, Effect, Layer, Option, Schema } from "effect"
import type { Obstacle } from "../domain/Obstacle.ts"
import { DeliveryId, GitHubId, SourceRun } from "../domain/SourceRun.ts"
import {
  absent,
  atVersion,
  isWritten,
  type Key,
  readAll,
  Table,
  type TableError,
  unconditional,
  type Write
} from "../ports/Table.ts"
import { readAcceptance, readRunOfDelivery } from "./Deliveries.ts"
import { decodeItem, encodeItem, expiryAfter, read, type Versioned } from "./Items.ts"
import { planKey } from "./Keys.ts"
import { obstacleWrite } from "./Obstacles.ts"

const key = (sort: string): Key => ({ table: "ledger", partition: "sweep", sort })
const missingKey = (id: DeliveryId): Key => key(`missing/${id}`)
const missingRange = { table: "ledger", partition: "sweep", from: "missing/", to: "missing0" } as const

/** A day longer than GitHub redelivers. */
const retentionDays = 4

/** A part of the log that could not be read: from GitHub's cursor back to a time (milliseconds since the epoch). */
export const Unread = Schema.Struct({ cursor: Schema.String, since: Schema.Int })
export interface Unread extends Schema.Schema.Type<typeof Unread> {}
/** Most parts that are kept. */
export const mostUnread = 5

const CursorItem = Schema.Struct({ readUntil: Schema.Int, unread: Schema.optionalKey(Schema.Array(Unread)) })
/** How far the log was read. */
export interface Position {
  /** Milliseconds since the epoch; 0 if it never was. */
  readonly readUntil: number
  readonly unread: ReadonlyArray<Unread>
}

/** A delivery all attempts of which failed. Times are milliseconds since the epoch. */
export const Missing = Schema.Struct({
  deliveryId: DeliveryId,
  /** GitHub's number of the latest attempt that failed. */
  attemptId: GitHubId,
  /** When it failed first, as far as was seen. */
  failedAt: Schema.Int,
  /** How often it was asked for again, and when last. */
  asked: Schema.Int,
  askedAt: Schema.NullOr(Schema.Int),
  /** The run that GitHub's record of the delivery is about, once it was read. */
  run: Schema.optionalKey(SourceRun),
  /** The requests that GitHub took and whose facts are not known to be published: the number of each, and when it was. */
  unpublished: Schema.optionalKey(Schema.Array(Schema.Struct({ asked: Schema.Int, at: Schema.Int })))
})
export interface Missing extends Schema.Schema.Type<typeof Missing> {}

/** What the sweep remembers. */
export interface SweepMemory {
  /** Stores what health is to name, until a time in milliseconds since the epoch. One write. */
  readonly note: (obstacle: Obstacle, until: number) => Effect.Effect<void, TableError>
  /** How far the log was read. One read. */
  readonly position: Effect.Effect<Position, TableError>
  /** Remembers how far the log was read. One write. */
  readonly advance: (position: Position) => Effect.Effect<void, TableError>
  /** The run of a delivery that has arrived. Two reads. */
  readonly acceptedRun: (id: DeliveryId) => Effect.Effect<SourceRun | undefined, TableError>
  /** Whether a delivery's run was planned. At most two reads. */
  readonly isPlanned: (id: DeliveryId) => Effect.Effect<boolean, TableError>
  /** All that is remembered as missing, with its version. One read for each 1000. */
  readonly missing: Effect.Effect<ReadonlyArray<Versioned<Missing>>, TableError>
  /** Remembers a missing delivery, unless it is remembered already (false). One write. */
  readonly remember: (missing: Missing) => Effect.Effect<boolean, TableError>
  /** Stores a delivery that is remembered already, unless another sweep was quicker (false). One write. */
  readonly update: (missing: Missing, version: number) => Effect.Effect<boolean, TableError>
  /** Forgets a delivery that has arrived. One write. */
  readonly forget: (id: DeliveryId) => Effect.Effect<void, TableError>
}

const make = (table: Table["Service"]): SweepMemory => {
  const expiresAt = expiryAfter(retentionDays)
  const put = Effect.fnUntraced(function* (missing: Missing, condition: NonNullable<Write["condition"]>) {
    const attributes = encodeItem(Missing, missing)
    return yield* table
      .write({ _tag: "Put", key: missingKey(missing.deliveryId), attributes, condition, expiresAt: yield* expiresAt })
      .pipe(isWritten)
  })

  return {
    note: (obstacle: Obstacle, until: number) => unconditional(table.write(obstacleWrite(obstacle, until))),
    position: Effect.map(
      read(table, key("cursor"), CursorItem),
      Option.match({
        onNone: (): Position => ({ readUntil: 0, unread: [] }),
        onSome: ({ value }): Position => ({ unread: [], ...value })
      })
    ),
    advance: (position: Position) =>
      table
        .write({ _tag: "Put", key: key("cursor"), attributes: encodeItem(CursorItem, position) })
        .pipe(unconditional),
    acceptedRun: (id: DeliveryId) =>
      Effect.map(readAcceptance(table, id), (found) => Option.getOrUndefined(found)?.run),
    isPlanned: Effect.fnUntraced(function* (id: DeliveryId) {
      const run = yield* readRunOfDelivery(table, id)
      return Option.isSome(run) && Option.isSome(yield* table.get(planKey(run.value)))
    }),
    missing: Effect.gen(function* () {
      const items = yield* readAll(table, missingRange)
      const decoded = yield* Effect.forEach(items, (item) =>
        Effect.catchDefect(Effect.asSome(decodeItem(item, Missing)), (defect) =>
          Effect.as(Effect.logWarning("a stored delivery cannot be read and is left out", defect), Option.none())
        )
      )
      return decoded.flatMap(Option.toArray)
    }),
    remember: (missing: Missing) => put(missing, absent),
    update: (missing: Missing, version: number) => put(missing, atVersion(version)),
    forget: (id: DeliveryId) => table.write({ _tag: "Delete", key: missingKey(id) }).pipe(unconditional)
  }
}

/** The sweep's memory. */
export class Redeliveries extends Context.Service<Redeliveries, SweepMemory>()("dispatcher/ledger/Redeliveries") {}

/** Over the table in the context. */
export const layer: Layer.Layer<Redeliveries, never, Table> = Layer.effect(
  Redeliveries,
  Effect.map(Table, (table) => make(table))
)
