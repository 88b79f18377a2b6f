/** What the facts of a run come to: examples, and the laws of the counters. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { Decision } from "../../src/domain/Decision.ts"
import {
  type Fact,
  outcomeFact,
  planFacts,
  replayRequested,
  reportPublished,
  requestAccepted,
  resultFact
} from "../../src/domain/Fact.ts"
import { chainOf, type Order, orderId } from "../../src/domain/Order.ts"
import { foldRun, runOf } from "../../src/domain/RunFold.ts"
import { type Acceptance, DeliveryId, GitHubId } from "../../src/domain/SourceRun.ts"
import { sumTallies, wholeCounts } from "../../src/domain/Tally.ts"
import { Chance } from "../fixtures/Chance.ts"
import { journey } from "../fixtures/Facts.ts"
import { repository, sourceRun, target } from "../fixtures/Runs.ts"

const at = Date.parse("2026-11-23T12:20:00.000Z")
const iso = (seconds: number) => new Date(at + seconds * 1000).toISOString()
const publisher = { appVersion: "2.0.0" }
const acceptance: Acceptance = {
  deliveryId: DeliveryId.make("delivery-1"),
  acceptedAt: iso(0),
  run: sourceRun({ repository: "acme/app" }),
  generation: 0
}
const rule = { repository: repository("acme/app"), file: "dispatching.yml", path: "outbound[0]", line: 1 }
const wanted = target({ repository: "acme/target", workflow: "cd.yml" })
const common = { target: wanted, outbound: rule, checks: [] }
const denied: Decision = { ...common, _tag: "Denied", denial: { code: "inbound_branch", message: "no" } }
const allowed: Decision = { ...common, _tag: "Allowed", inbound: rule, orderId: orderId(acceptance.run, wanted) }
const planOf = (decisions: ReadonlyArray<Decision>, generation: number, seconds: number) =>
  planFacts(
    { ...acceptance, generation, config: { _tag: "Found" }, decisions, pending: [], plannedAt: iso(seconds) },
    publisher
  )
const dispatched = (generation: number, seconds: number) =>
  outcomeFact(order(generation), { outcome: { _tag: "Dispatched", started: null }, at: at + seconds * 1000 }, publisher)
const order = (generation: number): Order => ({
  ...acceptance,
  generation,
  id: orderId(acceptance.run, wanted),
  target: wanted,
  inputs: {},
  chain: chainOf(acceptance.run)
})
const accepted = requestAccepted(acceptance, publisher)
const fold = (facts: ReadonlyArray<Fact>) => foldRun(facts as [Fact, ...Array<Fact>])
/** What a run adds, and its row. */
const acceptedRun = (facts: ReadonlyArray<Fact>) => {
  const { contribution, shown } = fold(facts)
  return contribution && shown ? { contribution, row: shown.row } : assert.fail("the run was accepted")
}
const sparse = (facts: ReadonlyArray<Fact>) =>
  Object.fromEntries(Object.entries(fold(facts).shown?.row.counts ?? {}).filter(([, count]) => count > 0))

const started = { id: GitHubId.make("7"), url: "https://github.com/acme/deploy/actions/runs/7" }
const begun = outcomeFact(order(0), { outcome: { _tag: "Dispatched", started }, at: at + 9000 }, publisher)
const ended = (conclusion: string, attempt: number) => {
  const result = { _tag: "Completed", conclusion, attempt, completedAt: iso(60 * attempt), duration: 1000 } as const
  return resultFact(order(0), started, { result, at: at + 60_000 * attempt }, publisher)
}
const lost = resultFact(order(0), started, { result: { _tag: "Lost", message: "deleted" }, at: at + 10_000 }, publisher)

describe("the result of what a target started", () => {
  const before = [accepted, ...planOf([allowed], 0, 5), begun]
  const common = { accepted: 1, planned: 1, targets: 1, queued: 1, tried: 1, dispatched: 1 }
  for (const [what, results, counted] of [
    ["is running until it is known", [], { running: 1 }],
    ["is a success", [ended("success", 1)], { completed: 1, succeeded: 1 }],
    ["is none", [ended("timed_out", 1)], { completed: 1, unsuccessful: 1 }],
    ["is that of the latest attempt", [ended("success", 2), ended("failure", 1)], { completed: 1, succeeded: 1 }],
    ["is lost", [lost], { lost: 1 }],
    ["is found after all", [ended("neutral", 1), lost], { completed: 1, succeeded: 1 }]
  ] as const) {
    it(`${what}, and dispatching stays as successful as it was`, () => {
      assert.deepStrictEqual(sparse([...before, ...results]), { ...common, ...counted })
    })
  }

  it("says nothing before the outcome is there", () => {
    assert.deepStrictEqual(sparse([accepted, ended("success", 1)]), { accepted: 1, unplanned: 1 })
    const planned = [accepted, ...planOf([allowed], 0, 5), ended("success", 1)]
    assert.deepStrictEqual(sparse(planned), { accepted: 1, planned: 1, targets: 1, queued: 1, open: 1 })
  })

  it("took its time from the acceptance to the end of the run", () => {
    const [target] = acceptedRun([...before, ended("success", 2)]).contribution.targets
    assert.strictEqual(target?.tally.completion?.max, 120_000)
  })
})

describe("RunFold", () => {
  it("waits for a plan, then for its targets, then is done", () => {
    const waiting = acceptedRun([accepted])
    assert.strictEqual(waiting.row.status, "waiting")
    assert.deepStrictEqual(sparse([accepted]), { accepted: 1, unplanned: 1 })
    assert.strictEqual(waiting.contribution.waiting?.unplannedSince, iso(0))

    const planned = [accepted, ...planOf([allowed], 0, 5)]
    assert.deepStrictEqual(sparse(planned), { accepted: 1, planned: 1, targets: 1, queued: 1, open: 1 })
    const open = acceptedRun(planned)
    assert.strictEqual(open.row.status, "open")
    assert.deepStrictEqual(open.contribution.waiting, {
      unplannedSince: null,
      unsettled: 1,
      unsettledSince: iso(5),
      unsettledTarget: "acme/target cd.yml@main"
    })

    const ended = [...planned, dispatched(0, 9)]
    assert.deepStrictEqual(sparse(ended), { accepted: 1, planned: 1, targets: 1, queued: 1, dispatched: 1, tried: 1 })
    const done = acceptedRun(ended)
    assert.strictEqual(done.row.status, "done")
    assert.isUndefined(done.contribution.waiting)
    assert.strictEqual(done.contribution.targets[0]?.tally.elapsed?.max, 9000)
    assert.strictEqual(done.contribution.lastFactAt, iso(9))
  })

  it("counts a target once, by what the latest replay says of it, and its time not at all", () => {
    const again = [
      accepted,
      ...planOf([denied], 0, 5),
      replayRequested({ ...acceptance, generation: 1 }, { by: "me", at: iso(60) }, publisher)
    ]
    assert.deepStrictEqual(sparse(again), { accepted: 1, unplanned: 1, targets: 1, denied: 1, replayed: 1 })
    const replayed = [...again, ...planOf([allowed], 1, 65), dispatched(1, 70)]
    const { row, contribution } = acceptedRun(replayed)
    const expected = { accepted: 1, planned: 1, targets: 1, queued: 1, dispatched: 1, tried: 1, replayed: 1 }
    assert.deepStrictEqual(sparse(replayed), expected)
    assert.strictEqual(row.status, "done")
    assert.isUndefined(contribution.targets[0]?.tally.elapsed)
  })

  it("takes what a replay denies for the latest, although the target had an outcome before", () => {
    const outcome = { _tag: "Failed", code: "not_found", message: "no" } as const
    const failed = outcomeFact(order(0), { outcome, at: at + 9000 }, publisher)
    const facts = [accepted, ...planOf([allowed], 0, 5), failed, ...planOf([denied], 1, 65)]
    assert.deepStrictEqual(sparse(facts), { accepted: 1, planned: 1, targets: 1, denied: 1 })
    const { contribution } = acceptedRun(facts)
    assert.deepStrictEqual(contribution.targets[0]?.tally.reasons, { inbound_branch: 1 })
  })

  it("shows why a run has no plan", () => {
    const issue = { line: 3, column: 1, path: "outbound", message: "expected a list" }
    const config = { _tag: "Invalid" as const, file: "dispatching.yml", issues: [issue] }
    const facts = [
      accepted,
      ...planFacts({ ...acceptance, config, decisions: [], pending: [], plannedAt: iso(5) }, publisher)
    ]
    const { row } = acceptedRun(facts)
    assert.strictEqual(row.status, "invalid")
    assert.strictEqual(row.message, "dispatching.yml:3: expected a list")
    assert.deepStrictEqual(sparse(facts), { accepted: 1, invalid: 1 })
  })

  it("is the same with the note that the run was reported", () => {
    const before = [accepted, ...planOf([allowed], 0, 5), dispatched(0, 9)]
    const after = [...before, reportPublished(acceptance, { at: at + 10_000, issue: null }, publisher)]
    assert.deepStrictEqual(fold(after), fold(before))
    const { contribution, shown } = fold(after.slice(-1))
    assert.deepStrictEqual([contribution, shown], [undefined, undefined])
  })

  it.prop(
    "does not depend on the order of facts, nor on how often each is there; and its counters add up",
    [Schema.Int],
    ([seed]) => {
      const chance = new Chance(seed)
      const facts = journey({ chance, index: chance.below(100), at })
      const some = facts.filter(() => chance.happens(0.8))
      const [first = accepted, ...others] = some
      const expected = foldRun([first, ...others])
      const shuffled = chance.shuffled([...some, ...some.filter(() => chance.happens(0.3))])
      assert.deepStrictEqual(fold(shuffled.length === 0 ? [first] : shuffled), expected)
      assert.strictEqual(expected.run, runOf(first))

      const { contribution, shown } = expected
      if (contribution === undefined || shown === undefined) return
      const { counts } = shown.row
      assert.strictEqual(counts.accepted, 1)
      const { unplanned, planned, ignored, invalid, unreachable } = counts
      assert.strictEqual(unplanned + planned + ignored + invalid + unreachable, 1)
      assert.strictEqual(counts.targets, counts.queued + counts.denied)
      const { open, dispatched, failed, withdrawn, unknown } = counts
      assert.strictEqual(counts.queued, open + dispatched + failed + withdrawn + unknown)
      assert.strictEqual(counts.tried, dispatched + failed + unknown)
      const parts = [contribution, ...expected.lost].flatMap(({ tally, targets }) => [
        tally,
        ...targets.map((one) => one.tally)
      ])
      assert.deepStrictEqual(wholeCounts(sumTallies(parts)), counts)
    },
    { arbitrary: { runs: 300 } }
  )
})
