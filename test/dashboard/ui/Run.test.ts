/** A journey as it is shown: every fact in the order in which it came, under the target that it is about. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { decoders } from "../../../src/dashboard/ui/api/Decoders.ts"
import type { JourneyView } from "../../../src/dashboard/ui/api/Sent.ts"
import { factWords, journeyRunOf, journeyTargetOf, supposedOf } from "../../../src/dashboard/ui/views/journey/Run.ts"
import { Journey } from "../../../src/domain/Answers.ts"
import { entryOf } from "../../../src/domain/FactTable.ts"
import { foldsOf } from "../browser/StubFolds.ts"
import { makeWorld } from "../browser/StubWorld.ts"
import { understood } from "./Understood.ts"

const encode = Schema.encodeSync(Journey)
const folds = foldsOf(makeWorld(Date.parse("2026-11-23T09:00:00Z"), 300))
const shown = (journeyOf: typeof Journey.Type): JourneyView =>
  understood(decoders.journey, JSON.parse(JSON.stringify(encode(journeyOf))))
const journeys = folds.map(({ row, facts, chain }) => shown({ row, facts, more: false, chain }))

describe("the run of a journey", () => {
  it("is what the acceptance says", () => {
    for (const [index, one] of journeys.entries()) {
      const run = journeyRunOf(one)
      const accepted = folds[index]?.facts.find(({ type }) => type === "dispatch.request.accepted")
      assert.strictEqual(run?.acceptedAt, accepted?.data.acceptedAt)
      assert.strictEqual(run?.deliveryId, one.row?.deliveryId)
      assert.isTrue(run?.arrived)
    }
  })

  it("is known before it arrives, from its redelivery", () => {
    const lost = journeys.flatMap(({ facts }) => facts.filter(({ type }) => type === "dispatch.delivery.redelivered"))
    const [first] = lost
    assert(first !== undefined)
    const run = journeyRunOf({ row: null, facts: [first], more: false, chain: null })
    assert.isFalse(run?.arrived)
    assert.strictEqual(run?.acceptedAt, first.data.acceptedAt)
    assert.isUndefined(journeyRunOf({ row: null, facts: [], more: false, chain: null }))
  })

  it("has each target once below the other: facts are sorted by the service", () => {
    for (const { facts } of journeys) {
      const headings = facts.map(journeyTargetOf).filter((target, index, all) => target !== all[index - 1])
      assert.strictEqual(new Set(headings).size, headings.length)
    }
  })

  it("can be asked about again, a fork's as a fork's, also where the rule was skipped", () => {
    const [first] = journeys
    const run = first && journeyRunOf(first)
    assert(first !== undefined && run !== undefined)
    const asked = supposedOf(run, first.facts)
    assert.deepStrictEqual([asked.repository, asked.workflow, asked.fork], [run.repository, run.workflow, false])
    const check = { name: "source_fork", passed: false, expected: "own code", actual: "a fork's" }
    const plan = journeys.flatMap(({ facts }) => facts).find(({ type }) => type === "dispatch.plan.created")
    const rule = { repository: "acme/shop", file: "dispatching.yml", path: "outbound[0]", line: 2 }
    const skipped = [{ rule, check, message: "The run is a fork's." }]
    const ofFork = understood(decoders.journey, {
      row: null,
      facts: [{ ...plan, data: { ...plan?.data, skipped } }],
      more: false,
      chain: null
    })
    assert.isTrue(supposedOf(run, ofFork.facts).fork)
  })
})

describe("the words of a fact", () => {
  it("are those of the fact table", () => {
    const facts = folds.flatMap((fold) => fold.facts)
    for (const fact of facts) {
      const [view] = shown({ row: null, facts: [fact], more: false, chain: null }).facts
      const entry = entryOf(fact.type)
      assert(view !== undefined)
      assert.deepStrictEqual(factWords(view), {
        reason: entry.reason(fact.data as never),
        message: entry.message(fact.data as never),
        url: entry.url(fact.data as never)
      })
    }
  })
})
