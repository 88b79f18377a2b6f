/** The laws of sketches, over times of every order. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { quantile, sketchOf, sumSketches } from "../../src/domain/Sketch.ts"
import { Chance } from "../fixtures/Chance.ts"

const shares = [0.01, 0.5, 0.95, 0.99, 1] as const
const timesOf = (seed: number): ReadonlyArray<number> => {
  const chance = new Chance(seed)
  return Array.from({ length: 1 + chance.below(300) }, () => Math.floor(10 ** (chance.next() * 9)) - 1)
}
const options = { arbitrary: { runs: 200 } }

describe("Sketch", () => {
  it.prop(
    "gives every quantile within 1 % and half a millisecond, and none above the longest",
    [Schema.Int],
    ([seed]) => {
      const times = timesOf(seed)
      const sorted = times.toSorted((a, b) => a - b)
      for (const share of shares) {
        const exact = sorted[Math.ceil(share * times.length) - 1] ?? assert.fail("the rank is within")
        const found = quantile(sketchOf(times), share) ?? assert.fail("there are times")
        assert.isAtMost(Math.abs(found - exact), exact * 0.01 + 0.5)
        assert.isAtMost(found, Math.max(...times))
      }
    },
    options
  )

  it.prop(
    "is the same however the times were added up",
    [Schema.Int],
    ([seed]) => {
      const times = timesOf(seed)
      const at = new Chance(seed).below(times.length + 1)
      const parts = [times.slice(at), times.slice(0, at)].flatMap((some) => sketchOf(some) ?? [])
      assert.deepStrictEqual(sumSketches(parts), sketchOf(times))
    },
    options
  )

  it("has no quantiles of nothing", () => {
    assert.isNull(quantile(sketchOf([]), 0.5))
    assert.isUndefined(sumSketches([]))
  })
})
