/** What the rollup writes and reads in a month, from the measured units of ticks and of a scope that changed. */
import { Effect } from "effect"
import { tick } from "../../src/readmodel/rollup/Tick.ts"
import { at, contribute, counted, settle, spentBy } from "../Rollup.ts"

const start = Date.parse("2026-11-23T10:20:30.000Z")
const minute = 60_000

/** Units of a tick in which nothing changed, of a scope that changed, and of a tick besides its scopes. */
export interface TickUnits {
  readonly idleWrites: number
  readonly idleReads: number
  readonly scopeUnits: number
  readonly besides: number
}

/** Measures ticks with 100 repositories that were all active within the last hours. */
export const countTicks: Effect.Effect<TickUnits> = Effect.gen(function* () {
  const repositories = Array.from({ length: 50 }, (_, index) => index)
  for (let back = 10; back > 0; back--) yield* contribute(repositories, start - back * 10 * minute)
  yield* at(start)(settle)
  const idle = yield* spentBy(at(start + 2 * minute)(tick([])))
  yield* contribute(repositories.slice(0, 5), start + 2 * minute)
  const busy = yield* spentBy(at(start + 3 * minute)(tick([])))
  return {
    idleWrites: idle.tickUnits,
    idleReads: idle.reads,
    scopeUnits: busy.scopeUnits / Math.max(1, busy.scopes),
    besides: busy.tickUnits
  }
}).pipe(Effect.provide(counted), Effect.orDie)

/** Minutes of a month. */
export const minutes = 30 * 24 * 60
/** What a minute enters at first and leaves later: 15 m, 1 h, 24 h and 7 d, and the window before each. */
const turns = 9

/** The month's units, where so many deliveries are spread evenly over so many sources, each with a target of its own. */
export const monthOfTicks = (units: TickUnits, deliveries: number, repositories: number) => {
  const activeIn = (rate: number) => 1 - Math.exp(-rate)
  const perMinute = deliveries / minutes
  const ownMinutes = activeIn(perMinute / repositories)
  const changed = (own: number) => 1 - (1 - own) ** turns
  const scopes = 2 * repositories * changed(ownMinutes) + changed(activeIn(perMinute))
  const active = 2 * repositories * ownMinutes + activeIn(perMinute)
  const busyShare = changed(activeIn(perMinute))
  // With its own minute, a scope's long windows (3 units), and for each pair a connection (4).
  const writes =
    scopes * units.scopeUnits +
    active * 3 +
    repositories * ownMinutes * 4 +
    busyShare * units.besides +
    units.idleWrites
  const reads = units.idleReads + 2 * scopes
  return { writes: minutes * writes, reads: minutes * reads }
}
