/** Brings the windows of whole days up to date: with the tick where few scopes have changed, otherwise with the turn of the hour. */
import { Effect } from "effect"
import { bucketBefore, isoTime } from "../../domain/Bucket.ts"
import { departedDays } from "../../domain/Stretch.ts"
import { Table } from "../../ports/Table.ts"
import { Retention } from "../Retention.ts"
import { type DayScopes, dayChanges, type HoursAtHand, type Moments, readScopesOfDay } from "./Days.ts"
import type { HourMemory } from "./HourMemory.ts"
import { overwrite } from "./Overwrite.ts"
import type { UpdatedScope } from "./ScopeUpdates.ts"
import type { TickItem } from "./TickItem.ts"
import { readTouched, type TouchedScope, touchedItems } from "./Touched.ts"

const concurrency = 16
/** Most scopes whose long windows are computed with the tick. */
const mostAtOnce = 50
const noneAtHand: HoursAtHand = { hours: new Map(), from: "~" }

const updateScope = Effect.fnUntraced(function* ({ scope, days }: TouchedScope, read: HoursAtHand, moments: Moments) {
  const table = yield* Table
  const { index, changes, write } = yield* dayChanges(table, scope, days, read, moments, yield* Retention)
  if (index.length > 0) yield* table.append(index)
  if (changes.length > 0) yield* table.append(changes)
  yield* overwrite([write])
})

/** Lists the scopes that a day leaves at the turn of the day, for this tick and the next ones. */
const listDepartedDays = Effect.fnUntraced(function* ({ day: before, at: right }: TickItem, now: number) {
  const table = yield* Table
  const today = bucketBefore("day", now, 0)
  if (before === "" || before >= today) return
  for (const day of departedDays(before, now)) {
    let cursor: string | undefined
    for (let index = 0; index === 0 || cursor !== undefined; index++) {
      const page: DayScopes = yield* readScopesOfDay(table, day, cursor)
      // Before the first hour of today, so that it is their turn at once.
      const at = `${bucketBefore("day", now, 1)}T23:59:59.999Z/${day}/${String(index).padStart(4, "0")}`
      const touched = page.scopes.map((scope) => ({ scope, days: [] }))
      yield* table.append(touchedItems(at, touched, right))
      cursor = page.cursor
    }
  }
})

/** Brings long windows up to date, or lists what was too much: up to when they are all right then, and whether there is more to do at once. */
export const updateLongWindows = Effect.fnUntraced(function* (
  last: TickItem,
  updated: ReadonlyArray<UpdatedScope>,
  memory: HourMemory,
  moments: Moments
) {
  const table = yield* Table
  const { now } = moments
  yield* listDepartedDays(last, now)
  const changed = updated.filter(({ days }) => days.length > 0)
  const isFew = changed.length <= mostAtOnce
  const listed = isFew ? [] : changed.map(({ scope, days }) => ({ scope, days }))
  if (!isFew) yield* table.append(touchedItems(isoTime(now), listed, last.at))
  const { scopes, keys, rest, isMoreDue } = yield* readTouched(table, now)
  // What waits may be about other days of the same scopes.
  const right = rest === undefined ? moments.right : Math.max(last.long, rest.right)
  const update = (one: TouchedScope, read: HoursAtHand) => updateScope(one, read, { now, right })
  yield* Effect.forEach(isFew ? changed : [], (one) => update(one, one), { concurrency, discard: true })
  yield* Effect.forEach(scopes, (one) => update(one, memory.get(one.scope) ?? noneAtHand), {
    concurrency,
    discard: true
  })
  yield* overwrite(keys.map((key) => ({ _tag: "Delete", key })))
  return { right, isMore: isMoreDue }
})
