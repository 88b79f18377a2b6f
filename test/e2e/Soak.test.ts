/**
 * Short doses of the soak (`npm run soak`): the real server, killed and stopped beside a GitHub in trouble, starts every workflow once,
 * counts every result once, and leaves one check run for each run, which is right.
 * Waits for conditions; how long it takes decides nothing.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { soakMachine } from "../soak/Machine.ts"
import { closingLine } from "../soak/Soak.ts"
import { scratchFolder } from "./World.ts"

/** A seed that failed once stays here, with what it found. */
const seeds: ReadonlyArray<readonly [seed: number, found: string]> = [
  [1, "GitHub's time in fractions of a millisecond, which the ledger could not read back: nothing was started"],
  [2, "nothing so far"]
]

describe.concurrent("a soak of 24 runs with 3 kills", () => {
  for (const [seed, found] of seeds) {
    it.live(
      `of seed ${seed} starts everything once (${found})`,
      () =>
        Effect.gen(function* () {
          const folder = yield* scratchFolder
          const limit = Duration.minutes(5)
          const soaked = yield* soakMachine({ runs: 24, seed, kills: 3, limit, folder, progress: () => {} })
          const { offences, deadLetters, crashes } = soaked
          assert.deepStrictEqual({ offences, deadLetters, crashes }, { offences: [], deadLetters: [], crashes: 0 })
          assert.match(
            closingLine(soaked, seed),
            /^lost 0 doubled 0 unknown 0 denied wrongly 0 wrong result 0 wrong check run 0 miscounted 0 dead letters 0, 24 runs/
          )
        }),
      600_000
    )
  }
})
