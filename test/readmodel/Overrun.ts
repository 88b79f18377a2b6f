/** A rollup that is at work longer than its turn lasts, and writes when another one has had the next. */
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { Table } from "../../src/ports/Table.ts"
import { tick } from "../../src/readmodel/rollup/Tick.ts"

/** Begins a tick that is held up before it appends to such a partition, until its turn is over; gives what lets it go on, and waits for its end. */
export const overrun = Effect.fnUntraced(function* (isHeld: (partition: string) => boolean) {
  const table = yield* Table
  const isFree = yield* Deferred.make<void>()
  const slow = Table.of({
    ...table,
    append: (items) =>
      items.some(({ key }) => isHeld(key.partition))
        ? Effect.andThen(Deferred.await(isFree), table.append(items))
        : table.append(items)
  })
  const rollup = yield* Effect.forkScoped(Effect.provideService(tick([]), Table, slow))
  yield* TestClock.adjust("3 minutes")
  return Effect.andThen(Deferred.succeed(isFree, undefined), Fiber.join(rollup))
})
