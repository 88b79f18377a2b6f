/** Health in numbers, for alarms. */
import { assert, describe, it } from "@effect/vitest"
import type { StalledWork } from "../../src/domain/Answers.ts"
import { isoTime } from "../../src/domain/Bucket.ts"
import type { Evidence } from "../../src/domain/Judgement.ts"
import { RepositoryName, WorkflowFile } from "../../src/domain/Names.ts"
import { DeliveryId } from "../../src/domain/SourceRun.ts"
import { vitalsOf } from "../../src/domain/Vitals.ts"

const now = Date.parse("2026-11-23T10:20:30.500Z")
const work = (kind: StalledWork["kind"], secondsAgo: number): StalledWork => ({
  ...{ kind, deliveryId: DeliveryId.make("d1"), source: RepositoryName.make("acme/app") },
  ...{ workflow: WorkflowFile.make("ci.yml"), target: null, count: 1, since: isoTime(now - secondsAgo * 1000) }
})
const evidence = (oldest: ReadonlyArray<StalledWork>): Evidence => ({
  now,
  lastFactAt: null,
  lastHour: { counts: { unknown: 3 } },
  open: { unplanned: 0, unsettled: 0, since: { unplanned: {}, unsettled: {} }, oldest },
  queues: [
    { name: "plan", waiting: 1, inFlight: 0, dead: 2, oldest: null },
    { name: "order", waiting: 0, inFlight: 0, dead: 5, oldest: null }
  ],
  obstacles: []
})

describe("vitals", () => {
  it("are the ages of the oldest of each kind in whole seconds, and sums", () => {
    const waiting = evidence([work("unsettled", 900), work("unplanned", 61), work("unplanned", 5)])
    assert.deepStrictEqual(vitalsOf(waiting, "amber"), {
      ...{ oldestUnplanned: 61, oldestUnsettled: 900, health: 1, unknownOutcomes: 3, deadLetters: 7 }
    })
  })

  it("are 0 where nothing waits, also for what is accepted in the future of this clock", () => {
    const { oldestUnplanned, oldestUnsettled } = vitalsOf(evidence([work("unplanned", -5)]), "green")
    assert.deepStrictEqual([oldestUnplanned, oldestUnsettled], [0, 0])
  })

  it.each([
    ["unknown", 0],
    ["green", 0],
    ["amber", 1],
    ["red", 2]
  ] as const)("health %s is %i", (status, number) => {
    assert.strictEqual(vitalsOf(evidence([]), status).health, number)
  })
})
