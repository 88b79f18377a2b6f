/**
 * Folds the stored facts of a run into what is stored about it. What was folded from more facts, or by a newer version, stays: the
 * last to fold has read all facts that were durable before.
 */
import { Effect } from "effect"
import type { Bucket } from "../domain/Bucket.ts"
import { foldRun, foldVersion, type RunFold } from "../domain/RunFold.ts"
import type { RunKey } from "../domain/SourceRun.ts"
import { type Appended, type Item, notNewer, readAll, Table, type TableError } from "../ports/Table.ts"
import { chainItems } from "./ChainNodes.ts"
import { contributionItems, minutesOf } from "./Contributions.ts"
import { decodeFoldedFact, factsRange } from "./EventLog.ts"
import { freshMarks, minuteMark } from "./Marks.ts"
import { runRowItems } from "./RunRows.ts"

/** Most facts of a run that Record reads whenever there is one more; a run with more is folded by Rollup, once a tick. */
const mostFacts = 100

/** What is stored of a run's fold. */
const itemsOf = (fold: RunFold): ReadonlyArray<Pick<Appended, "key" | "attributes">> => {
  const { shown } = fold
  return [...contributionItems(fold), ...(shown === undefined ? [] : [...chainItems(shown), ...runRowItems(shown.row)])]
}

/** When the first of the facts is gone: what is folded from them goes with it. */
const expiryOf = (items: ReadonlyArray<Item>): number | undefined =>
  items.reduce<number | undefined>(
    (first, { expiresAt }) => (expiresAt === undefined || (first ?? expiresAt) < expiresAt ? first : expiresAt),
    undefined
  )

/** What is to be stored of a run, and the minutes in which it adds something. */
export interface StoredFold {
  readonly items: ReadonlyArray<Appended>
  readonly minutes: ReadonlyArray<Bucket>
}

/** Folds the facts in these items, all that are stored of the run. */
const foldItems = Effect.fnUntraced(function* (items: ReadonlyArray<Item>): Effect.fn.Return<StoredFold> {
  const [first, ...others] = yield* Effect.forEach(items, decodeFoldedFact)
  if (first === undefined) return { items: [], minutes: [] }
  const fold = foldRun([first, ...others])
  const expiresAt = expiryOf(items)
  return {
    items: itemsOf(fold).map(({ key, attributes }) => ({
      key,
      attributes: { ...attributes, fold: foldVersion, facts: fold.facts },
      condition: notNewer(foldVersion, fold.facts),
      ...(expiresAt === undefined ? {} : { expiresAt })
    })),
    minutes: minutesOf(fold)
  }
})

/**
 * Folds a run that has few facts; undefined where it has too many. One read. To be stored is one item for each of its contributions, two for its
 * row, and one for its node of a chain.
 */
export const foldSmallRun = Effect.fnUntraced(function* (
  run: RunKey
): Effect.fn.Return<StoredFold | undefined, TableError, Table> {
  const { items, cursor } = yield* (yield* Table).query({ ...factsRange(run), limit: mostFacts })
  return cursor === undefined ? yield* foldItems(items) : undefined
})

/** Folds a run however many facts it has, stores that, and marks its minutes. One read for each 1000 facts. */
export const foldStoredRun = Effect.fn("foldStoredRun")(function* (
  run: RunKey
): Effect.fn.Return<void, TableError, Table> {
  const table = yield* Table
  const { items, minutes } = yield* foldItems(yield* readAll(table, factsRange(run)))
  yield* table.append([...items, ...(yield* freshMarks(minutes.map(minuteMark)))])
})
