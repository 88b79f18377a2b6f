/**
 * A holder's own view of its lease. It runs from before the claim was written, by the wall clock and by the monotonic clock: the lease is
 * over when either says so. The monotonic clock stands still while a machine is suspended, the wall clock may be set.
 */
import { Clock, Effect } from "effect"

/** How much of a lease has passed. */
export interface LeaseClock {
  /** Milliseconds since the lease began; asked without delay, also after the process was stopped for a while. */
  readonly elapsed: () => number
}

/** Begins a lease now. */
export const startLease: Effect.Effect<LeaseClock> = Clock.clockWith((clock) =>
  Effect.sync(() => {
    const wall = clock.currentTimeMillisUnsafe()
    const monotonic = clock.monotonicTimeNanosUnsafe()
    return {
      elapsed: () =>
        Math.max(
          clock.currentTimeMillisUnsafe() - wall,
          Number((clock.monotonicTimeNanosUnsafe() - monotonic) / 1_000_000n)
        )
    }
  })
)
