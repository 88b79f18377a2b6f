/**
 * Folds the stored facts of a run into what is stored about it. What was folded from more facts, or by a newer version, stays: the
 * last to fold has read all facts that were durable before.
 *
 * With each fact only that is written which depends on it; the number of facts that guards an item is of those that it depends on. So the
 * recorder that is the last to read of these facts writes what all of them come to, and those of other facts have nothing to add.
 */
import { Effect } from "effect"
import type { Bucket } from "../domain/Bucket.ts"
import type { Fact } from "../domain/Fact.ts"
import { targetKey } from "../domain/Order.ts"
import { foldRun, foldVersion, type RunFold } from "../domain/RunFold.ts"
import type { RunKey } from "../domain/SourceRun.ts"
import type { Precedence } from "../domain/TopologyFold.ts"
import { type Appended, type Item, notNewer, readAll, Table, type TableError } from "../ports/Table.ts"
import { chainItems } from "./ChainNodes.ts"
import { connectionItems } from "./Connections.ts"
import { contributionItems, minutesOf } from "./Contributions.ts"
import { decodeFoldedFact, factsRange } from "./EventLog.ts"
import { freshMarks, minuteMark } from "./Marks.ts"
import { runRowItems } from "./RunRows.ts"

/** Most facts of a run that Record reads whenever there is one more; a run with more is folded by Rollup, once a tick. */
const mostFacts = 100

/** An item, and the pair of attributes that guards it. */
type FoldedItem = Pick<Appended, "key" | "attributes"> & { readonly pair: Precedence }

const foldedFrom =
  (facts: number) =>
  (item: Pick<Appended, "key" | "attributes">): FoldedItem => ({ ...item, pair: { fold: foldVersion, facts } })

const targetsOf = ({ data }: Fact) => ("target" in data ? [targetKey(data.target)] : [])

/** What is stored of a run's fold, as far as it depends on the facts that are recorded. */
const itemsOf = (fold: RunFold, recorded: ReadonlyArray<Fact> | "all"): ReadonlyArray<FoldedItem> => {
  const { shown } = fold
  const alone = [
    ...contributionItems(fold),
    ...(shown === undefined ? [] : [...chainItems(shown), ...runRowItems(shown.row)])
  ]
  const targets = recorded === "all" ? undefined : new Set(recorded.flatMap(targetsOf))
  return [
    ...alone.map(foldedFrom(fold.facts)),
    ...(shown?.connections ?? [])
      .filter(({ latest }) => targets === undefined || targets.has(targetKey(latest.target)))
      .flatMap(connectionItems)
  ]
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

/** Folds the facts in these items, all that are stored of the run: what of the fold depends on those that are `recorded`. */
const foldItems = Effect.fnUntraced(function* (
  items: ReadonlyArray<Item>,
  recorded: ReadonlyArray<Fact> | "all"
): Effect.fn.Return<StoredFold> {
  const [first, ...others] = yield* Effect.forEach(items, decodeFoldedFact)
  if (first === undefined) return { items: [], minutes: [] }
  const fold = foldRun([first, ...others])
  const expiresAt = expiryOf(items)
  return {
    items: itemsOf(fold, recorded).map(({ key, attributes, pair }) => ({
      key,
      attributes: { ...attributes, ...pair },
      condition: notNewer(pair.fold, pair.facts),
      ...(expiresAt === undefined ? {} : { expiresAt })
    })),
    minutes: minutesOf(fold)
  }
})

/**
 * Folds a run that has few facts; undefined where it has too many. One read. To be stored is one item for each of its contributions, two for its
 * row, one for its node of a chain, and two for each target of `recorded`.
 */
export const foldSmallRun = Effect.fnUntraced(function* (
  run: RunKey,
  recorded: ReadonlyArray<Fact>
): Effect.fn.Return<StoredFold | undefined, TableError, Table> {
  const { items, cursor } = yield* (yield* Table).query({ ...factsRange(run), limit: mostFacts })
  return cursor === undefined ? yield* foldItems(items, recorded) : undefined
})

/** Folds a run however many facts it has, stores that, and marks its minutes. One read for each 1000 facts. */
export const foldStoredRun = Effect.fn("foldStoredRun")(function* (
  run: RunKey
): Effect.fn.Return<void, TableError, Table> {
  const table = yield* Table
  const { items, minutes } = yield* foldItems(yield* readAll(table, factsRange(run)), "all")
  yield* table.append([...items, ...(yield* freshMarks(minutes.map(minuteMark)))])
})
