/** Facts are pure functions of what is stored: however often a stage runs, and wherever it dies, one id has one time and one content. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { DeliveryId } from "../../src/domain/SourceRun.ts"
import { PlanQueue } from "../../src/flow/Queues.ts"
import { layer as layerReplays, Replays } from "../../src/flow/Replay.ts"
import { atMost, diesAfter, diesBefore, each } from "../../src/testing/FaultScript.ts"
import { PublishedFacts } from "../../src/testing/fakes/FactBus.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { absent, invalid } from "../fixtures/Configs.ts"
import { acceptance, sourceRun } from "../fixtures/Runs.ts"
import { planMessage, scenario, set, untilQuiet, workers } from "./Harness.ts"
import { ordinaryWorld } from "./Plans.ts"

const run = sourceRun()
const offer = (deliveryId = acceptance(run).deliveryId, acceptedAt = acceptance(run).acceptedAt) =>
  PlanQueue.use((queue) => queue.offer([{ body: { ...planMessage(run).body, deliveryId, acceptedAt } }]))
const replay = Effect.flatMap(Replays, ({ replay }) => replay(acceptance(run).deliveryId, "octocat")).pipe(
  Effect.provide(layerReplays)
)

/** Asserts that all facts of one id are the same, but for what the publisher adds. */
const sameFacts = Effect.gen(function* () {
  const all = yield* PublishedFacts.use(({ all }) => all)
  for (const [id, facts] of Map.groupBy(all, (fact) => fact.id)) {
    const contents = facts.map(({ time, type, subject, data }) => ({ time, type, subject, data }))
    for (const content of contents) assert.deepStrictEqual(content, contents[0], id)
  }
  return new Set(all.map(({ type }) => type))
})

const worlds = {
  "an ordinary run": ordinaryWorld,
  "a run without a file": set("acme/app", absent),
  "a run of an invalid file": set("acme/app", invalid("unknown key outbund"))
}

describe("facts of one id", () => {
  for (const [what, world] of Object.entries(worlds)) {
    for (const acted of [false, true]) {
      scenario(
        `are the same for ${what}: deliveries with two GUIDs, a replay, and stages that die ${acted ? "after" : "before"} every fifth call`,
        Effect.gen(function* () {
          yield* world
          const faults = yield* Faults
          yield* workers
          const fifth = each(5, acted ? diesAfter : diesBefore)
          yield* faults.on(
            /./,
            atMost(40, (n, call) => (call.operation.endsWith("Queue.offer") ? undefined : fifth(n, call)))
          )
          yield* offer()
          yield* offer(DeliveryId.make("another"), "1970-01-01T00:00:09.000Z")
          yield* untilQuiet
          yield* faults.clear
          yield* TestClock.adjust("1 hour")
          yield* replay
          yield* untilQuiet
          // All of it again, an hour later.
          yield* TestClock.adjust("1 hour")
          yield* offer()
          yield* untilQuiet
          const types = yield* sameFacts
          assert.isTrue(types.has("dispatch.request.accepted") && types.has("dispatch.replay.requested"))
          if (what === "an ordinary run") {
            assert.isTrue(types.has("dispatch.trigger.succeeded") && types.has("dispatch.report.published"))
          }
        })
      )
    }
  }
})
