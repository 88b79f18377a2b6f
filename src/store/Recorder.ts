/**
 * Records facts: each counts once, however often and to however many recorders it is told.
 *
 * A fact's own item is put only if it is absent, in one transaction with everything else that the fact writes. So either all of a fact
 * is there or nothing of it, and whoever comes second writes nothing. Different tellings of a fact may carry different times; the first
 * that is recorded stands.
 */
import { Clock, Context, Effect, Layer } from "effect"
import { isoTime } from "../domain/Bucket.ts"
import type { Fact } from "../domain/Fact.ts"
import { Invalid, Table, TableError } from "../ports/Table.ts"
import { eventWrites, ownWrite } from "./EventLog.ts"
import type { Recording } from "./FactWrites.ts"
import { projectionWrites } from "./Projections.ts"
import { Retention } from "./Retention.ts"
import { Marks } from "./recorder/Marks.ts"
import { addressOf, type Entry, type Pack, pack } from "./recorder/Packing.ts"

/** Why a fact could not be recorded; undefined: it is recorded, by this or an earlier telling. */
export type Problem = TableError | undefined

/** Records facts. */
export class Recorder extends Context.Service<
  Recorder,
  {
    /**
     * Records facts in as few transactions as their size allows, one after the other: they all add to the same counters. A fact that
     * cannot be recorded keeps no other from it. Says what became of each, in the same order.
     */
    readonly record: (facts: ReadonlyArray<Fact>) => Effect.Effect<ReadonlyArray<Problem>>
  }
>()("dispatcher/store/Recorder") {}

/** The spelling of a time that sorts; undefined for what is no time. */
const spelled = (time: string): string | undefined => {
  const millis = Date.parse(time)
  return Number.isNaN(millis) ? undefined : isoTime(millis)
}

const unreadable = (fact: Fact): TableError =>
  new TableError({
    operation: "record",
    reason: new Invalid({ message: `fact ${fact.id}: ${fact.time} or ${fact.data.acceptedAt} is no time` })
  })

/** What a fact writes, or why it cannot be recorded. */
const entryOf = (fact: Fact, now: number, retention: Retention): Entry | TableError => {
  const time = spelled(fact.time)
  const acceptedAt = spelled(fact.data.acceptedAt)
  if (time === undefined || acceptedAt === undefined) return unreadable(fact)
  const recording: Recording = { fact, time, acceptedAt, now, retention }
  const events = eventWrites(recording)
  const projections = projectionWrites(recording)
  return {
    own: ownWrite(recording),
    writes: [...events.writes, ...projections.writes],
    marks: [...events.marks, ...projections.marks]
  }
}

/** Neighbours in this order have much in common, so they share writes: the facts of a run, then those of a repository. */
const byRun = (a: Entry, b: Entry): number =>
  a.own.key.partition < b.own.key.partition ? -1 : a.own.key.partition > b.own.key.partition ? 1 : 0

type Problems = ReadonlyMap<Entry, TableError>

const make = Effect.gen(function* () {
  const table = yield* Table
  const retention = yield* Retention
  const marks = new Marks()

  /** Commits a pack. What was recorded before drops out of it; what can never be recorded fails alone. */
  const commit = Effect.fnUntraced(function* (packed: Pack): Effect.fn.Return<Problems> {
    const { entries } = packed
    const written = yield* Effect.result(table.transact(packed.writes))
    if (written._tag === "Success") {
      marks.add(packed.marks)
      return new Map()
    }
    const error = written.failure
    if (error._tag === "ConditionFailed") return yield* commitAll(entries.filter((_, at) => !error.failed.includes(at)))
    if (error.reason._tag !== "Invalid" || entries.length === 1) return new Map(entries.map((entry) => [entry, error]))
    const alone = yield* Effect.forEach(entries, (entry) => commit(pack([entry], marks)))
    return new Map(alone.flatMap((problems) => [...problems]))
  })

  /** Commits entries, pack after pack. */
  const commitAll = Effect.fnUntraced(function* (entries: ReadonlyArray<Entry>): Effect.fn.Return<Problems> {
    const problems = new Map<Entry, TableError>()
    for (let rest = entries; rest.length > 0; ) {
      const packed = pack(rest, marks)
      for (const [entry, error] of yield* commit(packed)) problems.set(entry, error)
      rest = rest.slice(packed.entries.length)
    }
    return problems
  })

  const record = Effect.fn("Recorder.record")(function* (facts: ReadonlyArray<Fact>) {
    const now = yield* Clock.currentTimeMillis
    marks.turn(now)
    const told = facts.map((fact) => entryOf(fact, now, retention))
    const first = new Map<string, Entry>()
    for (const entry of told) {
      if (entry instanceof TableError || first.has(addressOf(entry.own.key))) continue
      first.set(addressOf(entry.own.key), entry)
    }
    const problems = yield* commitAll([...first.values()].sort(byRun))
    const problemOf = (entry: Entry): Problem => {
      const recorded = first.get(addressOf(entry.own.key)) ?? entry
      return problems.get(recorded)
    }
    return told.map((entry) => (entry instanceof TableError ? entry : problemOf(entry)))
  })
  return Recorder.of({ record })
})

/** Records into whatever table there is. */
export const layer: Layer.Layer<Recorder, never, Table> = Layer.effect(Recorder, make)
