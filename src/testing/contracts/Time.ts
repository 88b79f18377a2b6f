/** How contract suites let time pass: by the test clock for layers within this process, for real for those behind a network. */
import { assert } from "@effect/vitest"
import { type Duration, Effect } from "effect"
import { TestClock } from "effect/testing"

/** How time passes for the layer under test. */
export interface ContractTime {
  /** Whether the suite runs under the test clock. */
  readonly virtual: boolean
  /** Lets time pass for whatever keeps to Effect's clock. */
  readonly pass: (duration: Duration.Input) => Effect.Effect<void>
  /** A few real milliseconds, for what no clock commands: sockets, files. */
  readonly breathe: Effect.Effect<void>
}

const breath: Duration.Input = "5 millis"
const mostBreaths = 4000

/** Time stands still until the suite moves it. */
export const testTime: ContractTime = {
  virtual: true,
  pass: (duration) => Effect.andThen(TestClock.adjust(duration), testTime.breathe),
  breathe: TestClock.withLive(Effect.sleep(breath))
}

/** Time passes by itself. */
export const realTime: ContractTime = { virtual: false, pass: Effect.sleep, breathe: Effect.sleep(breath) }

/** Waits until `condition` holds, at most about twenty real seconds; the clock stands still meanwhile if it is the test clock. */
export const eventually = Effect.fnUntraced(function* <E, R>(
  time: ContractTime,
  what: string,
  condition: Effect.Effect<boolean, E, R>
) {
  for (let breaths = 0; breaths < mostBreaths; breaths++) {
    if (yield* condition) return
    yield* time.breathe
  }
  assert.fail(`this never came to be: ${what}`)
})
