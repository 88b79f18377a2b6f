/**
 * Rollup: each minute, brings up to date what slides with time: the figures of windows, rankings, points of days, health.
 *
 * Everything is computed anew from the counters that Record keeps, and only what differs is written. So a tick may come late, twice, or
 * end halfway: the next one puts it right. What it costs, with S scopes active in the last 15 days:
 *
 * | for | reads | writes |
 * | --- | --- | --- |
 * | every tick | at most 17, one more for each 1000 items in one of the 9 partitions that are read whole | 2 |
 * | open work that waits for longer than 2 minutes, at most 50 of it | 1 | 1 where it had ended |
 * | each scope that something was recorded for in the last 3 hours | 1 | 1 for each of 2 windows that changed |
 * | each of them that something happened to since the last tick | 2 | 1 for each of 2 windows and each day that changed |
 * | once an hour, all of the S scopes | 2 | 1 for each of 2 windows and each day that changed |
 * | each page of a ranking that changed | | 1 |
 */
import { Cause, Clock, Duration, Effect } from "effect"
import { type Bucket, bucketBefore, isoTime } from "../domain/Bucket.ts"
import { type Figures, figuresOf, isEmpty } from "../domain/Figures.ts"
import { judgeHealth } from "../domain/Healthiness.ts"
import { globalScope, scopeKey } from "../domain/Scope.ts"
import { type Window, windows } from "../domain/Views.ts"
import { Table, type TableError, type Write } from "../ports/Table.ts"
import { readObstacles } from "../store/Obstacles.ts"
import { readActive } from "../store/projections/Active.ts"
import { readBacklog } from "../store/projections/Backlog.ts"
import type { ActiveItem } from "../store/projections/Items.ts"
import { leaderboardChanges } from "../store/projections/Leaderboards.ts"
import { healthWrite, readFigures, readLastFact, readTick, tickWrite } from "../store/projections/Rollups.ts"
import { changesTo, type Snapshot, valuesOf } from "../store/projections/Snapshot.ts"
import { dayChanges, hourFigures, minuteFigures } from "../store/projections/WindowFigures.ts"
import { Retention } from "../store/Retention.ts"

/** How many reads or writes are on their way at a time. */
const concurrency = 16
/** Hours after something was recorded in which the windows of minutes may still change: two, and one for clocks that differ. */
const minutesMatter = 3

/** What a tick starts from. */
interface Tick {
  readonly table: Table["Service"]
  /** Milliseconds since the epoch. */
  readonly now: number
  /** When the last tick was; 0 if there was none. */
  readonly last: number
  /** Whether that was in another hour: then the windows of hours have moved on, for every scope. */
  readonly turned: boolean
  readonly stored: Readonly<Record<Window, Snapshot<Figures>>>
}

const begin = Effect.gen(function* () {
  const table = yield* Table
  const now = yield* Clock.currentTimeMillis
  const last = yield* readTick(table)
  const turned = bucketBefore("hour", last, 0) !== bucketBefore("hour", now, 0)
  const stored = yield* readFigures(table)
  return { table, now, last, turned, stored } satisfies Tick
})

/** No write of the rollup has a condition: whoever writes last has computed last. */
const writeAll = ({ table }: Tick, writes: ReadonlyArray<Write>) =>
  Effect.forEach(writes, (write) => Effect.catchTag(table.write(write), "ConditionFailed", Effect.die), {
    concurrency,
    discard: true
  })

/** Whether something may have been recorded for a scope since the last tick: on time, in its newest minutes, or late. */
const isTouched = ({ last }: Tick, { late }: ActiveItem, newest: Bucket | undefined): boolean =>
  (newest !== undefined && newest >= bucketBefore("minute", last, 2)) ||
  (late !== undefined && late >= bucketBefore("minute", last, 1))

/** The figures of a scope that may have changed; its points of days are written at once. */
const compute = Effect.fnUntraced(function* (tick: Tick, active: ActiveItem) {
  const { table, now, turned } = tick
  const { scope, hour } = active
  const isRecent = hour >= bucketBefore("hour", now, minutesMatter)
  const minutes = isRecent ? yield* minuteFigures(table, scope, now) : { figures: [], newest: undefined }
  if (!turned && !isTouched(tick, active, minutes.newest)) return minutes.figures
  const hours = yield* hourFigures(table, scope, now)
  yield* writeAll(tick, yield* dayChanges(table, scope, hours.days, yield* Retention))
  return [...minutes.figures, ...hours.figures]
})

/** Writes what changed of a window: figures and rankings. */
const bringUpToDate = Effect.fnUntraced(function* (tick: Tick, window: Window, computed: ReadonlyArray<Figures>) {
  const { table, now } = tick
  const stored = tick.stored[window]
  // When the hour has turned, everything that has any figures was computed; otherwise what was not computed stays.
  const wanted = new Map(tick.turned ? [] : valuesOf(stored))
  for (const figures of computed.filter((one) => one.window === window)) {
    if (isEmpty(figures)) wanted.delete(scopeKey(figures.scope))
    else wanted.set(scopeKey(figures.scope), figures)
  }
  const rankings = yield* leaderboardChanges(table, window, [...wanted.values()], now)
  yield* writeAll(tick, [...rankings, ...changesTo(stored, wanted, window, now)])
})

const isGlobal = ({ scope, window }: Figures): boolean => window === "1h" && scope._tag === "Global"

const judge = Effect.fnUntraced(function* ({ table, now }: Tick, computed: ReadonlyArray<Figures>) {
  const lastHour = computed.find(isGlobal) ?? figuresOf(globalScope, "1h", {}, {})
  const unplanned = yield* readBacklog(table, "unplanned", now)
  const unsettled = yield* readBacklog(table, "unsettled", now)
  const lastFactAt = yield* readLastFact(table)
  const obstacles = yield* readObstacles(table)
  return judgeHealth({ now, lastFactAt, lastHour, waiting: [...unplanned, ...unsettled], obstacles }, isoTime(now))
})

/** One tick. Fails where the table does; what it wrote until then is right. */
export const rollup = Effect.fn("Rollup")(function* () {
  const tick = yield* begin
  const active = yield* readActive(tick.table)
  const computed = (yield* Effect.forEach(active, (scope) => compute(tick, scope), { concurrency })).flat()
  yield* Effect.forEach(windows, (window) => bringUpToDate(tick, window, computed), { discard: true })
  const health = yield* judge(tick, computed)
  // Last: only a tick that came to its end counts as one.
  yield* writeAll(tick, [healthWrite(health, tick.now), tickWrite(tick.now)])
})()

const orNextTime = (cause: Cause.Cause<TableError>) =>
  Cause.hasInterruptsOnly(cause)
    ? Effect.interrupt
    : Effect.logError("the rollup failed; the next one makes up for it", cause)

/** Ticks now and then at the start of each minute, for ever. */
export const rollupEachMinute: Effect.Effect<never, never, Table> = Effect.gen(function* () {
  yield* Effect.catchCause(rollup, orNextTime)
  const now = yield* Clock.currentTimeMillis
  yield* Effect.sleep(Duration.millis(60_000 - (now % 60_000)))
}).pipe(Effect.forever)
