/** The numbers behind the charts. */
import { assert, describe, it } from "@effect/vitest"
import { columnsOf, isFlat, polyline, stacked } from "../../../src/dashboard/ui/charts/Series.ts"
import { landmarksWithin } from "../../../src/dashboard/ui/charts/Vertical.ts"
import { windows } from "../../../src/domain/Vocabulary.ts"
import { trend } from "../browser/StubFigures.ts"
import { emptyWorld, makeWorld } from "../browser/StubWorld.ts"

const now = Date.parse("2026-11-23T09:17:42Z")
const world = makeWorld(now, 200)

const everything = { _tag: "Global" } as const

describe("columns of a trend", () => {
  it("have a column for every time of the window, also those in which nothing happened", () => {
    const lengths = windows.map((window) => columnsOf(trend(world, everything, window, now)).times.length)
    // Hours at both ends are cut by the minute.
    assert.deepStrictEqual(lengths, [15, 60, 25, 169, 30, 90])
  })

  it("hold every count in its place, end with the moment of the answer, and make its total", () => {
    const hourly = trend(world, everything, "24h", now)
    const { times, counts } = columnsOf(hourly)
    assert.strictEqual(times.at(-1), Date.parse("2026-11-23T09:00:00Z"))
    for (const point of hourly.points) {
      assert.strictEqual(counts("dispatched")[times.indexOf(Date.parse(point.at))], point.counts.dispatched)
    }
    const shown = counts("dispatched").reduce((total, count) => total + count, 0)
    assert.strictEqual(shown, hourly.total.counts.dispatched)
  })

  it("are all zero for a service to which nothing happened", () => {
    const { counts } = columnsOf(trend(emptyWorld, everything, "1h", now))
    assert.isTrue(isFlat(counts("failed")))
    assert.isFalse(isFlat([0, null, 1]))
  })
})

describe("drawing", () => {
  it("stacks are running sums", () => {
    assert.deepStrictEqual(
      stacked([
        [1, 2],
        [3, 0],
        [0, 5]
      ]),
      [
        [1, 2],
        [4, 2],
        [4, 7]
      ]
    )
  })

  it("lines fill their box", () => {
    assert.strictEqual(polyline([0, 2, 1], 100, 20), "0,20 50,0 100,10")
    assert.strictEqual(polyline([5], 100, 20), "0,0")
    assert.strictEqual(polyline([0, 0], 100, 20), "0,20 100,20")
  })
})

describe("durations", () => {
  it("to the end of started runs are beside those to dispatch, where any has ended", () => {
    const daily = trend(world, { _tag: "Global" }, "7d", now)
    const { counts, durations } = columnsOf(daily)
    const longest = durations("completion", "p99")
    assert.isTrue(longest.some((time, index) => time !== null && time > (durations("elapsed", "p50")[index] ?? 0)))
    assert.isTrue(longest.every((time, index) => (time === null) === (counts("completed")[index] === 0)))
  })

  it("have a gap, not a zero, where nothing was dispatched", () => {
    const daily = trend(world, { _tag: "Global" }, "7d", now)
    const { times, counts, durations } = columnsOf(daily)
    const [medians, dispatched] = [durations("elapsed", "p50"), counts("dispatched")]
    const idle = times.flatMap((_, index) => (dispatched[index] === 0 ? [medians[index]] : []))
    assert.isNotEmpty(idle)
    assert.deepStrictEqual([...new Set(idle)], [null])
    assert.isTrue(medians.some((median) => median !== null))
  })

  it("are marked at landmarks within the scale, never so many that they cannot be read", () => {
    assert.deepStrictEqual(landmarksWithin(400, 12_000), [500, 1_000, 2_000, 5_000, 10_000])
    assert.isAtMost(landmarksWithin(1, 10_000_000).length, 6)
    assert.deepStrictEqual(landmarksWithin(600, 900), [])
  })
})
