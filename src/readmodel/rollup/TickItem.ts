/**
 * Which tick was the last, and whose turn it is.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `rollup` | `tick` | up to which moments everything is right, and who rolls up now |
 *
 * One rollup works at a time: it stores that it does, and for how long at most ({@link leaseMillis}, longer than a Lambda function of ours
 * may run). One that took longer all the same finds that another has taken over: what it adds up to sums that the other one has written
 * since gives way ({@link withinTurn}), and it marks its minutes again, so the next tick repairs what else the two may have mixed up.
 */
import { Effect, Option, Schema } from "effect"
import {
  absent,
  atVersion,
  isWritten,
  type Key,
  notNewer,
  type Put,
  Table,
  type TableReader
} from "../../ports/Table.ts"
import { asAttributes, itemDecoder } from "../Items.ts"

const Ranks = Schema.Struct({
  /** The moment at which the pages were right. */
  at: Schema.Int,
  /** When they were made, where that is known. */
  made: Schema.optionalKey(Schema.Int),
  /** Whether figures have changed since. */
  stale: Schema.Boolean,
  /** Whether there are so many scopes that they are not ranked with each tick. */
  large: Schema.Boolean
})

/** The last tick. Moments are milliseconds since the epoch; 0: never. */
export const TickItem = Schema.Struct({
  /** At which all figures of short windows were right. */
  at: Schema.Int,
  /** Up to which everything that leaves a short window has left it. */
  left: Schema.Int,
  /** At which all figures of long windows were right. */
  long: Schema.Int,
  /** The day up to which everything that leaves a long window has been listed as touched. */
  day: Schema.String,
  /** When the newest fact happened. */
  lastFactAt: Schema.NullOr(Schema.String),
  ranks: Schema.Record(Schema.String, Ranks),
  /** Until when a rollup has the turn; 0: none has it. */
  until: Schema.Int
})
export interface TickItem extends Schema.Schema.Type<typeof TickItem> {}

/** The longest turn. */
export const leaseMillis = 120_000

const key: Key = { table: "projections", partition: "rollup", sort: "tick" }
const decode = itemDecoder(TickItem)
const never: TickItem = { at: 0, left: 0, long: 0, day: "", lastFactAt: null, ranks: {}, until: 0 }

const put = (item: TickItem, version: number): Put => ({
  _tag: "Put",
  key,
  attributes: asAttributes(item),
  condition: version === 0 ? absent : atVersion(version)
})

/** The last tick. One read. */
export const readTick = Effect.fnUntraced(function* (reader: TableReader) {
  const item = yield* reader.get(key)
  return Option.isNone(item) ? never : yield* decode(item.value)
})

/** A turn: what the last tick left, and the version under which the turn is stored. */
export interface Turn {
  readonly last: TickItem
  readonly version: number
}

/** Takes the turn, unless another rollup has it. One read, one write. */
export const takeTurn = Effect.fnUntraced(function* (now: number) {
  const table = yield* Table
  const item = yield* table.get(key)
  const last = Option.isNone(item) ? never : yield* decode(item.value)
  if (last.until > now) return Option.none<Turn>()
  const version = Option.isNone(item) ? 0 : item.value.version
  const isTaken = yield* isWritten(table.write(put({ ...last, until: now + leaseMillis }, version)))
  return isTaken ? Option.some<Turn>({ last, version: version + 1 }) : Option.none<Turn>()
})

/**
 * The table for what sums up more than the minutes of a tick, such as an hour of which few have changed: a put gives way to that of a later turn,
 * which may have minutes that this one never read. One write for each put.
 */
export const withinTurn = (table: Table["Service"], { version }: Turn): Table["Service"] => ({
  ...table,
  append: (items) =>
    table.append(
      items.map((item) => ({
        ...item,
        attributes: { ...item.attributes, fold: version, facts: 0 },
        condition: notNewer(version, 0)
      }))
    )
})

/**
 * Ends the turn that a process had which is gone, so that the next tick need not wait until it would have ended: for a process that knows that
 * it is the only one, as on one machine, where the database is locked. One read, and one write where there was a turn.
 */
export const freeTurn = Effect.gen(function* () {
  const table = yield* Table
  const item = yield* table.get(key)
  if (Option.isNone(item)) return
  const last = yield* decode(item.value)
  if (last.until > 0) yield* table.write(put({ ...last, until: 0 }, item.value.version)).pipe(isWritten)
})

/** Ends the turn with what is right now; false where another rollup has taken over. One write. */
export const endTurn = Effect.fnUntraced(function* ({ version }: Turn, item: Omit<TickItem, "until">) {
  const table = yield* Table
  return yield* table.write(put({ ...item, until: 0 }, version)).pipe(isWritten)
})
