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
 * | each connection that a marked minute touches, or that a day leaves | 1, and 1 for each day of which an hour is over | 2, 1 for each such hour, 1 for a new day |
 * | each minute whose connections were left to the turn of two minutes, at most 60 a tick | 1, one more for 1000 contributions | 2 |
 * | each kind of scope that is ranked, where its figures changed | at most 9, one more for 1000 scopes | 1 for each page that changed |
 */
import { Clock, Effect, Option } from "effect"
import type { QueueSample } from "../../domain/Answers.ts"
import { bucketBefore } from "../../domain/Bucket.ts"
import { rankedKind } from "../../domain/Leaderboards.ts"
import type { ScopeKind } from "../../domain/Scope.ts"
import type { Vitals } from "../../domain/Vitals.ts"
import { Table } from "../../ports/Table.ts"
import { againMark, freshMarks } from "../Marks.ts"
import { updateConnections } from "./ConnectionWork.ts"
import type { Moments } from "./Days.ts"
import { healthItems } from "./HealthItem.ts"
import { keep, recall } from "./HourMemory.ts"
import { updateLongWindows } from "./LongWindows.ts"
import { foldMarked } from "./MarkedMinutes.ts"
import { updateRankings } from "./Rankings.ts"
import { leaving, type ScopeChange, updateScopes } from "./ScopeUpdates.ts"
import { endTurn, type TickItem, type Turn, takeTurn, withinTurn } from "./TickItem.ts"

/** What a tick lets leave at most, in milliseconds, so that one after days of rest is bounded; what is older than 15 days has left all. */
const slice = 6 * 3_600_000
const longestRest = 15 * 86_400_000
const allKinds = Object.values(rankedKind)

/** From when to when things leave windows with a tick. */
const departing = ({ left }: TickItem, now: number) => {
  const start = left === 0 ? now : Math.max(left, now - longestRest)
  return { start, end: Math.min(now, start + slice) }
}

/** The later of two times, of which any may be unknown. */
const later = (a: string | null, b: string | null): string | null => ((a ?? "") > (b ?? "") ? a : b)

/** What a tick came to: another has its turn, or all that there was to do is done, or there is more. */
type TickResult = "busy" | "done" | "more"

/** The steps of a tick that has its turn. Health comes after the figures, since it is judged by them. */
const work = Effect.fnUntraced(function* (
  turn: Turn,
  queues: ReadonlyArray<QueueSample>,
  show: (vitals: Vitals) => Effect.Effect<void>,
  now: number
) {
  const table = yield* Table
  const { last } = turn
  const folded = yield* foldMarked(now)
  const { start, end } = departing(last, now)
  const changes = new Map<string, ScopeChange>([...(yield* leaving(start, end)), ...folded.changes])
  const moments: Moments = { now, right: folded.isRest ? last.at : now }
  const memory = recall(table, turn)
  const updated = yield* updateScopes(changes.values(), memory, moments).pipe(
    Effect.provideService(Table, withinTurn(table, turn))
  )
  const long = yield* updateLongWindows(last, updated, memory, moments)
  const connections = yield* updateConnections(folded.connections, turn, now)
  // After so long a rest figures have expired, of which kinds is not known.
  const kinds = start > last.left ? allKinds : updated.map(({ scope }) => scope._tag)
  const right = folded.isWhole && end === now ? now : last.at
  const ranks = yield* updateRankings(last.ranks, new Set<ScopeKind>(kinds), { now, right })
  const lastFactAt = later(last.lastFactAt, folded.lastFactAt)
  const { items, vitals } = yield* healthItems(table, queues, lastFactAt, moments)
  yield* table.append(items)
  yield* show(vitals)
  yield* folded.unmark
  const longRight = Math.max(last.long, Math.min(right, long.right))
  const day = bucketBefore("day", now, 0)
  const isKept = yield* endTurn(turn, { at: right, left: end, long: longRight, day, lastFactAt, ranks })
  if (isKept) keep(table, turn, memory)
  else yield* table.append(yield* freshMarks([...folded.minutes, ...connections.minutes].map(againMark)))
  const isMore = folded.isRest || end < now || long.isMore || connections.isMore || !isKept
  return isMore ? ("more" as const) : ("done" as const)
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
