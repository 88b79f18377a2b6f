/**
 * A tick of the rollup: whole minutes are folded from their contributions, and what follows from them is overwritten. Right however often
 * a tick is repeated and wherever one ends: a mark stays until everything that follows from its minute is written.
 *
 * | for | reads | writes |
 * | --- | --- | --- |
 * | every tick | at most 20 | 4 |
 * | each run with very many facts | as `foldStoredRun` | and 1 |
 * | each marked minute, at most 240 a tick | 2, one more for 1000 contributions | at most 3 |
 * | each scope that a marked minute touches, or that something left | 1 to 8, none where all is remembered (`HourMemory.ts`) | 1, and 1 for each hour that changed |
 * | each scope whose long windows change | 1 | 1, and at most 2 for each day that changed |
 * | each connection that a marked minute touches, or that a day leaves | 1 | at most 4 |
 * | each minute whose connections were left to the turn of the hour, at most 10 a tick | 1, one more for 1000 contributions | 2 |
 * | each kind of scope that is ranked, where its figures changed | at most 9, one more for 1000 scopes | 1 for each page that changed |
 */
import { Clock, Effect, Option } from "effect"
import type { QueueSample } from "../../domain/Answers.ts"
import { type Bucket, bucketBefore, bucketOf, isoTime } from "../../domain/Bucket.ts"
import type { Minutes } from "../../domain/HourSums.ts"
import { rankedKind } from "../../domain/Leaderboards.ts"
import { type Scope, type ScopeKind, scopeKey } from "../../domain/Scope.ts"
import { departed, departedDays } from "../../domain/Stretch.ts"
import type { Vitals } from "../../domain/Vitals.ts"
import { Table } from "../../ports/Table.ts"
import { freshMarks, minuteMark, removeMark } from "../Marks.ts"
import { Retention } from "../Retention.ts"
import { updateConnections } from "./ConnectionWork.ts"
import { type DayScopes, dayChanges, type Moments, readScopesOfDay } from "./Days.ts"
import { healthItems } from "./HealthItem.ts"
import { type HourMemory, keep, recall } from "./HourMemory.ts"
import { changedHours, type Hours, hourItem, readHours, type StoredHour } from "./Hours.ts"
import { foldMinutes, foldUnfolded, readMarks } from "./MarkedMinutes.ts"
import { readScopes } from "./MinuteIndex.ts"
import { overwrite } from "./Overwrite.ts"
import { updateRankings } from "./Rankings.ts"
import { figuresWrite, hoursCutBy, type WindowAt, windowsAt } from "./ScopeFigures.ts"
import { endTurn, type TickItem, type Turn, takeTurn } from "./TickItem.ts"
import { readTouched, type TouchedScope, touchedItems } from "./Touched.ts"

/** How many reads or writes are on their way at a time. */
const concurrency = 16
/** Most scopes whose long windows are computed with the tick. */
const mostLong = 50
/** What a tick lets leave at most, in milliseconds, so that one after days of rest is bounded; what is older than 15 days has left all. */
const slice = 6 * 3_600_000
const longestRest = 15 * 86_400_000
const allKinds = Object.values(rankedKind)
/** Hours that the longest short window and the one before it reach back. */
const reach = 14 * 24

/** Most hours of a scope that are read one by one where the others are remembered. */
const mostHours = 3
/** Stands for minutes that are not remembered, and not needed. */
const notRead = (): never => {
  throw new Error("the minutes of an hour are needed that were not read")
}

/** What a tick changes of a scope. */
interface ScopeChange {
  readonly scope: Scope
  readonly minutes: Minutes
}

/** A scope that was brought up to date, the days of it that have changed, and the hours that were read, from which on. */
interface UpdatedScope extends TouchedScope {
  readonly hours: Hours
  readonly from: Bucket
}

/** The scopes that something leaves until `until`, without changes of their own. */
const leaving = Effect.fnUntraced(function* (left: number, until: number) {
  const table = yield* Table
  const scopes = yield* Effect.forEach(departed(left, until), (stretch) => readScopes(table, stretch), { concurrency })
  return new Map(scopes.flat().map((scope) => [scopeKey(scope), { scope, minutes: new Map() as Minutes }]))
})

/** Where a tick stands in time. */
interface Present {
  readonly moments: Moments
  readonly windows: ReadonlyArray<WindowAt>
  /** The first hour that a window needs. */
  readonly from: Bucket
  /** Whether the minutes of an hour are needed, too, now or soon. */
  readonly isCut: (hour: Bucket) => boolean
}

const presentOf = (moments: Moments): Present => {
  const windows = windowsAt(moments.now)
  const cut = hoursCutBy(windows)
  const recent = bucketBefore("hour", moments.now, 2)
  const isCut = (hour: Bucket) => cut.has(hour) || hour >= recent
  return { moments, windows, from: bucketBefore("hour", moments.now, reach), isCut }
}

/** The hours of a scope, and those before them that change. What is remembered is not read, but where it changes or where its minutes are needed. */
const hoursFor = Effect.fnUntraced(function* ({ scope, minutes }: ScopeChange, memory: HourMemory, present: Present) {
  const table = yield* Table
  const { moments, from, isCut } = present
  const changing = new Set([...minutes.keys()].map((minute) => bucketOf("hour", minute)))
  const known = memory.take(scope)
  const isKnown = known !== undefined && changing.size <= mostHours
  const all = new Map<Bucket, StoredHour>()
  const unknown = new Set([...changing].filter((hour) => isKnown || hour < from))
  if (isKnown) {
    for (const [hour, { minutes = notRead, ...rest }] of known) {
      if (minutes === notRead && isCut(hour)) unknown.add(hour)
      else all.set(hour, { ...rest, minutes })
    }
  } else {
    const hours = yield* readHours(table, scope, from, bucketBefore("hour", moments.now, 0))
    for (const [hour, sum] of hours) all.set(hour, sum)
  }
  const found = yield* Effect.forEach(unknown, (hour) => readHours(table, scope, hour, hour), { concurrency })
  for (const hour of unknown) all.delete(hour)
  for (const [hour, sum] of found.flatMap((hours) => [...hours])) all.set(hour, sum)
  return all
})

/** Brings scopes up to date: the hours of each, then its figures. */
const updateAll = (changes: Iterable<ScopeChange>, memory: HourMemory, moments: Moments) => {
  const present = presentOf(moments)
  const { windows, from, isCut } = present
  const update = Effect.fnUntraced(function* (change: ScopeChange) {
    const table = yield* Table
    const kept = yield* Retention
    const { scope, minutes } = change
    const all = yield* hoursFor(change, memory, present)
    const changed = changedHours(all, minutes)
    if (changed.length > 0) yield* table.append(changed.map((hour) => hourItem(scope, hour, moments.now, kept)))
    const hours: Hours = new Map([...all, ...changed.map((hour) => [hour.hour, hour] as const)])
    yield* overwrite([figuresWrite(scope, hours, windows, moments)])
    memory.set(scope, hours, from, isCut)
    const days = [...new Set([...minutes.keys()].map((minute) => bucketOf("day", minute)))]
    return { scope, days, hours, from }
  })
  return Effect.forEach(changes, update, { concurrency })
}

/** Brings the long windows of a scope up to date. */
const updateLong = Effect.fnUntraced(function* (
  { scope, days }: TouchedScope,
  read: { readonly hours: Hours; readonly from: Bucket },
  moments: Moments
) {
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
      yield* table.append(
        touchedItems(
          at,
          page.scopes.map((scope) => ({ scope, days: [] })),
          right
        )
      )
      cursor = page.cursor
    }
  }
})

const nothingRead: { readonly hours: Hours; readonly from: Bucket } = { hours: new Map(), from: "~" }

/** Brings long windows up to date, or lists what was too much: up to when they are all right then, and whether there is more to do at once. */
const updateLongWindows = Effect.fnUntraced(function* (
  { last }: Turn,
  updated: ReadonlyArray<UpdatedScope>,
  moments: Moments
) {
  const table = yield* Table
  const { now } = moments
  yield* listDepartedDays(last, now)
  const touched = updated.filter(({ days }) => days.length > 0)
  const isFew = touched.length <= mostLong
  const few = isFew ? touched : []
  const many = isFew ? [] : touched.map(({ scope, days }) => ({ scope, days }))
  if (!isFew) yield* table.append(touchedItems(isoTime(now), many, last.at))
  const { scopes, keys, rest, isMoreDue } = yield* readTouched(table, now)
  // What waits may be about other days of the same scopes.
  const right = rest === undefined ? moments.right : Math.max(last.long, rest.right)
  const then = { now, right }
  yield* Effect.forEach(few, (one) => updateLong(one, one, then), { concurrency, discard: true })
  yield* Effect.forEach(scopes, (one) => updateLong(one, nothingRead, then), { concurrency, discard: true })
  yield* overwrite(keys.map((key) => ({ _tag: "Delete", key })))
  return { right, isMore: isMoreDue }
})

/** What a tick came to: another has its turn, or all that there was to do is done, or there is more. */
type TickResult = "busy" | "done" | "more"

const work = Effect.fnUntraced(function* (
  turn: Turn,
  queues: ReadonlyArray<QueueSample>,
  show: (vitals: Vitals) => Effect.Effect<void>,
  now: number
) {
  const table = yield* Table
  const { last } = turn
  const unfolded = yield* foldUnfolded
  const { marks, isRest } = yield* readMarks(now)
  const folded = yield* foldMinutes(marks.map(({ minute }) => minute))
  const start = last.left === 0 ? now : Math.max(last.left, now - longestRest)
  const left = Math.min(now, start + slice)
  const changes = new Map<string, ScopeChange>([...(yield* leaving(start, left)), ...folded.changes])
  const isFolded = !isRest && !unfolded
  const moments: Moments = { now, right: isFolded ? now : last.at }
  const memory = recall(table, turn)
  const updated = yield* updateAll(changes.values(), memory, moments)
  const long = yield* updateLongWindows(turn, updated, moments)
  const connections = yield* updateConnections(folded.connections, now)
  // After so long a rest figures have expired, of which kinds is not known.
  const kinds = start > last.left ? allKinds : updated.map(({ scope }) => scope._tag)
  const isRight = isFolded && left === now && folded.done.size === marks.length
  const right = isRight ? now : last.at
  const ranks = yield* updateRankings(last.ranks, new Set<ScopeKind>(kinds), { now, right })
  const lastFactAt = [last.lastFactAt, folded.lastFactAt].reduce((a, b) => ((a ?? "") > (b ?? "") ? a : b))
  const { items, vitals } = yield* healthItems(table, queues, lastFactAt ?? null, moments)
  yield* table.append(items)
  yield* show(vitals)
  yield* Effect.forEach(
    marks.filter(({ minute }) => folded.done.has(minute)),
    ({ minute, token }) => removeMark(minuteMark(minute), token),
    { concurrency, discard: true }
  )
  const isKept = yield* endTurn(turn, {
    at: right,
    left,
    long: Math.max(last.long, Math.min(right, long.right)),
    day: bucketBefore("day", now, 0),
    lastFactAt: lastFactAt ?? null,
    ranks
  })
  const counted = [...marks.map(({ minute }) => minute), ...connections.minutes]
  if (isKept) keep(table, turn, memory)
  else yield* table.append(yield* freshMarks(counted.map(minuteMark)))
  return isRest || unfolded || left < now || long.isMore || connections.isMore || !isKept
    ? ("more" as const)
    : ("done" as const)
})

/**
 * One tick, with what the queues hold; `show` gets health in numbers, once it is judged. Fails where the table does; what it wrote until then is right, or is repaired by the next one.
 * `more` asks for another at once.
 */
export const tick = Effect.fn("Rollup.tick")(function* (
  queues: ReadonlyArray<QueueSample>,
  show: (vitals: Vitals) => Effect.Effect<void> = () => Effect.void
) {
  const now = yield* Clock.currentTimeMillis
  const turn = yield* takeTurn(now)
  if (Option.isNone(turn)) return "busy" as const
  const result: TickResult = yield* work(turn.value, queues, show, now).pipe(
    // The turn ends with the work, so that the next one need not wait; only a process that dies keeps it for a while.
    Effect.onError(() => Effect.ignore(endTurn(turn.value, turn.value.last)))
  )
  return result
})
