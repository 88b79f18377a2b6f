import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { bucketBefore, bucketOf, bucketStart, isoTime } from "../../src/domain/Bucket.ts"
import { addUp, figuresOf, isEmpty } from "../../src/domain/Figures.ts"
import { keyText } from "../../src/domain/KeyText.ts"
import { additions, elapsedAttribute, elapsedBounds } from "../../src/domain/Measure.ts"
import { rank } from "../../src/domain/Ranking.ts"
import { globalScope, type Scope, scopeKey } from "../../src/domain/Scope.ts"
import { Chance } from "../fixtures/Chance.ts"
import { journey } from "../fixtures/Facts.ts"
import { repository, workflow } from "../fixtures/Runs.ts"

describe("buckets", () => {
  const at = Date.parse("2026-03-01T00:00:30.500Z")
  it("start with the minute, hour and day that a time is in", () => {
    const time = isoTime(at)
    assert.deepStrictEqual(
      (["minute", "hour", "day"] as const).map((granularity) => bucketOf(granularity, time)),
      ["2026-03-01T00:00", "2026-03-01T00", "2026-03-01"]
    )
    assert.strictEqual(bucketStart("minute", "2026-03-01T00:00"), "2026-03-01T00:00:00.000Z")
    assert.strictEqual(bucketStart("hour", "2026-03-01T00"), "2026-03-01T00:00:00.000Z")
    assert.strictEqual(bucketStart("day", "2026-03-01"), "2026-03-01T00:00:00.000Z")
  })
  it("are counted back across days and months", () => {
    assert.strictEqual(bucketBefore("minute", at, 1), "2026-02-28T23:59")
    assert.strictEqual(bucketBefore("hour", at, 25), "2026-02-27T23")
    assert.strictEqual(bucketBefore("day", at, 0), "2026-03-01")
  })
})

describe("figures", () => {
  const figures = (sums: Record<string, number>, previous: Record<string, number> = {}) =>
    figuresOf(globalScope, "1h", sums, previous)
  const percentiles = (...counts: ReadonlyArray<number>) => {
    const sums = Object.fromEntries(counts.map((count, index) => [elapsedAttribute(index), count]))
    const { p50, p95, p99 } = figures(sums).elapsed
    return [p50, p95, p99]
  }

  it("rate what succeeded among what was tried; nothing tried has no rate", () => {
    assert.strictEqual(figures({ dispatched: 6, failed: 1, unknown: 1, denied: 90, withdrawn: 40 }).successRate, 0.75)
    assert.strictEqual(figures({ denied: 3, withdrawn: 1, accepted: 1 }).successRate, null)
  })

  it("rank reasons, most frequent first, and by name where they are equal", () => {
    const { reasons } = figures({ "reason.b": 2, "reason.c": 5, "reason.a": 2, denied: 9 })
    assert.deepStrictEqual(
      reasons.map(({ code, count }) => `${code} ${count}`),
      ["c 5", "a 2", "b 2"]
    )
  })

  it("interpolate percentiles within the bucket of the histogram", () => {
    assert.deepStrictEqual(percentiles(), [null, null, null])
    assert.deepStrictEqual(percentiles(100), [125, 237.5, 247.5])
    // Half of them up to 250 ms, the other half between 500 ms and a second.
    assert.deepStrictEqual(percentiles(50, 0, 50), [250, 950, 990])
    assert.deepStrictEqual(percentiles(0, 0, 0, 0, 10), [3500, 4850, 4970])
  })

  it("say no more than the last bound of what took longer than that", () => {
    const last = elapsedBounds[elapsedBounds.length - 1] ?? 0
    assert.deepStrictEqual(percentiles(...elapsedBounds.map(() => 0), 10), [last, last, last])
  })

  it("stay within the bounds of what was measured, in order", () => {
    const chance = new Chance(1)
    for (let round = 0; round < 200; round++) {
      const [p50 = 0, p95 = 0, p99 = 0] = percentiles(...elapsedBounds.map(() => chance.below(4)), chance.below(2), 1)
      assert.isTrue(0 <= (p50 ?? 0) && (p50 ?? 0) <= (p95 ?? 0) && (p95 ?? 0) <= (p99 ?? 0))
    }
  })

  it("are empty only if nothing happened in either window", () => {
    assert.isTrue(isEmpty(figures({})))
    assert.isFalse(isEmpty(figures({}, { replayed: 1 })))
    assert.isFalse(isEmpty(figures({ ignored: 1 })))
  })

  it("add up in any order and grouping to the same", () => {
    const chance = new Chance(2)
    const parts = Array.from({ length: 20 }, (_, index) => journey({ chance, index, at: 0 }).map(additions)).flat()
    const halves = [addUp(parts.slice(0, 17)), addUp(parts.slice(17))]
    assert.deepStrictEqual(addUp(halves), addUp(chance.shuffled(parts)))
  })
})

describe("measures", () => {
  it("take no time of a replay for time that a delivery took", () => {
    const chance = new Chance(3)
    const facts = Array.from({ length: 200 }, (_, index) => journey({ chance, index, at: 0 })).flat()
    const succeeded = facts.filter(({ type }) => type === "dispatch.trigger.succeeded")
    for (const fact of succeeded) {
      const timed = Object.keys(additions(fact)).some((name) => name.startsWith(elapsedAttribute(0).slice(0, -1)))
      assert.strictEqual(timed, fact.data.generation === 0)
    }
    assert.isTrue(succeeded.some(({ data }) => data.generation > 0))
  })
})

describe("rankings", () => {
  const of = (name: string, sums: Record<string, number>, previous: Record<string, number> = {}) =>
    figuresOf({ _tag: "Source", repository: repository(`acme/${name}`) }, "24h", sums, previous)
  const names = (rows: ReadonlyArray<{ readonly scope: Scope }>) => rows.map(({ scope }) => scopeKey(scope).slice(12))

  it("put what needs attention first, then what happens most", () => {
    const all = [
      of("busy", { dispatched: 100 }),
      of("idle", {}, { dispatched: 7 }),
      of("denied", { denied: 3, dispatched: 1 }),
      of("failing", { failed: 1 }),
      of("unsure", { unknown: 1, failed: 1 }),
      of("calm", { dispatched: 2 }),
      of("also-calm", { dispatched: 2 }),
      figuresOf({ _tag: "Target", repository: repository("acme/elsewhere") }, "24h", { failed: 9 }, {})
    ]
    assert.deepStrictEqual(names(rank("sources", all)), ["unsure", "failing", "denied", "busy", "also-calm", "calm"])
  })

  it("rank movers by how much changed, up or down, without what stood still", () => {
    const all = [
      of("up", { dispatched: 9 }, { dispatched: 2 }),
      of("down", {}, { failed: 8 }),
      of("still", { dispatched: 50 }, { failed: 50 })
    ]
    assert.deepStrictEqual(names(rank("movers", all)), ["down", "up"])
  })
})

describe("text in keys", () => {
  it.prop("is short, well-formed, and the text itself if that was", { text: Schema.String }, ({ text }) => {
    for (const long of [text, text.repeat(50), `${text}\ud800${text}`]) {
      const key = keyText(long)
      assert.isTrue(key.isWellFormed())
      assert.isAtMost(Buffer.byteLength(key), 750)
      if (long.length <= 250 && long.isWellFormed()) assert.strictEqual(key, long)
    }
  })

  it("stays different where long texts differ", () => {
    const long = "x".repeat(5000)
    assert.notStrictEqual(keyText(`${long}a`), keyText(`${long}b`))
    const scope = (file: string): Scope => ({
      _tag: "Workflow",
      repository: repository("acme/app"),
      workflow: workflow(file)
    })
    assert.strictEqual(scopeKey(scope("CI.yml")), scopeKey(scope("ci.yml")))
    assert.isAtMost(Buffer.byteLength(scopeKey(scope(`${"é".repeat(1000)}.yml`))), 1024)
  })
})
