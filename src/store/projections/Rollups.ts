/** What the rollup starts from and leaves behind. */
import { Effect, Option } from "effect"
import { isoTime } from "../../domain/Bucket.ts"
import type { Health } from "../../domain/Views.ts"
import type { Put, TableReader } from "../../ports/Table.ts"
import { readPage } from "../DayList.ts"
import { eventList } from "../events/Searches.ts"
import { asAttributes, decoder, FiguresItem, TickItem } from "./Items.ts"
import { figuresRange, healthKey, tickKey } from "./Keys.ts"
import { readSnapshot } from "./Snapshot.ts"

/** Minutes after which health that nobody judged again is not known any more. */
const healthMinutes = 5

export const healthWrite = (health: Health, now: number): Put => ({
  _tag: "Put",
  key: healthKey,
  attributes: asAttributes(health),
  expiresAt: Math.ceil(now / 1000) + healthMinutes * 60
})

export const tickWrite = (now: number): Put => ({ _tag: "Put", key: tickKey, attributes: { at: now } })

const decodeTick = decoder(TickItem)

/** When the rollup last brought everything up to date, milliseconds since the epoch; 0: never. One read. */
export const readTick = Effect.fnUntraced(function* (reader: TableReader) {
  const item = yield* reader.get(tickKey)
  return Option.isNone(item) ? 0 : (yield* decodeTick(item.value)).at
})

/** The figures of all scopes that have any, for each window. Four reads, one more per 1000 scopes. */
export const readFigures = (reader: TableReader) =>
  Effect.all({
    "15m": readSnapshot(reader, figuresRange("15m"), FiguresItem),
    "1h": readSnapshot(reader, figuresRange("1h"), FiguresItem),
    "24h": readSnapshot(reader, figuresRange("24h"), FiguresItem),
    "7d": readSnapshot(reader, figuresRange("7d"), FiguresItem)
  })

/** The time of the newest fact, RFC 3339; null if there is none. At most four reads. */
export const readLastFact = Effect.fnUntraced(function* (reader: TableReader) {
  const { items } = yield* readPage(reader, eventList([], {}), {}, { limit: 1 }).pipe(
    // It goes on from no cursor.
    Effect.catchTag("ForeignCursor", Effect.die)
  )
  const [newest] = items
  return newest === undefined ? null : newest.key.sort.slice(0, isoTime(0).length)
})
