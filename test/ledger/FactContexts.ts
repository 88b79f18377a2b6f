/** How facts reach recorders in a bad week: repeated, late, out of order, in batches of any size, to two recorders that keep dying. */
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import type { Fact } from "../../src/domain/Fact.ts"
import { record as recordStage } from "../../src/flow/Record.ts"
import { Table } from "../../src/ports/Table.ts"
import type { Received, Verdict } from "../../src/ports/WorkQueue.ts"
import * as Recorder from "../../src/readmodel/Recorder.ts"
import type { Chance } from "../fixtures/Chance.ts"
import { type Fault, Spy } from "./SpiedTable.ts"

const received = (body: Fact, index: number): Received<Fact> => ({
  id: String(index),
  body,
  attempt: 1,
  lastAttempt: false,
  offeredAt: 0
})

/** What the handler says of facts, message by message. */
export const handle = (facts: ReadonlyArray<Fact>) => recordStage.handleAll(facts.map(received))

/** Records facts in one batch; all must be done. */
export const record = Effect.fnUntraced(function* (facts: ReadonlyArray<Fact>) {
  const verdicts = yield* handle(facts)
  for (const verdict of verdicts) if (verdict._tag !== "Done") return yield* Effect.die(verdict.reason)
})

const again = (fact: Fact, chance: Chance): Fact => ({
  ...fact,
  time: new Date(Date.parse(fact.time) + chance.below(7_200_000)).toISOString()
})

/** The facts in another order, some of them told again and at another time. */
export const retold = (facts: ReadonlyArray<Fact>, chance: Chance): ReadonlyArray<Fact> => {
  const repeated = facts.flatMap((fact) => (chance.happens(0.3) ? [fact, again(fact, chance)] : [fact]))
  return chance.happens(0.5) ? chance.shuffled(repeated) : repeated
}

const faults = ["unavailable", "throttled", "lost", "death", "deathAfter"] as const satisfies ReadonlyArray<Fault>

/** Lets time pass while something goes on, so that who waits to try again does. */
const whileTimePasses = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.raceFirst(
    effect,
    Effect.forever(Effect.andThen(TestClock.withLive(Effect.sleep("1 millis")), TestClock.adjust("100 millis")))
  )

/** Tells the facts to two recorders at once, which have trouble with some of their transactions, until all of them are dealt with. */
export const tellAll = Effect.fnUntraced(function* (facts: ReadonlyArray<Fact>, chance: Chance) {
  const spy = yield* Spy
  const table = yield* Table
  const recorders = [Recorder.layer, Layer.fresh(Recorder.layer)].map((layer) =>
    Layer.build(Layer.provide(Layer.fresh(layer), Layer.succeed(Table, table)))
  )
  const contexts = yield* Effect.all(recorders)
  let waiting = facts
  for (let round = 0; waiting.length > 0; round++) {
    spy.plot(() => (round < 50 && chance.happens(0.2) ? chance.pick(faults) : undefined))
    const sizes = contexts.map(() => 1 + chance.below(40))
    const batches = sizes.map((size, index) => {
      const start = sizes.slice(0, index).reduce((sum, one) => sum + one, 0)
      return waiting.slice(start, start + size)
    })
    const rest = waiting.slice(batches.flat().length)
    const left = yield* Effect.forEach(
      batches,
      (batch, index) => {
        const context = contexts[index] ?? contexts[0]
        if (context === undefined) return Effect.die("there are two recorders")
        return Effect.exit(Effect.provide(handle(batch), context)).pipe(
          Effect.map((exit) => {
            if (exit._tag === "Failure") return batch
            const verdicts: ReadonlyArray<Verdict> = exit.value
            return batch.filter((_, at) => verdicts[at]?._tag !== "Done")
          })
        )
      },
      { concurrency: "unbounded" }
    ).pipe(whileTimePasses)
    // Redelivered at once, or after everything else; and now and then although it was done.
    const redelivered = chance.happens(0.1) ? batches.flat().slice(0, 5) : []
    waiting = chance.happens(0.5) ? [...left.flat(), ...rest, ...redelivered] : [...rest, ...left.flat()]
  }
  spy.plot(() => undefined)
})
