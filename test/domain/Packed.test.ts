/** That what is packed into lists of numbers comes back as it was, whatever else is packed with it. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { rankScopes } from "../../src/domain/Leaderboards.ts"
import { RepositoryName } from "../../src/domain/Names.ts"
import { packPoint, packRow, packWindow, unpackPoint, unpackRow, unpackWindow } from "../../src/domain/PackedFigures.ts"
import { Names } from "../../src/domain/PackedNumbers.ts"
import { packTally, unpackTally } from "../../src/domain/PackedTally.ts"
import { sketchOf } from "../../src/domain/Sketch.ts"
import { counts, noTally, type Tally } from "../../src/domain/Tally.ts"
import { pointFigures, windowFigures } from "../../src/domain/WindowFigures.ts"
import { Chance } from "../fixtures/Chance.ts"

const [someCount = "accepted", ...otherCounts] = counts
const codes = ["no-inbound-rule", "branch-not-allowed", "not-found", "rate-limited"] as const

const timesOf = (chance: Chance): Pick<Tally, "elapsed"> => {
  const times = Array.from(
    { length: chance.below(4) * chance.below(20) },
    () => Math.floor(10 ** (chance.next() * 9)) - 1
  )
  const elapsed = sketchOf(times)
  return elapsed === undefined ? {} : { elapsed }
}
const tallyOf = (chance: Chance): Tally => {
  const some = Array.from({ length: chance.below(12) }, () => [
    chance.pick([someCount, ...otherCounts]),
    1 + chance.below(2000)
  ])
  const reasons = Object.fromEntries(
    codes.flatMap((code) => (chance.happens(0.3) ? [[code, 1 + chance.below(9)]] : []))
  )
  const { elapsed: completion } = timesOf(chance)
  return {
    counts: Object.fromEntries(some),
    ...(Object.keys(reasons).length === 0 ? {} : { reasons }),
    ...timesOf(chance),
    ...(completion === undefined ? {} : { completion })
  }
}
const overJson = (list: ReadonlyArray<number>): ReadonlyArray<number> => JSON.parse(JSON.stringify(list))
const options = { arbitrary: { runs: 300 } }

describe("what is packed", () => {
  it.prop(
    "comes back: tallies, and what points show of them",
    [Schema.Int],
    ([seed]) => {
      const chance = new Chance(seed)
      const tallies = Array.from({ length: 1 + chance.below(5) }, () => tallyOf(chance))
      const names = new Names()
      const lists = tallies.map((tally) => overJson(packTally(names, tally)))
      const back = lists.map((list) => unpackTally(list, names.text))
      assert.deepStrictEqual(
        back.map((one) => one.tally()),
        tallies
      )
      assert.deepStrictEqual(
        back.map((one) => one.figures()),
        tallies.map(pointFigures)
      )
    },
    options
  )

  it.prop(
    "comes back: figures of windows, points, and rows of rankings",
    [Schema.Int],
    ([seed]) => {
      const chance = new Chance(seed)
      const names = new Names()
      const all = Array.from({ length: 1 + chance.below(4) }, () => windowFigures(tallyOf(chance), tallyOf(chance)))
      const lists = all.map((figures) => overJson(packWindow(names, figures)))
      const points = all.map(({ counts, elapsed }) => ({ counts, ...(elapsed === undefined ? {} : { elapsed }) }))
      const pointLists = points.map((point) => overJson(packPoint(names, point)))
      const scope = { _tag: "Source", repository: RepositoryName.make("acme/shop") } as const
      const rows = all.flatMap((figures) => rankScopes("sources", [{ scope, figures }]))
      const rowLists = rows.map((row) => overJson(packRow(names, row)))
      const { text } = names
      assert.deepStrictEqual(
        lists.map((list) => unpackWindow(list, text)),
        all
      )
      assert.deepStrictEqual(
        pointLists.map((list) => unpackPoint(list, text)),
        points
      )
      assert.deepStrictEqual(
        rowLists.map((list) => unpackRow(scope, list, text)),
        rows
      )
    },
    options
  )

  it("is 1 of a rate only where all are meant, and rounded down to a millionth otherwise", () => {
    const rate = (dispatched: number, tried: number) =>
      windowFigures({ counts: { dispatched, tried } }, noTally).successRate
    assert.deepStrictEqual(
      [rate(0, 5), rate(29, 100), rate(2, 3), rate(9_999_999, 10_000_000), rate(7, 7)],
      [0, 0.29, 0.666666, 0.999999, 1]
    )
    assert.isUndefined(rate(0, 0))
  })
})
