/** What waits: exact counts however much there is, the oldest by name, and sums in any order. */
import { assert, describe, it } from "@effect/vitest"
import { isoTime } from "../../src/domain/Bucket.ts"
import type { Contribution, Waiting } from "../../src/domain/Contribution.ts"
import { RepositoryName, WorkflowFile } from "../../src/domain/Names.ts"
import { addOpenWork, type OpenWork, openWork } from "../../src/domain/OpenWork.ts"
import { DeliveryId, RunKey } from "../../src/domain/SourceRun.ts"
import { noTally } from "../../src/domain/Tally.ts"
import { Chance } from "../fixtures/Chance.ts"

const start = Date.parse("2026-11-23T10:20:00.000Z")
const at = (seconds: number) => isoTime(start + seconds * 1000)
const target = "acme/deploy cd.yml@main"

const nothing: Waiting = { unplannedSince: null, unsettled: 0, unsettledSince: null, unsettledTarget: null }
const contribution = (index: number, waiting?: Partial<Waiting>): Contribution => ({
  ...{ run: RunKey.make(`1/${1 + index}/1`), deliveryId: DeliveryId.make(`d${1000 + index}`), acceptedAt: at(0) },
  ...{ source: RepositoryName.make("acme/app"), workflow: WorkflowFile.make("ci.yml"), version: "1.0.0" },
  ...{ tally: noTally, targets: [], lastFactAt: at(0) },
  ...(waiting === undefined ? {} : { waiting: { ...nothing, ...waiting } })
})
const unplanned = (index: number, seconds: number) => contribution(index, { unplannedSince: at(seconds) })
const unsettled = (index: number, seconds: number, count: number) =>
  contribution(index, { unsettled: count, unsettledSince: at(seconds), unsettledTarget: target })

const opened = (...contributions: ReadonlyArray<Contribution>): OpenWork => {
  const open = openWork(contributions)
  if (open === undefined) throw new Error("something waits")
  return open
}

describe("open work of a minute", () => {
  it("is nothing where nothing waits", () => {
    assert.isUndefined(openWork([]))
    assert.isUndefined(openWork([contribution(0), contribution(1, {})]))
  })

  it("counts runs without a plan, and targets without an outcome, by the minutes since which they wait", () => {
    const open = opened(contribution(0), unplanned(1, 5), unplanned(2, 70), unsettled(3, 8, 4))
    assert.deepStrictEqual([open.unplanned, open.unsettled], [2, 4])
    assert.deepStrictEqual(open.since, {
      unplanned: { "2026-11-23T10:20": 1, "2026-11-23T10:21": 1 },
      unsettled: { "2026-11-23T10:20": 1 }
    })
    assert.deepStrictEqual(
      open.oldest.map(({ deliveryId, kind, count, target }) => [deliveryId as string, kind, count, target]),
      [
        ["d1001", "unplanned", 1, null],
        ["d1003", "unsettled", 4, target],
        ["d1002", "unplanned", 1, null]
      ]
    )
  })

  it("names the oldest 20 of each kind, and counts them all", () => {
    const many = Array.from({ length: 30 }, (_, index) => [unplanned(index, index), unsettled(100 + index, index, 2)])
    const open = opened(...many.flat())
    assert.deepStrictEqual([open.unplanned, open.unsettled], [30, 60])
    for (const kind of ["unplanned", "unsettled"] as const) {
      const named = open.oldest.filter((work) => work.kind === kind)
      assert.deepStrictEqual(
        named.map(({ since }) => since),
        Array.from({ length: 20 }, (_, index) => at(index))
      )
    }
  })
})

describe("open work of all minutes", () => {
  it("is nothing where no minute has any", () => {
    assert.deepStrictEqual(addOpenWork([]), {
      ...{ unplanned: 0, unsettled: 0, oldest: [] },
      since: { unplanned: {}, unsettled: {} }
    })
  })

  it("is the same however runs are spread over minutes, and in whatever order these come", () => {
    for (let seed = 0; seed < 50; seed++) {
      const chance = new Chance(seed)
      const all = Array.from({ length: 1 + chance.below(120) }, (_, index) =>
        chance.happens(0.5)
          ? unplanned(index, chance.below(300))
          : unsettled(index, chance.below(300), 1 + chance.below(5))
      )
      const minutes = Map.groupBy(all, () => chance.below(6))
      const parts = [...minutes.values()].map((one) => opened(...one))
      assert.deepStrictEqual(addOpenWork(chance.shuffled(parts)), addOpenWork([opened(...all)]))
      const [first, ...others] = parts
      if (first !== undefined) {
        assert.deepStrictEqual(addOpenWork([first, addOpenWork(others)]), addOpenWork(parts))
      }
    }
  })
})
