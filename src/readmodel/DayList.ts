/**
 * Lists that are read newest first, a page at a time, and grow for ever: one partition per day, and one that says which days there are,
 * so that a page costs no more reads where nothing happened for weeks.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `<list>/<day>` | `<time>/<id>` | an entry |
 * | `<list>/days` | day | nothing: that the day has entries |
 */
import { Effect } from "effect"
import { type Bucket, bucketOf } from "../domain/Bucket.ts"
import type { Item, Key, TableError, TableReader } from "../ports/Table.ts"
import { foreignCursor, nextCursor, positionOf } from "./Cursor.ts"
import type { BadCursor, Paging } from "./DashboardQueries.ts"

export interface DayList {
  readonly name: string
}
const table = "projections"

/** Where the entry of a time is kept. */
export const entryKey = ({ name }: DayList, time: string, id: string): Key => ({
  table,
  partition: `${name}/${bucketOf("day", time)}`,
  sort: `${time}/${id}`
})
/** Where it is noted that there are entries on the day of a time. */
export const dayKey = ({ name }: DayList, time: string): Key => ({
  table,
  partition: `${name}/days`,
  sort: bucketOf("day", time)
})

/** Times in the spelling that sorts, both inclusive. */
export interface TimeRange {
  readonly from?: string
  readonly to?: string
}
/** A page of a list, newest first; the cursor leads to older entries. */
export interface ListPage {
  readonly items: ReadonlyArray<Item>
  readonly cursor: string | null
}

/** Most days that a page goes through; if they hold little, the page is short. */
const daysPerPage = 3

/** The day to go on with, and where in it the page before ended (undefined: nowhere in it yet). */
interface Position {
  readonly day: Bucket
  readonly after: string | undefined
}
const formatCursor = (list: DayList, position: Position | undefined): string | null =>
  nextCursor(list.name, position && [position.day, ...(position.after === undefined ? [] : [position.after])].join("~"))
const parseCursor = (list: DayList, cursor: string | undefined): Effect.Effect<Position | undefined, BadCursor> =>
  Effect.map(positionOf(list.name, cursor), (position) => {
    if (position === undefined) return undefined
    const [day = "", after] = position.split("~", 2)
    return { day, after }
  })

/** The newest days with entries, not before and not after the given ones. One read. */
const readDays = (reader: TableReader, { name }: DayList, range: TimeRange, limit: number) =>
  Effect.map(
    reader.query({
      table,
      partition: `${name}/days`,
      limit,
      direction: "descending",
      ...(range.from === undefined ? {} : { from: bucketOf("day", range.from) }),
      ...(range.to === undefined ? {} : { to: bucketOf("day", range.to) })
    }),
    ({ items }) => items.map(({ key }) => key.sort)
  )

/** What of a day is within a range. "0" comes right after the "/" behind the time in a sort key, "U" after the "T" within it. */
const within = (day: Bucket, { from = "", to }: TimeRange) => {
  const endOfDay = `${day}U`
  return {
    from: from > day ? from : day,
    to: to === undefined || `${to}0` > endOfDay ? endOfDay : `${to}0`
  }
}

/** Entries of one day, newest first. One read. */
const readDay = (reader: TableReader, { name }: DayList, range: TimeRange, { day, after }: Position, limit: number) =>
  reader.query({
    table,
    partition: `${name}/${day}`,
    ...within(day, range),
    limit,
    direction: "descending",
    ...(after === undefined ? {} : { cursor: after })
  })

/** A cursor of a page with other times is none of this one. */
const notGiven = (error: TableError, { after }: Position): TableError | BadCursor =>
  error.reason._tag === "Invalid" && after !== undefined ? foreignCursor : error

/**
 * A page of a list. One read of which days there are, and one for each of at most {@link daysPerPage}, however many entries there are and
 * however many days between them.
 */
export const readPage = Effect.fnUntraced(function* (
  reader: TableReader,
  list: DayList,
  range: TimeRange,
  paging: Paging
): Effect.fn.Return<ListPage, TableError | BadCursor> {
  const start = yield* parseCursor(list, paging.cursor)
  const upTo = start === undefined ? range : { ...range, to: start.day }
  const days = yield* readDays(reader, list, upTo, daysPerPage + 1)
  const items: Array<Item> = []
  for (const [index, day] of days.slice(0, daysPerPage).entries()) {
    const position: Position = { day, after: day === start?.day ? start.after : undefined }
    const page = yield* Effect.mapError(readDay(reader, list, range, position, paging.limit - items.length), (error) =>
      notGiven(error, position)
    )
    items.push(...page.items)
    if (page.cursor !== undefined) return { items, cursor: formatCursor(list, { day, after: page.cursor }) }
    if (items.length >= paging.limit || index === daysPerPage - 1) {
      const next = days[index + 1]
      return { items, cursor: formatCursor(list, next === undefined ? undefined : { day: next, after: undefined }) }
    }
  }
  return { items, cursor: null }
})
