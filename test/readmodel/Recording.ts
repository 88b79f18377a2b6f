/** How facts reach recorders in a bad week: repeated, out of order, in batches of any size, to several recorders that keep dying. */
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import type { Fact } from "../../src/domain/Fact.ts"
import { type Appended, Table } from "../../src/ports/Table.ts"
import { layer, Recorder } from "../../src/readmodel/Recorder.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import type { Chance } from "../fixtures/Chance.ts"
import { journey } from "../fixtures/Facts.ts"
import { faultsOfWrites, tableWrites } from "../ledger/WatchedTable.ts"

/** Journeys that were accepted at most so long before `now`, with what only the newest version publishes. */
export const journeys = (chance: Chance, count: number, now: number, age = 130_000_000): ReadonlyArray<Fact> =>
  Array.from({ length: count }, (_, index) => journey({ chance, index, at: now - 300_000 - chance.below(age) }))
    .flat()
    .map((fact, index) =>
      fact.type === "dispatch.request.accepted"
        ? { ...fact, data: { ...fact.data, appVersion: "1.0.0", runNumber: 1 + (index % 50) } }
        : fact
    )

/** The facts in another order, some of them again, in another trace and from another version: that is no part of a fact. */
export const repeated = (facts: ReadonlyArray<Fact>, chance: Chance): ReadonlyArray<Fact> => {
  const again = (fact: Fact): Fact => ({
    ...fact,
    appversion: "9.9.9",
    traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`
  })
  const all = facts.flatMap((fact) => (chance.happens(0.3) ? [fact, again(fact)] : [fact]))
  return chance.happens(0.7) ? chance.shuffled(all) : all
}

/** Lets time pass while something goes on. */
const whileTimePasses = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.raceFirst(
    effect,
    Effect.forever(Effect.andThen(TestClock.withLive(Effect.sleep("1 millis")), TestClock.adjust("100 millis")))
  )

/** The table as it is to one of several that use it at once: others get some turns before and after everything that it does. */
const shared = (table: Table["Service"], chance: Chance): Table["Service"] => {
  const turns = Effect.suspend(() =>
    Effect.repeat(Effect.yieldNow, { times: chance.happens(0.2) ? chance.below(150) : chance.below(3) })
  )
  const among = <A, E>(call: Effect.Effect<A, E>) => Effect.andThen(turns, Effect.tap(call, turns))
  // Often as on DynamoDB: those with a condition one by one, in any order, and then the others in parts.
  const append = (items: ReadonlyArray<Appended>) => {
    if (chance.happens(0.6)) return among(table.append(items))
    const guarded = chance.shuffled(items.filter(({ condition }) => condition !== undefined))
    const others = chance.shuffled(items.filter(({ condition }) => condition === undefined))
    const half = chance.below(others.length + 1)
    const parts = [...guarded.map((item) => [item]), others.slice(0, half), others.slice(half)]
    return Effect.forEach(
      parts.filter((part) => part.length > 0),
      (part) => among(table.append(part)),
      { discard: true }
    )
  }
  return {
    get: (key) => among(table.get(key)),
    query: (query) => among(table.query(query)),
    write: (write) => among(table.write(write)),
    transact: (writes) => among(table.transact(writes)),
    append
  }
}

/** Records a batch; those that are not recorded come back. */
const attempt = (batch: ReadonlyArray<Fact>) =>
  Effect.flatMap(Recorder, (recorder) => recorder.record(batch)).pipe(
    Effect.exit,
    Effect.map((exit) =>
      exit._tag === "Failure" ? batch : batch.filter((_, index) => exit.value[index] !== undefined)
    )
  )

/** Has so many recorders record the facts, with trouble at some of their writes, until all are recorded. `between` runs now and then. */
export const recordAll = Effect.fnUntraced(function* <R>(
  facts: ReadonlyArray<Fact>,
  chance: Chance,
  recorders: number,
  between: Effect.Effect<unknown, unknown, R>
) {
  const faults = yield* Faults
  const table = yield* Table
  const contexts = yield* Effect.replicateEffect(
    Effect.suspend(() => Layer.build(Layer.provide(Layer.fresh(layer), Layer.succeed(Table, shared(table, chance))))),
    recorders
  )
  const share = chance.pick([0, 0.15])
  let waiting = facts
  let round = 0
  yield* faults.on(tableWrites, () => (round < 50 && chance.happens(share) ? chance.pick(faultsOfWrites) : undefined))
  for (; waiting.length > 0; round++) {
    const sizes = contexts.map(() => 1 + chance.below(40))
    const starts = sizes.map((_, index) => sizes.slice(0, index).reduce((sum, size) => sum + size, 0))
    const batches = sizes.map((size, index) => waiting.slice(starts[index], (starts[index] ?? 0) + size))
    const rest = waiting.slice(batches.flat().length)
    const left = yield* Effect.forEach(
      contexts,
      (context, index) => Effect.provide(attempt(batches[index] ?? []), context),
      { concurrency: "unbounded" }
    ).pipe(whileTimePasses)
    if (chance.happens(0.3)) yield* Effect.exit(between).pipe(whileTimePasses)
    // Handed out again at once, or after everything else; and now and then although it was recorded.
    const twice = chance.happens(0.1) ? batches.flat().slice(0, 5) : []
    waiting = chance.happens(0.5) ? [...left.flat(), ...rest, ...twice] : [...rest, ...left.flat()]
  }
  yield* faults.clear
})
