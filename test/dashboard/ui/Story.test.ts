/** A journey as it is told: nothing is left out, outcomes find their decisions, and replays are rounds of their own. */
import { assert, describe, it } from "@effect/vitest"
import { journey } from "../../../src/dashboard/ui/api/Facts.ts"
import { storyOf, supposedOf, targetCounts } from "../../../src/dashboard/ui/views/journey/Story.ts"
import { journeyOf } from "../browser/StubLists.ts"
import { makeWorld } from "../browser/StubWorld.ts"

const world = makeWorld(Date.parse("2026-11-23T09:00:00Z"), 300)
const deliveries = [...new Set(world.facts.map(({ data }) => data.deliveryId))]
const factsOf = (deliveryId: string) => journey({ facts: journeyOf(world, deliveryId) }, "answer").facts

describe("the story of a journey", () => {
  it("tells every fact once", () => {
    for (const deliveryId of deliveries) {
      const facts = factsOf(deliveryId)
      const story = storyOf(facts)
      assert(story !== undefined)
      const told = story.rounds.flatMap(({ facts: own, targets }) => [
        ...own.map(({ id }) => id),
        ...targets.flatMap(({ decidedAt, settledAt }) => [decidedAt, settledAt].filter((at) => at !== undefined))
      ])
      assert.lengthOf(told, facts.length)
    }
  })

  it("an outcome joins the decision of its order", () => {
    const story = deliveries
      .map((id) => storyOf(factsOf(id)))
      .find((one) => one?.rounds[0]?.targets.some(({ status }) => status === "failed"))
    const target = story?.rounds[0]?.targets.find(({ status }) => status === "failed")
    assert(target !== undefined)
    assert.isDefined(target.decidedAt)
    assert.isDefined(target.settledAt)
    assert.isDefined(target.code)
    assert.isNotEmpty(target.checks)
  })

  it("a denial keeps the check that refused", () => {
    const targets = deliveries.flatMap((id) => storyOf(factsOf(id))?.rounds.flatMap((round) => round.targets) ?? [])
    const refused = targets.filter(({ status }) => status === "denied")
    assert.isNotEmpty(refused)
    for (const { code, checks } of refused) assert.strictEqual(checks.find(({ passed }) => !passed)?.name, code)
  })

  it("a replay is a round of its own", () => {
    const replayed = world.facts.find(({ type }) => type === "dispatch.replay.requested")
    assert(replayed !== undefined)
    const story = storyOf(factsOf(replayed.data.deliveryId))
    assert.deepStrictEqual(
      story?.rounds.map(({ generation }) => generation),
      [0, 1]
    )
    assert.isTrue(story?.rounds[1]?.facts.some(({ type }) => type === "dispatch.replay.requested"))
  })

  it("a delivery that was lost begins with its redelivery, and counts from its acceptance", () => {
    const redelivered = world.facts.find(({ type }) => type === "dispatch.delivery.redelivered")
    assert(redelivered !== undefined)
    const facts = factsOf(redelivered.data.deliveryId)
    const story = storyOf(facts)
    assert.deepStrictEqual(
      story?.rounds[0]?.facts.slice(0, 2).map(({ type }) => type),
      ["dispatch.delivery.redelivered", "dispatch.request.accepted"]
    )
    assert.isTrue(story?.arrived)
    assert.isAbove(Date.parse(story?.acceptedAt ?? ""), Date.parse(redelivered.data.acceptedAt))
    const lost = storyOf(facts.slice(0, 1))
    assert.isFalse(lost?.arrived)
    assert.strictEqual(lost?.acceptedAt, redelivered.data.acceptedAt)
  })

  it("an outcome whose decision is not known is told all the same", () => {
    const outcome = world.facts.find(({ type }) => type === "dispatch.trigger.succeeded")
    const story = storyOf(journey({ facts: [outcome] }, "answer").facts)
    assert.deepStrictEqual([...targetCounts(story?.rounds[0]?.targets ?? [])], [["dispatched", 1]])
  })

  it("its run can be asked about again, a fork's as a fork's", () => {
    const stories = deliveries.flatMap((id) => storyOf(factsOf(id)) ?? [])
    for (const story of stories) {
      const { accepted } = story
      const asked = supposedOf(story)
      assert.deepStrictEqual(
        [
          asked.repository,
          asked.workflow,
          asked.branch,
          asked.conclusion ?? "success",
          asked.event ?? "push",
          asked.fork
        ],
        [story.repository, story.workflow, accepted?.branch, accepted?.conclusion, accepted?.event, false]
      )
    }
    const [denied] = world.facts.filter(({ type }) => type === "dispatch.target.denied")
    const check = { name: "source_fork", passed: false, expected: "own code", actual: "a fork's" }
    const ofFork = storyOf(
      journey({ facts: [{ ...denied, data: { ...denied?.data, checks: [check] } }] }, "answer").facts
    )
    assert.isTrue(ofFork && supposedOf(ofFork).fork)
  })

  it("there is none without facts", () => {
    assert.isUndefined(storyOf([]))
  })
})
