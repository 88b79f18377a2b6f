/** Rankings: their order, what is in them, and their pages. */
import { assert, describe, it } from "@effect/vitest"
import { type Ranked, rankingPages, rankScopes } from "../../src/domain/Leaderboards.ts"
import { RepositoryName } from "../../src/domain/Names.ts"
import { type Scope, scopeKey } from "../../src/domain/Scope.ts"
import { sketchOf } from "../../src/domain/Sketch.ts"
import { noTally, type Tally } from "../../src/domain/Tally.ts"
import { windowFigures } from "../../src/domain/WindowFigures.ts"
import { Chance } from "../fixtures/Chance.ts"

type Counts = Readonly<Record<string, number>>
const source = (name: string): Scope => ({ _tag: "Source", repository: RepositoryName.make(`acme/${name}`) })
const ranked = (name: string, counts: Counts, previous: Counts = {}): Ranked => ({
  scope: source(name),
  figures: windowFigures({ counts }, { counts: previous })
})
const order = (ranking: "sources" | "movers" | "results", all: ReadonlyArray<Ranked>) =>
  rankScopes(ranking, all).map(({ scope }) => scopeKey(scope).replace("source/acme/", ""))

describe("the order of a ranking", () => {
  const attention = [
    ["failed", { failed: 1 }],
    ["unknown", { unknown: 1 }],
    ["invalid", { invalid: 1 }],
    ["unreachable", { unreachable: 1 }]
  ] as const
  it.each(attention)("puts what has %s before any number of denials", (_, counts) => {
    assert.deepStrictEqual(order("sources", [ranked("a", { denied: 100 }), ranked("b", counts)]), ["b", "a"])
  })

  it("goes by trouble, then denials and withdrawals, then what ended, then what was accepted, then by name", () => {
    const all = [
      ranked("f", { accepted: 2 }),
      ranked("a", { accepted: 1 }),
      ranked("e", { accepted: 1 }),
      ranked("c", { denied: 1, withdrawn: 1 }),
      ranked("h", { denied: 1, dispatched: 60 }),
      ranked("d", { dispatched: 50 }),
      ranked("b", { failed: 1, unknown: 1 }),
      ranked("g", { dispatched: 51 })
    ]
    assert.deepStrictEqual(order("sources", all), ["b", "c", "h", "g", "d", "f", "a", "e"])
  })

  it("leaves out where nothing happened in the window", () => {
    assert.deepStrictEqual(order("sources", [ranked("a", { dispatched: 0 }, { dispatched: 3 }), ranked("b", {})]), [])
  })

  it("of movers goes by how much more or less ended, and leaves out what stood still", () => {
    const all = [
      ranked("up", { dispatched: 9 }, { dispatched: 4 }),
      ranked("gone", {}, { dispatched: 7 }),
      ranked("still", { failed: 5 }, { dispatched: 5 })
    ]
    assert.deepStrictEqual(order("movers", all), ["gone", "up"])
    assert.deepStrictEqual(
      rankScopes("movers", all).map(({ change }) => change),
      [-7, 5]
    )
  })

  it("of results goes by unsuccessful runs, then lost ones, then what was started; dispatching has no part in it", () => {
    const all = [
      ranked("most", { dispatched: 60, completed: 50, succeeded: 50, running: 10 }),
      ranked("failing", { dispatched: 2, completed: 2, unsuccessful: 2 }),
      ranked("denied", { denied: 9, failed: 9, unknown: 3 }),
      ranked("lost", { dispatched: 3, lost: 3 }),
      ranked("troubled", { dispatched: 2, failed: 40, completed: 2, succeeded: 2 }),
      ranked("failed-before", { denied: 1 }, { dispatched: 1, completed: 1, unsuccessful: 1 }),
      ranked("runs", { dispatched: 1, running: 1 })
    ]
    assert.deepStrictEqual(order("results", all), ["failing", "lost", "most", "troubled", "runs"])
  })

  it("says of each how dispatching went and how what was dispatched ended, and knows nothing of what has not ended", () => {
    const tally = {
      counts: { dispatched: 4, tried: 5, completed: 3, succeeded: 1, unsuccessful: 2, running: 1 },
      elapsed: sketchOf([100]) ?? {},
      completion: sketchOf([60_000, 90_000, 120_000]) ?? {}
    } as Tally
    const rows = rankScopes("sources", [
      { scope: source("a"), figures: windowFigures(tally, noTally) },
      { scope: source("b"), figures: windowFigures({ counts: { dispatched: 1, tried: 1, running: 1 } }, noTally) }
    ])
    assert.deepStrictEqual(
      rows.map(({ successRate, resultRate }) => [successRate, resultRate]),
      [
        [0.8, 0.333333],
        [1, null]
      ]
    )
    const [first, second] = rows
    assert.strictEqual(first?.completion.max, 120_000)
    assert.closeTo(first?.completion.p50 ?? 0, 90_000, 1_800)
    assert.deepStrictEqual(second?.completion, { p50: null, p95: null, p99: null, max: null })
  })

  it("does not depend on the order in which scopes come, and has each once", () => {
    for (let seed = 0; seed < 50; seed++) {
      const chance = new Chance(seed)
      const names = ["accepted", "dispatched", "denied", "failed", "withdrawn", "unknown", "invalid"] as const
      const all = Array.from({ length: 30 }, (_, index) =>
        ranked(String(index), { [chance.pick(names)]: 1 + chance.below(3), [chance.pick(names)]: 1 })
      )
      const once = order("sources", all)
      assert.deepStrictEqual(order("sources", chance.shuffled(all)), once)
      assert.sameMembers(
        once,
        all.map((_, index) => String(index))
      )
    }
  })
})

describe("the pages of a ranking", () => {
  const rowsOf = (count: number) =>
    rankScopes(
      "sources",
      Array.from({ length: count }, (_, index) => ranked(`s${index}`, { accepted: 1 + index }))
    )
  it.each([
    [0, 0, []],
    [1, 1, [1]],
    [50, 1, [50]],
    [51, 2, [50, 1]],
    [1000, 20, Array.from({ length: 20 }, () => 50)],
    [1200, 20, Array.from({ length: 20 }, () => 50)]
  ] as const)("%i rows are on %i pages", (count, pages, lengths) => {
    const rows = rowsOf(count)
    const all = rankingPages("sources", "1h", rows)
    assert.deepStrictEqual(
      all.map((one) => one.rows.length),
      [...lengths]
    )
    assert.deepStrictEqual(
      all.flatMap((one) => one.rows),
      rows.slice(0, 1000)
    )
    for (const [index, one] of all.entries()) {
      assert.deepStrictEqual([one.page, one.pages, one.total, one.window], [index, pages, count, "1h"])
    }
  })
})
