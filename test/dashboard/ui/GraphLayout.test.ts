/** Where a graph's boxes stand: left to right, owner by owner, none over another, whatever the loops and the number. */
import { assert, describe, it } from "@effect/vitest"
import {
  boxHeight,
  type GraphLayout,
  linePath,
  nearestPlace,
  placeGraph,
  ranksOf
} from "../../../src/dashboard/ui/charts/GraphLayout.ts"
import { pairsOf } from "../../../src/dashboard/ui/views/topology/Connections.ts"
import { makeTopologies, type TopologySize } from "../browser/StubTopology.ts"

const topologies = makeTopologies(Date.parse("2026-11-23T09:00:00Z"))
const linesOf = (size: TopologySize) => pairsOf(topologies[size])
const line = (from: string, to: string) => ({ from: `o/${from}`, to: `o/${to}` })
const placeOf = ({ places }: GraphLayout, name: string) =>
  places.find((place) => place.name === name) ?? assert.fail(`${name} has no place`)

describe("ranks", () => {
  const ranks = (...lines: ReadonlyArray<readonly [string, string]>) =>
    Object.fromEntries(
      ranksOf(
        lines.map(([from, to]) => line(from, to)),
        5
      )
    )

  it("are the longest way from the left", () => {
    assert.deepStrictEqual(ranks(["a", "b"], ["b", "c"], ["a", "c"]), { "o/a": 0, "o/b": 1, "o/c": 2 })
    assert.deepStrictEqual(ranks(["A", "b"], ["a", "B"]), { "o/a": 0, "o/b": 1 })
  })

  it("loops are cut where they are entered, and what starts itself stays where it is", () => {
    assert.deepStrictEqual(ranks(["z", "b"], ["b", "a"], ["a", "b"]), { "o/a": 2, "o/b": 1, "o/z": 0 })
    assert.deepStrictEqual(ranks(["a", "b"], ["b", "a"]), { "o/a": 0, "o/b": 1 })
    assert.deepStrictEqual(ranks(["a", "a"]), { "o/a": 0 })
  })

  it("end with the last column", () => {
    const lines = Array.from({ length: 8 }, (_, index) => line(`r${index}`, `r${index + 1}`))
    assert.strictEqual(ranksOf(lines, 3).get("o/r8"), 2)
  })
})

describe("places", () => {
  it.each([
    ["two", 1200],
    ["twenty", 1200],
    ["twenty", 700],
    ["threeHundred", 1200],
    ["threeHundred", 700]
  ] as const)("of %s in %i pixels lie in the band of their owner, none over another", (size, width) => {
    const { places, bands, height } = placeGraph(linesOf(size), width)
    for (const [index, one] of places.entries()) {
      const band = bands.find(({ owner }) => one.name.startsWith(`${owner}/`))
      assert(band !== undefined)
      assert.isAtLeast(one.y, band.y)
      assert.isAtMost(one.y + boxHeight, band.y + band.height)
      assert.isAtLeast(one.x, 0)
      assert.isAtMost(one.x + one.width, width)
      for (const other of places.slice(index + 1)) {
        const isApart =
          Math.abs(one.x - other.x) >= Math.min(one.width, other.width) || Math.abs(one.y - other.y) >= boxHeight
        assert.isTrue(isApart, `${one.name} lies over ${other.name}`)
      }
    }
    assert.strictEqual(height, (bands.at(-1)?.y ?? 0) + (bands.at(-1)?.height ?? 0))
    assert.lengthOf(places, new Set(linesOf(size).flatMap(({ from, to }) => [from, to])).size)
  })

  it("of a few are in columns from left to right, the same for all owners", () => {
    const layout = placeGraph(linesOf("twenty"), 1200)
    assert.isTrue(layout.isAligned)
    const way = ["acme/toolchain", "acme/base-image", "acme/platform", "acme/docs", "acme/search-api"]
    const spots = way.map((name) => placeOf(layout, name).x)
    assert.deepStrictEqual(
      spots,
      spots.toSorted((a, b) => a - b)
    )
    assert.strictEqual(placeOf(layout, "umbrella/site").x, placeOf(layout, "acme/docs").x)
  })

  it("of many fill the width of each owner's band", () => {
    const layout = placeGraph(linesOf("threeHundred"), 1200)
    assert.isFalse(layout.isAligned)
    assert.isAbove(layout.places.length, 290)
    assert.isBelow(layout.height, 2_000)
  })

  it("of nothing are none", () => {
    assert.deepStrictEqual(placeGraph([], 1200), { height: 0, isAligned: true, bands: [], places: [] })
  })
})

describe("lines and keys", () => {
  const layout = placeGraph(linesOf("twenty"), 1200)
  const to = (name: string, key: string) => nearestPlace(layout.places, placeOf(layout, name), key)?.name

  it("a line leads from the right side of a box to the left side of the other", () => {
    const [from, end] = [placeOf(layout, "acme/toolchain"), placeOf(layout, "acme/base-image")]
    const path = linePath(from, end)
    assert.isTrue(path.startsWith(`M${from.x + from.width} ${from.y + boxHeight / 2}C`))
    assert.include(path, ` ${end.x - 2} ${end.y + boxHeight / 2}M`)
  })

  it("arrow keys lead to the nearest box, those straight ahead before others", () => {
    assert.strictEqual(to("acme/schemas", "ArrowDown"), "acme/toolchain")
    assert.strictEqual(to("acme/toolchain", "ArrowUp"), "acme/schemas")
    assert.strictEqual(to("acme/schemas", "ArrowRight"), "acme/base-image")
    assert.strictEqual(to("acme/base-image", "ArrowLeft"), "acme/schemas")
    assert.strictEqual(to("acme/toolchain", "ArrowDown"), "initech/tps-reports")
    assert.isUndefined(to("acme/schemas", "ArrowUp"))
    assert.isUndefined(to("acme/schemas", "Home"))
  })
})
