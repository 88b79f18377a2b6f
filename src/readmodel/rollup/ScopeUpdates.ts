/** Brings scopes up to date: the hours of each that have changed, then its figures. */
import { Effect } from "effect"
import { type Bucket, bucketBefore, bucketOf } from "../../domain/Bucket.ts"
import type { Minutes } from "../../domain/HourSums.ts"
import { type Scope, scopeKey } from "../../domain/Scope.ts"
import { departed } from "../../domain/Stretch.ts"
import { Table } from "../../ports/Table.ts"
import { Retention } from "../Retention.ts"
import type { Moments } from "./Days.ts"
import type { HourMemory, Needs, Remembered } from "./HourMemory.ts"
import { changedHours, type Hours, hourItem, readHours, type StoredHour } from "./Hours.ts"
import { readScopes } from "./MinuteIndex.ts"
import { overwrite } from "./Overwrite.ts"
import { figuresWrite, hoursCutBy, windowsAt } from "./ScopeFigures.ts"
import type { TouchedScope } from "./Touched.ts"

/** How many reads or writes are on their way at a time. */
const concurrency = 16
/** Hours that the longest short window and the one before it reach back. */
const reach = 14 * 24
/** Most hours of a scope that are read one by one where the others are remembered. */
const mostHours = 3
/** Stands for minutes that are not remembered, and not needed. */
const notRead = (): never => {
  throw new Error("the minutes of an hour are needed that were not read")
}

/** What a tick changes of a scope. */
export interface ScopeChange {
  readonly scope: Scope
  readonly minutes: Minutes
  /** Minutes of which all is written again, though it seems the same. */
  readonly again: ReadonlySet<Bucket>
}
/** A scope that was brought up to date, the days of it that have changed, and the hours that were read, from which on. */
export interface UpdatedScope extends TouchedScope {
  readonly hours: Hours
  readonly from: Bucket
}

/** The scopes that something leaves until `until`, without changes of their own. */
export const leaving = Effect.fnUntraced(function* (left: number, until: number) {
  const table = yield* Table
  const scopes = yield* Effect.forEach(departed(left, until), (stretch) => readScopes(table, stretch), { concurrency })
  const nothing = { minutes: new Map(), again: new Set<Bucket>() }
  return new Map(scopes.flat().map((scope): [string, ScopeChange] => [scopeKey(scope), { scope, ...nothing }]))
})

const needsOf = (now: number, windows: ReturnType<typeof windowsAt>): Needs => {
  const cut = hoursCutBy(windows)
  const days = new Set([...cut].map((hour) => bucketOf("day", hour)))
  const recent = bucketBefore("hour", now, 2)
  return {
    from: bucketBefore("hour", now, reach),
    isCut: (hour) => cut.has(hour) || hour >= recent,
    isCutDay: (day) => days.has(day) || day >= bucketOf("day", recent)
  }
}

/** Stretches of hours, first and last. */
type Spans = ReadonlyArray<readonly [first: Bucket, last: Bucket]>

/** What is to be read where hours are remembered: older ones that change, those of which minutes are needed, and days of which hours are. */
const spansToRead = (
  known: ReadonlyMap<Bucket, Remembered>,
  changing: ReadonlySet<Bucket>,
  { from, isCut, isCutDay }: Needs
): Spans => {
  const changingDays = new Set([...changing].map((hour) => bucketOf("day", hour)))
  const days = [...known.values()]
    .filter(({ isDay }) => isDay === true)
    .map(({ hour }) => bucketOf("day", hour))
    .filter((day) => isCutDay(day) || changingDays.has(day))
  const isNeeded = (hour: Bucket) => isCut(hour) || changing.has(hour)
  const totals = [...known.values()].filter(({ isDay, minutes }) => !isDay && minutes === undefined)
  const older = [...changing].filter((hour) => hour < from)
  const hours = new Set([...older, ...totals.map(({ hour }) => hour).filter(isNeeded)])
  return [
    ...days.map((day) => [`${day}T00`, `${day}T23`] as const),
    ...[...hours].filter((hour) => !days.includes(bucketOf("day", hour))).map((hour) => [hour, hour] as const)
  ]
}

/** The hours of a scope, and those before them that change. */
const hoursFor = Effect.fnUntraced(function* (
  { scope, minutes }: ScopeChange,
  memory: HourMemory,
  now: number,
  needs: Needs
) {
  const table = yield* Table
  const changing = new Set([...minutes.keys()].map((minute) => bucketOf("hour", minute)))
  const known = changing.size <= mostHours ? memory.get(scope)?.hours : undefined
  memory.forget(scope)
  const older = [...changing].filter((hour) => hour < needs.from)
  const spans: Spans =
    known === undefined
      ? [[needs.from, bucketBefore("hour", now, 0)], ...older.map((hour) => [hour, hour] as const)]
      : spansToRead(known, changing, needs)
  const all = new Map<Bucket, StoredHour>()
  for (const [hour, { minutes = notRead, ...rest }] of known ?? []) {
    if (!spans.some(([first, last]) => hour >= first && hour <= last)) all.set(hour, { ...rest, minutes })
  }
  const read = yield* Effect.forEach(spans, ([first, last]) => readHours(table, scope, first, last), { concurrency })
  for (const [hour, sum] of read.flatMap((hours) => [...hours])) all.set(hour, sum)
  return all
})

/** Brings scopes up to date. Of each at most 8 reads, none where all is remembered, one write, and one for each hour that changed. */
export const updateScopes = (changes: Iterable<ScopeChange>, memory: HourMemory, moments: Moments) => {
  const windows = windowsAt(moments.now)
  const needs = needsOf(moments.now, windows)
  const update = Effect.fnUntraced(function* (change: ScopeChange) {
    const table = yield* Table
    const kept = yield* Retention
    const { scope, minutes, again } = change
    const all = yield* hoursFor(change, memory, moments.now, needs)
    const changed = changedHours(all, minutes, again)
    if (changed.length > 0) yield* table.append(changed.map((hour) => hourItem(scope, hour, moments.now, kept)))
    const hours: Hours = new Map([...all, ...changed.map((hour) => [hour.hour, hour] as const)])
    yield* overwrite([figuresWrite(scope, hours, windows, moments)])
    memory.set(scope, hours, needs)
    const days = [...new Set([...minutes.keys()].map((minute) => bucketOf("day", minute)))]
    const updated: UpdatedScope = { scope, days, hours, from: needs.from }
    return updated
  })
  return Effect.forEach(changes, update, { concurrency })
}
