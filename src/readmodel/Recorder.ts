/**
 * Records facts: makes them durable, then folds the runs that they belong to, then marks what Rollup has to bring up to date.
 *
 * Every step is idempotent and none counts: a recorder that dies between two of them leaves a message that will be handled again, any
 * number of recorders may do so at once, and the order of facts does not matter. There is no transaction and no item that all facts write.
 */
import { Clock, Context, Effect, Layer } from "effect"
import type { Fact } from "../domain/Fact.ts"
import { runOf } from "../domain/RunFold.ts"
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
     * facts, one read and some writes for each of their runs, one append for marks.
     */
    readonly record: (facts: ReadonlyArray<Fact>) => Effect.Effect<ReadonlyArray<RecordProblem>>
  }
>()("dispatcher/readmodel/Recorder") {}

/** What a fact puts, and what of it may have been put before. */
export interface FactPuts {
  readonly own: ReadonlyArray<Appended>
  readonly shared: ReadonlyArray<Appended>
}

/** What a fact that is recorded at `now` (milliseconds since the epoch) puts into the event log and its lists. */
export const putsOf = (fact: Fact, now: number, retention: Retention): FactPuts => ({
  own: [
    factPut(fact, retention),
    ...pointerPuts(fact, retention),
    ...rowPuts(fact, retention),
    ...foundPuts(fact, retention)
  ],
  shared: [...rowDayPuts(fact, retention), ...runDayPuts(fact, retention), ...knownPuts(fact, now, retention)]
})

const isTime = (text: string): boolean => !Number.isNaN(Date.parse(text))
const isReadable = ({ time, data }: Fact): boolean => isTime(time) && isTime(data.acceptedAt)

const unreadable = (fact: Fact): TableError =>
  new TableError({
    operation: "record",
    reason: new Invalid({ message: `fact ${fact.id}: ${fact.time} or ${fact.data.acceptedAt} is no time` })
  })

type Problems = Map<Fact, TableError>

/** How many runs of a batch are folded at a time. */
const concurrency = 16

const make = Effect.gen(function* () {
  const table = yield* Table
  const retention = yield* Retention
  const known = new KnownWrites()
  const recent = new RecentFacts()

  /** Makes facts durable. One that no table takes fails alone. */
  const append = Effect.fnUntraced(function* (facts: ReadonlyArray<Fact>, now: number): Effect.fn.Return<Problems> {
    const puts = facts.map((fact) => putsOf(fact, now, retention))
    const shared = known.missing(puts.flatMap((put) => put.shared))
    const appended = yield* Effect.result(table.append([...puts.flatMap(({ own }) => own), ...shared]))
    if (appended._tag === "Success") {
      known.add(shared)
      return new Map()
    }
    const error = appended.failure
    if (error.reason._tag !== "Invalid" || facts.length === 1) return new Map(facts.map((fact) => [fact, error]))
    const alone = yield* Effect.forEach(facts, (fact) => append([fact], now), { concurrency })
    return new Map(alone.flatMap((problems) => [...problems]))
  })

  /** Folds a run: what is to be marked afterwards, or why it could not be folded. */
  const fold = ([run, facts]: readonly [RunKey, ReadonlyArray<Fact>]) =>
    foldSmallRun(run, facts).pipe(
      Effect.map((minutes): ReadonlyArray<Key> => minutes?.map(minuteMark) ?? [unfoldedMark(run)]),
      Effect.provideService(Table, table),
      Effect.result
    )

  /** Marks each of these once. */
  const mark = Effect.fnUntraced(function* (keys: ReadonlyArray<Key>) {
    const distinct = new Map(keys.map((key) => [`${key.partition}\n${key.sort}`, key]))
    if (distinct.size > 0) yield* table.append(yield* freshMarks([...distinct.values()]))
  })

  const record = Effect.fn("Recorder.record")(function* (facts: ReadonlyArray<Fact>) {
    const now = yield* Clock.currentTimeMillis
    known.turn(now)
    recent.turn(now)
    const problems: Problems = new Map(
      facts.filter((fact) => !isReadable(fact)).map((fact) => [fact, unreadable(fact)])
    )
    const left = facts.filter((fact) => !problems.has(fact) && !recent.has(fact))
    for (const [fact, problem] of yield* append(left, now)) problems.set(fact, problem)
    const byRun = Map.groupBy(
      left.filter((fact) => !problems.has(fact)),
      runOf
    )
    const runs = [...byRun.keys()]
    const folds = yield* Effect.forEach(byRun, fold, { concurrency })
    const marked = yield* Effect.result(mark(folds.flatMap((one) => (one._tag === "Success" ? one.success : []))))
    for (const [index, run] of runs.entries()) {
      const folded = folds[index]
      const failure =
        folded?._tag === "Failure" ? folded.failure : marked._tag === "Failure" ? marked.failure : undefined
      const own = byRun.get(run) ?? []
      if (failure === undefined) recent.add(own)
      else for (const fact of own) problems.set(fact, failure)
    }
    return facts.map((fact) => problems.get(fact))
  })
  return Recorder.of({ record })
})

/** Records into whatever table there is. */
export const layer: Layer.Layer<Recorder, never, Table> = Layer.effect(Recorder, make)
