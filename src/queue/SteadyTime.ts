/**
 * The time by which queues measure waits, leases and ages: the wall clock as it was when it was first asked for, and the monotonic time
 * since. Within a process it never jumps, however the wall clock is set.
 */
import { Clock, Effect } from "effect"

/** What the monotonic time of a clock is counted from, milliseconds since the epoch. */
const origins = new WeakMap<Clock.Clock, number>()

const monotonicMillis = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe() / 1000n) / 1000

const originOf = (clock: Clock.Clock): number => {
  const known = origins.get(clock)
  if (known !== undefined) return known
  const origin = clock.currentTimeMillisUnsafe() - monotonicMillis(clock)
  origins.set(clock, origin)
  return origin
}

/** {@link steadyMillis} by a clock. */
const steadyMillisOf = (clock: Clock.Clock): number => Math.floor(originOf(clock) + monotonicMillis(clock))

/** Whole milliseconds since the epoch, as of when this process first asked. */
export const steadyMillis: Effect.Effect<number> = Clock.clockWith((clock) => Effect.succeed(steadyMillisOf(clock)))
