/** Health: from what on each reason stands, and what is answered without any. */
import { assert, describe, it } from "@effect/vitest"
import type { QueueSample } from "../../src/domain/Answers.ts"
import { isoTime } from "../../src/domain/Bucket.ts"
import { type Evidence, judge, judgedUntil, unattendedHealth } from "../../src/domain/Judgement.ts"
import { RepositoryName, WorkflowFile } from "../../src/domain/Names.ts"
import type { OpenWork } from "../../src/domain/OpenWork.ts"
import { DeliveryId } from "../../src/domain/SourceRun.ts"

const now = Date.parse("2026-11-23T10:20:30.000Z")
const minute = 60_000
const ago = (minutes: number) => isoTime(now - minutes * minute)
const since = (minutes: number) => ago(minutes).slice(0, 16)

const sample = (name: QueueSample["name"], holds: Partial<QueueSample> = {}): QueueSample => ({
  ...{ name, waiting: 0, inFlight: 0, dead: 0, oldest: null },
  ...holds
})
const queues = [sample("plan"), sample("order"), sample("report"), sample("fact")]
/** All queues, of which one holds something. */
const withQueue = (one: QueueSample) => queues.map((other) => (other.name === one.name ? one : other))
const nothingOpen: OpenWork = { unplanned: 0, unsettled: 0, since: { unplanned: {}, unsettled: {} }, oldest: [] }
const well: Evidence = {
  now,
  lastFactAt: ago(1),
  lastHour: { counts: {} },
  open: nothingOpen,
  queues,
  obstacles: []
}
const judged = (evidence: Partial<Evidence>) => {
  const { status, reasons } = judge({ ...well, ...evidence })
  return [status, ...reasons.map(({ code }) => code)]
}
const openSince = (kind: "unplanned" | "unsettled", minutes: number): OpenWork => ({
  ...nothingOpen,
  [kind]: 1,
  since: { ...nothingOpen.since, [kind]: { [since(minutes)]: 1 } }
})
const tried = (dispatched: number, tries: number) => ({
  counts: { dispatched, tried: tries },
  successRate: dispatched / tries
})

const cases: ReadonlyArray<readonly [what: string, Partial<Evidence>, ReadonlyArray<string>]> = [
  ["nothing is wrong", {}, ["green"]],
  ["95 % succeed", { lastHour: tried(95, 100) }, ["green"]],
  ["less than 95 % succeed", { lastHour: tried(94, 100) }, ["amber", "failing"]],
  ["half succeed", { lastHour: tried(50, 100) }, ["amber", "failing"]],
  ["less than half succeed", { lastHour: tried(49, 100) }, ["red", "failing"]],
  ["none of 3 succeeds", { lastHour: tried(0, 3) }, ["amber", "failing"]],
  ["none of 4 succeeds", { lastHour: tried(0, 4) }, ["red", "failing"]],
  ["an outcome is not known", { lastHour: { counts: { unknown: 1 } } }, ["amber", "uncertain"]],
  ["a delivery waits for 4 minutes", { open: openSince("unplanned", 4) }, ["green"]],
  ["a delivery waits for 5 minutes", { open: openSince("unplanned", 5) }, ["amber", "unplanned"]],
  ["a delivery waits for 15 minutes", { open: openSince("unplanned", 15) }, ["red", "unplanned"]],
  ["a target waits for 9 minutes", { open: openSince("unsettled", 9) }, ["green"]],
  ["a target waits for 10 minutes", { open: openSince("unsettled", 10) }, ["amber", "unsettled"]],
  ["a target waits for 30 minutes", { open: openSince("unsettled", 30) }, ["red", "unsettled"]],
  ["99 wait", { open: { ...nothingOpen, unplanned: 50, unsettled: 49 } }, ["green"]],
  ["100 wait", { open: { ...nothingOpen, unplanned: 50, unsettled: 50 } }, ["amber", "backlog"]],
  ["1,000 wait", { open: { ...nothingOpen, unsettled: 1000 } }, ["red", "backlog"]],
  ["a message waits for 599 s", { queues: withQueue(sample("plan", { waiting: 1, oldest: 599 })) }, ["green"]],
  [
    "a message waits for 600 s",
    { queues: withQueue(sample("fact", { waiting: 1, oldest: 600 })) },
    ["amber", "queued"]
  ],
  [
    "a message waits for 1,800 s",
    { queues: withQueue(sample("plan", { waiting: 1, oldest: 1800 })) },
    ["red", "queued"]
  ],
  ["a queue has no age to give", { queues: withQueue(sample("plan", { waiting: 50 })) }, ["green"]],
  ["a message was given up", { queues: withQueue(sample("report", { dead: 1 })) }, ["amber", "dead_letters"]],
  ["a queue does not answer", { queues: queues.slice(1) }, ["amber", "unsampled"]],
  ["no queue answers", { queues: [] }, ["amber", "unsampled", "unsampled", "unsampled", "unsampled"]],
  ["an obstacle stands", { obstacles: [{ kind: "signatures", subject: "", since: ago(9) }] }, ["amber", "signatures"]],
  ["nothing happened for 1,439 minutes", { lastFactAt: ago(1439) }, ["green"]],
  ["nothing happened for a day", { lastFactAt: ago(1440) }, ["unknown", "idle"]],
  ["nothing ever happened", { lastFactAt: null }, ["unknown", "idle"]],
  [
    "nothing ever happened, and something is wrong",
    { lastFactAt: null, queues: withQueue(sample("plan", { dead: 2 })) },
    ["amber", "dead_letters"]
  ]
]

describe("health", () => {
  it.each(cases)("where %s", (_, evidence, expected) => {
    assert.deepStrictEqual(judged(evidence), expected)
  })

  it("is as bad as the worst of its reasons, and gives them all", () => {
    const reasons = cases.filter(([, , [status]]) => status === "amber" || status === "red")
    for (const [one, first, [a, codeA]] of reasons) {
      for (const [other, second, [b, codeB]] of reasons) {
        if (Object.keys(first).some((key) => key in second)) continue
        const [status, ...codes] = judged({ ...first, ...second })
        assert.strictEqual(status, a === "red" || b === "red" ? "red" : "amber", `${one}; ${other}`)
        assert.includeMembers(
          codes,
          [codeA, codeB].flatMap((code) => code ?? [])
        )
      }
    }
  })

  it("names the queue, how much it holds and for how long", () => {
    const held = [sample("plan", { waiting: 7, oldest: 1799, dead: 3 }), ...queues.slice(1, 3)]
    assert.deepStrictEqual(
      judge({ ...well, queues: held }).reasons.map(({ message }) => message),
      [
        "The plan queue holds 7 messages; the oldest has waited for 29 minutes.",
        "The plan queue has given up 3 messages.",
        "The fact queue does not answer."
      ]
    )
    assert.deepStrictEqual(judge({ ...well, queues: held }).queues, held)
  })

  it("counts one as one, and long times in hours and days", () => {
    const said = (seconds: number) => {
      const held = [sample("plan", { waiting: 1, oldest: seconds, dead: 1 }), ...queues.slice(1)]
      return judge({ ...well, queues: held }).reasons.map(({ message }) => message)
    }
    assert.deepStrictEqual(said(119 * 60), [
      "The plan queue holds 1 message; the oldest has waited for 119 minutes.",
      "The plan queue has given up 1 message."
    ])
    assert.include(said(47.9 * 3600)[0], "for 47 hours.")
    assert.include(said(48 * 3600)[0], "for 2 days.")
    assert.include(said(10_078 * 60)[0], "for 6 days.")
  })

  it("lists 20 of what is stalled, and counts the others", () => {
    const work = (kind: "unplanned" | "unsettled", minutes: number, index: number) => ({
      ...{ kind, deliveryId: DeliveryId.make(`d${index}`), count: 1, since: ago(minutes), target: null },
      ...{ source: RepositoryName.make("acme/app"), workflow: WorkflowFile.make("ci.yml") }
    })
    // Targets wait for 6 minutes before they are stalled, and deliveries are at 6.
    const works = Array.from({ length: 50 }, (_, index) => work(index % 2 === 0 ? "unplanned" : "unsettled", 6, index))
    const open: OpenWork = {
      ...{ unplanned: 40, unsettled: 25, oldest: works },
      since: { unplanned: { [since(6)]: 25, [since(7)]: 12, [since(4)]: 3 }, unsettled: { [since(6)]: 25 } }
    }
    const { stalled, moreStalled, backlog } = judge({ ...well, open })
    assert.strictEqual(stalled.length, 20)
    assert.isTrue(stalled.every(({ kind }) => kind === "unplanned"))
    assert.strictEqual(moreStalled, 37 - 20)
    assert.deepStrictEqual(backlog, { unplanned: 40, unsettled: 25 })
  })

  it("holds for five minutes, and is not known where no rollup judges", () => {
    assert.strictEqual(judgedUntil(now), now + 5 * minute)
    assert.deepStrictEqual([unattendedHealth.status, unattendedHealth.asOf], ["unknown", null])
  })
})
