/**
 * Records facts: makes them durable, then folds the runs that they belong to, then marks what Rollup has to bring up to date.
 *
 * Every step is idempotent and none counts: a recorder that dies between two of them leaves a message that will be handled again, any
 * number of recorders may do so at once, and the order of facts does not matter. There is no transaction and no item that all facts write.
 */
import { Clock, Context, Effect, Layer } from "effect"
import { bucketOf, isoTime } from "../domain/Bucket.ts"
import type { Fact } from "../domain/Fact.ts"
import { entryOf } from "../domain/FactTable.ts"
import { isNote, runOf } from "../domain/RunFold.ts"
import type { RunKey } from "../domain/SourceRun.ts"
import { type Appended, Invalid, type Key, Table, TableError } from "../ports/Table.ts"
import { rowDayPuts, rowPuts } from "./EventLists.ts"
import { factPut, pointerPuts } from "./EventLog.ts"
import { foundPuts } from "./FoundRuns.ts"
import { knownPuts } from "./KnownRepositories.ts"
import { KnownWrites } from "./KnownWrites.ts"
import { freshMarks, minuteMark, unfoldedMark } from "./Marks.ts"
import { RecentFacts } from "./RecentFacts.ts"
import { Retention } from "./Retention.ts"
import { runDayPuts } from "./RunRows.ts"
import { foldSmallRun } from "./StoredRun.ts"

/** Why a fact could not be recorded; undefined: it is recorded. */
export type RecordProblem = TableError | undefined

/** Records facts. */
export class Recorder extends Context.Service<
  Recorder,
  {
    /**
     * Records facts. One that cannot be recorded keeps no other from it. The answer has what became of each, in the same order. One append for the
     * facts, one read for each of their runs, and one append for what these come to and for marks; of notes only the first.
     */
    readonly record: (facts: ReadonlyArray<Fact>) => Effect.Effect<ReadonlyArray<RecordProblem>>
  }
>()("dispatcher/readmodel/Recorder") {}

/** What a fact puts into the event log and its lists. */
export const ownPuts = (fact: Fact, retention: Retention): ReadonlyArray<Appended> => [
  factPut(fact, retention),
  ...pointerPuts(fact, retention),
  ...rowPuts(fact, retention),
  ...foundPuts(fact, retention)
]

/** What a fact that is recorded at `now` (milliseconds since the epoch) puts that others may have put before. */
export const sharedPuts = (fact: Fact, now: number, retention: Retention): ReadonlyArray<Appended> => [
  ...rowDayPuts(fact, retention),
  ...runDayPuts(fact, retention),
  ...knownPuts(fact, now, retention)
]

const dayOf = (time: string): string => bucketOf("day", isoTime(Date.parse(time)))
/** All that the shared puts of a fact depend on within a day. */
const kindOf = ({ type, time, data }: Fact): string =>
  [
    ...[type, dayOf(time), dayOf(data.acceptedAt), data.sourceRepository],
    "target" in data ? data.target.repository : "",
    entryOf(type).reason(data as never) ?? ""
  ].join(" ")

const isTime = (text: string): boolean => !Number.isNaN(Date.parse(text))
const isReadable = ({ time, data }: Fact): boolean => isTime(time) && isTime(data.acceptedAt)

const unreadable = (fact: Fact): TableError =>
  new TableError({
    operation: "record",
    reason: new Invalid({ message: `${fact.time} or ${fact.data.acceptedAt} is no time` })
  })

type Problems = Map<Fact, TableError>

/** What is to be stored of a run, for the facts that are recorded, and marked after that. */
interface Folded {
  readonly facts: ReadonlyArray<Fact>
  readonly items: ReadonlyArray<Appended>
  readonly marks: ReadonlyArray<Key>
}

/** How many runs of a batch are read, or parts of it stored, at a time. */
const concurrency = 16

/** Stores all of these together; where one of them is what no table takes, each alone, so that it alone fails. Gives those that failed. */
const storeApart = Effect.fnUntraced(function* <A>(
  all: ReadonlyArray<A>,
  store: (some: ReadonlyArray<A>) => Effect.Effect<void, TableError>
): Effect.fn.Return<ReadonlyMap<A, TableError>> {
  if (all.length === 0) return new Map()
  const together = yield* Effect.result(store(all))
  if (together._tag === "Success") return new Map()
  const error = together.failure
  if (error.reason._tag !== "Invalid" || all.length === 1) return new Map(all.map((one) => [one, error]))
  const alone = yield* Effect.forEach(all, (one) => Effect.result(store([one])), { concurrency })
  return new Map(alone.flatMap((one, index) => (one._tag === "Failure" ? [[all[index] as A, one.failure]] : [])))
})

const make = Effect.gen(function* () {
  const table = yield* Table
  const retention = yield* Retention
  const known = new KnownWrites()
  const recent = new RecentFacts()

  /** Makes facts durable. */
  const append = Effect.fnUntraced(function* (facts: ReadonlyArray<Fact>, now: number) {
    const kinds = new Map(facts.map((fact) => [kindOf(fact), fact]))
    const unknown = [...kinds].filter(([kind]) => !known.has(kind))
    const shared = known.missing(unknown.flatMap(([, fact]) => sharedPuts(fact, now, retention)))
    yield* table.append([...facts.flatMap((fact) => ownPuts(fact, retention)), ...shared])
    known.add(
      shared,
      unknown.map(([kind]) => kind)
    )
  })

  /** Folds a run: what is to be stored, and what is to be marked after that. */
  const fold = ([run, facts]: readonly [RunKey, ReadonlyArray<Fact>]) =>
    foldSmallRun(run).pipe(
      Effect.map(
        (folded): Folded => ({
          facts,
          items: folded?.items ?? [],
          marks: folded?.minutes.map(minuteMark) ?? [unfoldedMark(run)]
        })
      ),
      Effect.catch((problem) => Effect.succeed({ facts, problem })),
      Effect.provideService(Table, table)
    )

  /** Stores what runs come to, and then marks what has changed, each once. */
  const store = Effect.fnUntraced(function* (folds: ReadonlyArray<Folded>) {
    const marks = new Map(folds.flatMap((one) => one.marks.map((key) => [`${key.partition}\n${key.sort}`, key])))
    yield* table.append([...folds.flatMap(({ items }) => items), ...(yield* freshMarks([...marks.values()]))])
  })

  const record = Effect.fn("Recorder.record")(function* (facts: ReadonlyArray<Fact>) {
    const now = yield* Clock.currentTimeMillis
    known.turn(now)
    recent.turn(now)
    const problems: Problems = new Map(
      facts.filter((fact) => !isReadable(fact)).map((fact) => [fact, unreadable(fact)])
    )
    const left = facts.filter((fact) => !problems.has(fact) && !recent.has(fact))
    for (const [fact, problem] of yield* storeApart(left, (some) => append(some, now))) problems.set(fact, problem)
    const stored = left.filter((fact) => !problems.has(fact))
    recent.add(stored.filter(isNote))
    const byRun = Map.groupBy(
      stored.filter((fact) => !isNote(fact)),
      runOf
    )
    const folds = yield* Effect.forEach(byRun, fold, { concurrency })
    const folded = folds.filter((one) => "items" in one)
    const unstored = yield* storeApart(folded, store)
    for (const one of folds) {
      const problem = "problem" in one ? one.problem : unstored.get(one)
      if (problem === undefined) recent.add(one.facts)
      else for (const fact of one.facts) problems.set(fact, problem)
    }
    return facts.map((fact) => problems.get(fact))
  })
  return Recorder.of({ record })
})

/** Records into whatever table there is. */
export const layer: Layer.Layer<Recorder, never, Table> = Layer.effect(Recorder, make)
