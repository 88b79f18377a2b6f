/**
 * Folds the stored facts of a run into what is stored about it. What was folded from more facts, or by a newer version, stays: the
 * last to fold has read all facts that were durable before.
 */
import { Effect } from "effect"
import type { Bucket } from "../domain/Bucket.ts"
import { type TargetKey, targetKey } from "../domain/Order.ts"
import { foldRun, foldVersion, type RunFold } from "../domain/RunFold.ts"
import type { RunKey } from "../domain/SourceRun.ts"
import { type Item, isWritten, notNewer, readAll, Table, type TableError } from "../ports/Table.ts"
import { chainItems } from "./ChainNodes.ts"
import { writeConnections } from "./Connections.ts"
import { contributionItems, minutesOf } from "./Contributions.ts"
import { decodeFact, factsRange } from "./EventLog.ts"
import { freshMarks, minuteMark } from "./Marks.ts"
import { runRowItems } from "./RunRows.ts"

/** Most facts of a run that Record reads whenever there is one more; a run with more is folded by Rollup, once a tick. */
const mostFacts = 100

const itemsOf = (fold: RunFold) => [
  ...contributionItems(fold),
  ...chainItems(fold),
  ...(fold.accepted === undefined ? [] : runRowItems(fold.accepted.row))
]

/** When the first of the facts is gone: what is folded from them goes with it. */
const expiryOf = (items: ReadonlyArray<Item>): number | undefined =>
  items.reduce<number | undefined>(
    (first, { expiresAt }) => (expiresAt === undefined || (first ?? expiresAt) < expiresAt ? first : expiresAt),
    undefined
  )

/** The targets of facts that are recorded: what others say of their targets has been stored with these. */
export type Targets = ReadonlySet<TargetKey> | "all"

/**
 * Folds the facts in these items, all that are stored of the run, and stores the fold, of its connections those to `targets`. The minutes in
 * which it adds something.
 */
const foldItems = Effect.fnUntraced(function* (
  items: ReadonlyArray<Item>,
  targets: Targets
): Effect.fn.Return<ReadonlyArray<Bucket>, TableError, Table> {
  const table = yield* Table
  const [first, ...others] = yield* Effect.forEach(items, decodeFact)
  if (first === undefined) return []
  const fold = foldRun([first, ...others])
  const pair = { fold: foldVersion, facts: fold.facts }
  const expiresAt = expiryOf(items)
  const write = ({ key, attributes }: ReturnType<typeof itemsOf>[number]) =>
    table
      .write({
        _tag: "Put",
        key,
        attributes: { ...attributes, ...pair },
        condition: notNewer(pair.fold, pair.facts),
        ...(expiresAt === undefined ? {} : { expiresAt })
      })
      .pipe(isWritten)
  yield* Effect.forEach(itemsOf(fold), write, { concurrency: 8, discard: true })
  const connections = fold.accepted?.connections ?? []
  const touched = connections.filter(({ latest }) => targets === "all" || targets.has(targetKey(latest.target)))
  yield* writeConnections(touched, expiresAt)
  return minutesOf(fold)
})

/**
 * Folds a run that has few facts: the minutes in which it adds something, or undefined, and nothing is folded, where it has too many. One
 * read; one write for each of its contributions, two for its row, and one for its node of a chain; two reads and at most two writes for
 * each of `targets`.
 */
export const foldSmallRun = Effect.fnUntraced(function* (
  run: RunKey,
  targets: Targets
): Effect.fn.Return<ReadonlyArray<Bucket> | undefined, TableError, Table> {
  const { items, cursor } = yield* (yield* Table).query({ ...factsRange(run), limit: mostFacts })
  return cursor === undefined ? yield* foldItems(items, targets) : undefined
})

/** Folds a run however many facts it has, and marks its minutes. One read for each 1000 facts. */
export const foldStoredRun = Effect.fn("foldStoredRun")(function* (
  run: RunKey
): Effect.fn.Return<void, TableError, Table> {
  const table = yield* Table
  const minutes = yield* foldItems(yield* readAll(table, factsRange(run)), "all")
  yield* table.append(yield* freshMarks(minutes.map(minuteMark)))
})
