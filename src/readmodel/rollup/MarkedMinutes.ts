/** Reads what Record left to do, and folds marked minutes from their contributions. */
import { Duration, Effect, Schema } from "effect"
import { type Bucket, bucketBefore, bucketOf } from "../../domain/Bucket.ts"
import { scopeKey } from "../../domain/Scope.ts"
import { type ScopeSum, scopeSums } from "../../domain/ScopeSums.ts"
import { noTally, type Tally } from "../../domain/Tally.ts"
import { connectionSums, joinConnectionSums } from "../../domain/TopologyFold.ts"
import { type Key, Table } from "../../ports/Table.ts"
import { readContributions } from "../Contributions.ts"
import { itemDecoder } from "../Items.ts"
import { minuteMark, removeMark, unfoldedMark } from "../Marks.ts"
import { Retention } from "../Retention.ts"
import { foldStoredRun } from "../StoredRun.ts"
import { minuteItems, readScopes } from "./MinuteIndex.ts"
import { openWrite } from "./Open.ts"
import { overwrite } from "./Overwrite.ts"
import type { ScopeChange } from "./ScopeUpdates.ts"

/** The oldest fact of a run, a redelivery, may be so much older than the run's acceptance: the sweep's waits, and what GitHub takes. */
const oldestFact = Duration.hours(6)
/** Most minutes, and most runs with very many facts, that a tick deals with. */
const mostMinutes = 240
const mostRuns = 50
const concurrency = 4

const decodeToken = itemDecoder(Schema.Struct({ token: Schema.String }))
const { partition } = minuteMark("")
const unfolded = unfoldedMark("" as never).partition

/** A mark. */
interface Mark {
  readonly key: Key
  readonly minute: Bucket
  /** Whether what follows from the minute is written again, though it seems the same. */
  readonly isAgain: boolean
  readonly token: string
}

/**
 * The marks of minutes that have begun, the newest first, and whether there are more. Those of minutes whose facts expire are removed:
 * what is left of them is no whole. One read.
 */
const readMarks = Effect.fnUntraced(function* (now: number) {
  const table = yield* Table
  const { events } = yield* Retention
  const page = yield* table.query({
    table: "projections",
    partition,
    to: bucketBefore("minute", now, 0),
    direction: "descending",
    limit: mostMinutes
  })
  const marks = yield* Effect.forEach(page.items, (item) =>
    Effect.map(decodeToken(item), ({ token }): Mark => {
      const minute = bucketOf("minute", item.key.sort)
      return { key: item.key, minute, isAgain: item.key.sort !== minute, token }
    })
  )
  const oldest = bucketBefore("minute", now - Duration.toMillis(events) + Duration.toMillis(oldestFact), 0)
  const expired = marks.filter(({ minute }) => minute < oldest)
  yield* Effect.forEach(expired, ({ key, token }) => removeMark(key, token), { discard: true })
  return { marks: marks.filter(({ minute }) => minute >= oldest), isRest: page.cursor !== undefined }
})

/** Folds the runs that Record left because they have very many facts, which marks their minutes; true where there are more. One read, and the folds. */
const foldUnfolded = Effect.gen(function* () {
  const table = yield* Table
  const { items, cursor } = yield* table.query({ table: "projections", partition: unfolded, limit: mostRuns })
  yield* Effect.forEach(
    items,
    Effect.fnUntraced(function* (item) {
      const { token } = yield* decodeToken(item)
      yield* foldStoredRun(item.key.sort as never)
      yield* removeMark(item.key, token)
    }),
    { concurrency, discard: true }
  )
  return cursor !== undefined
})

const foldMinute = Effect.fnUntraced(function* (minute: Bucket) {
  const table = yield* Table
  const kept = yield* Retention
  const contributions = yield* readContributions(table, minute)
  const before = yield* readScopes(table, { first: minute, last: minute })
  const sums = scopeSums(contributions)
  const nothing = before
    .filter((scope) => !sums.has(scopeKey(scope)))
    .map((scope): ScopeSum => ({ scope, tally: noTally }))
  const all = [...sums.values(), ...nothing]
  const items = minuteItems(
    minute,
    before,
    all.map(({ scope }) => scope),
    kept
  )
  if (items.length > 0) yield* table.append(items)
  yield* overwrite([openWrite(minute, contributions, kept)])
  const lastFactAt = contributions.reduce<string | null>(
    (latest, one) => ((latest ?? "") > one.lastFactAt ? latest : one.lastFactAt),
    null
  )
  return { minute, all, connections: connectionSums(contributions), lastFactAt }
})

/** What changes of a scope, the minutes being added to. */
interface Change extends ScopeChange {
  readonly minutes: Map<Bucket, Tally>
}

/** A minute with an item that cannot be read stays marked, and holds up no other. */
const foldOrLeave = (minute: Bucket) =>
  Effect.catchDefect(foldMinute(minute), (defect) =>
    Effect.as(Effect.logError("a minute cannot be folded; its figures stay as they are", defect), undefined)
  )

/**
 * Folds minutes: what each scope and each connection has in them now, by the key of the scope or connection; and the minutes that were
 * folded.
 */
const foldMinutes = Effect.fnUntraced(function* (minutes: Iterable<Bucket>, again: ReadonlySet<Bucket>) {
  const changes = new Map<string, Change>()
  const done = new Set<Bucket>()
  let lastFactAt: string | null = null
  const all = (yield* Effect.forEach(minutes, foldOrLeave, { concurrency })).filter((folded) => folded !== undefined)
  for (const folded of all) {
    done.add(folded.minute)
    if ((folded.lastFactAt ?? "") > (lastFactAt ?? "")) lastFactAt = folded.lastFactAt
    for (const { scope, tally } of folded.all) {
      const change = changes.get(scopeKey(scope)) ?? { scope, minutes: new Map(), again }
      change.minutes.set(folded.minute, tally)
      changes.set(scopeKey(scope), change)
    }
  }
  const connections = joinConnectionSums(all.map((folded) => folded.connections))
  return { changes, connections, lastFactAt, done }
})

/**
 * Folds what Record has marked: what has changed with it, whether more waits than was folded, and whether all that it took up could be folded. What
 * it took up is to be unmarked when everything that follows is written.
 */
export const foldMarked = Effect.fnUntraced(function* (now: number) {
  const isMoreUnfolded = yield* foldUnfolded
  const { marks, isRest: isMoreMarked } = yield* readMarks(now)
  const again = new Set(marks.flatMap(({ minute, isAgain }) => (isAgain ? [minute] : [])))
  const minutes = new Set(marks.map(({ minute }) => minute))
  const { done, ...folded } = yield* foldMinutes(minutes, again)
  const isRest = isMoreMarked || isMoreUnfolded
  return {
    ...folded,
    minutes,
    isRest,
    isWhole: !isRest && done.size === minutes.size,
    unmark: Effect.forEach(
      marks.filter(({ minute }) => done.has(minute)),
      ({ key, token }) => removeMark(key, token),
      { concurrency: 16, discard: true }
    )
  }
})
