/** What the ledger remembers of deliveries, plans and reports, and its patience with a busy table. */
import { deflateRawSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import type { Order } from "../../src/domain/Order.ts"
import type { Plan } from "../../src/domain/Plan.ts"
import { reportedRun } from "../../src/domain/Report.ts"
import { Acceptance, DeliveryId, runKey, type SourceRun } from "../../src/domain/SourceRun.ts"
import { encodeItem } from "../../src/ledger/Items.ts"
import { deliveryKey, orderKey, planKey } from "../../src/ledger/Keys.ts"
import * as Ledger from "../../src/ledger/Ledger.ts"
import type { ReportClaim, ReportEnding, RunReport } from "../../src/ledger/Reports.ts"
import { Table } from "../../src/ports/Table.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { absent } from "../fixtures/Configs.ts"
import { planFor, policy } from "../fixtures/Plans.ts"
import { acceptance, order, sourceRun, target } from "../fixtures/Runs.ts"
import { standingsOf } from "../fixtures/Standings.ts"

const test = (what: string, body: Effect.Effect<void, unknown, Ledger.Ledger | Table>) =>
  it.effect(what, () => body.pipe(Effect.provide(Ledger.layer.pipe(Layer.provideMerge(layerMemory)))))

const run = sourceRun()
const planOf = Effect.fnUntraced(function* (of: SourceRun = run) {
  const ledger = yield* Ledger.Ledger
  return Option.getOrUndefined(yield* ledger.plan(runKey(of)))
})
const largePlan = (targets: number): Plan =>
  planFor({
    source: {
      outbound: [
        {
          source: { workflow: "ci.yml" },
          targets: Array.from({ length: targets }, (_, index) => ({
            repository: `a-repository-with-quite-a-long-name-${index}`,
            workflow: "deploy-to-production.yml"
          }))
        }
      ]
    },
    targets: Object.fromEntries(
      Array.from({ length: targets }, (_, index) => [`acme/a-repository-with-quite-a-long-name-${index}`, absent])
    ),
    policy: policy({ maxTargets: 98 })
  })

const accepted = acceptance(run)

describe("a delivery", () => {
  test(
    "keeps how its run was accepted first, for 30 days",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const again = { ...accepted, acceptedAt: "1970-01-02T00:00:00.000Z", appVersion: "2.0.0" }
      assert.deepStrictEqual(yield* ledger.accept(accepted), { stored: accepted, isNew: true })
      assert.deepStrictEqual(yield* ledger.accept(again), { stored: accepted, isNew: false })
      yield* TestClock.adjust("29 days")
      const replayed = yield* ledger.accept({ ...again, generation: 3 })
      assert.deepStrictEqual(replayed, { stored: { ...accepted, generation: 3 }, isNew: false })
      yield* TestClock.adjust("1 day")
      assert.deepStrictEqual(yield* ledger.accept(again), { stored: again, isNew: true })
    })
  )

  test(
    "can be replayed for 90 days where its run was planned, as it was accepted",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const { deliveryId } = accepted
      yield* ledger.accept(accepted)
      yield* ledger.savePlan(planFor({ source: "" }), [], undefined)
      for (const generation of [1, 2]) {
        assert.deepStrictEqual(yield* ledger.countReplay(deliveryId), Option.some({ ...accepted, generation }))
        yield* TestClock.adjust("44 days")
      }
      const replayed = { ...accepted, generation: 3 }
      assert.deepStrictEqual(yield* ledger.countReplay(deliveryId), Option.some(replayed))
      assert.deepStrictEqual(yield* ledger.accept(replayed), { stored: replayed, isNew: true })
      yield* TestClock.adjust("2 days")
      const other = { ...accepted, deliveryId: DeliveryId.make("unplanned"), run: { ...run, attempt: 7 } }
      yield* ledger.accept(other)
      yield* TestClock.adjust("30 days")
      assert.deepStrictEqual(yield* ledger.countReplay(other.deliveryId), Option.none())
    })
  )

  test(
    "of a run that another delivery was about leads to the same acceptance, also where it is replayed",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const other = { ...accepted, deliveryId: DeliveryId.make("other"), acceptedAt: "1970-01-02T00:00:00.000Z" }
      yield* ledger.accept(accepted)
      assert.deepStrictEqual(yield* ledger.accept(other), { stored: accepted, isNew: false })
      const replayed = yield* ledger.countReplay(other.deliveryId)
      assert.deepStrictEqual(Option.getOrUndefined(replayed), { ...accepted, generation: 1 })
      assert.deepStrictEqual(yield* ledger.countReplay(DeliveryId.make("unknown")), Option.none())
    })
  )

  test(
    "that an earlier version stored with all that was accepted is replayed as its run was accepted",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const table = yield* Table
      yield* ledger.accept(accepted)
      const attributes = encodeItem(Acceptance, accepted)
      yield* table.write({ _tag: "Put", key: deliveryKey(accepted.deliveryId), attributes })
      const replayed = yield* ledger.countReplay(accepted.deliveryId)
      assert.deepStrictEqual(Option.getOrUndefined(replayed), { ...accepted, generation: 1 })
    })
  )
})

describe("an order", () => {
  test(
    "that was stored before orders carried their chain is found with one",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const table = yield* Table
      const { chain, ...old } = order(run)
      const lineage = ["acme/first/ci.yml", ...chain.lineage]
      const attributes = JSON.parse(JSON.stringify({ order: { ...old, lineage }, state: { _tag: "Planned" } }))
      yield* table.write({ _tag: "Put", key: orderKey(runKey(run), old.id), attributes })
      const [standing] = yield* standingsOf(ledger, runKey(run))
      assert.deepStrictEqual<unknown>(standing?.order, {
        ...old,
        chain: { root: runKey(run), depth: 2, parent: null, lineage }
      })
    })
  )
})

describe("where a run stands", () => {
  test(
    "is its plan, its orders in the order of their targets, its latest report, and no other run's",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const key = runKey(run)
      assert.deepStrictEqual(yield* ledger.runState(key), { plan: undefined, standings: [], report: undefined })
      yield* ledger.accept(acceptance(run))
      const plan = planFor({ source: "" })
      const [one, two] = [order(), order(run, target({ workflow: "other.yml" }))]
      yield* ledger.savePlan(plan, [two, one], undefined)
      yield* ledger.rememberReplay(
        { ...acceptance(run), generation: 1 },
        { at: "2026-11-29T19:13:39.000Z", by: "octocat" }
      )
      for (const generation of [0, 1]) yield* ledger.markReported({ ...acceptance(run), generation }, false)
      const other = { ...run, attempt: run.attempt + 1 }
      yield* ledger.savePlan({ ...plan, run: other }, [order(other)], undefined)
      assert.deepStrictEqual(yield* ledger.runState(key), {
        plan,
        standings: [one, two].map((order) => ({ order, outcome: undefined, result: undefined })),
        report: { at: 0, issue: null, generation: 1, isLogged: false }
      })
    })
  )
})

describe("a plan", () => {
  test(
    "is stored once; only who knows its version completes it, all or nothing",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const plan = planFor({ source: "" })
      const made = order()
      assert.isTrue(yield* ledger.savePlan(plan, [], undefined))
      assert.isFalse(yield* ledger.savePlan(plan, [made], undefined))
      assert.isFalse(yield* ledger.savePlan(plan, [made], 2))
      assert.deepStrictEqual(yield* standingsOf(ledger, runKey(run)), [])
      assert.isTrue(yield* ledger.savePlan(plan, [made], 1))
      assert.deepStrictEqual(yield* standingsOf(ledger, runKey(run)), [
        { order: made, outcome: undefined, result: undefined }
      ])
      assert.deepStrictEqual(yield* planOf(), { value: plan, version: 2 })
    })
  )

  test(
    "is over with its last order, where every target is decided about",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const key = runKey(run)
      const [made, other] = [order(run), order(run, target({ workflow: "other.yml" }))]
      const [waiting] = largePlan(1).decisions
      const { outbound, checks } = waiting ?? assert.fail("a decision")
      const pending = [{ target: other.target, outbound, checks, inputs: {} }]
      const incomplete = { ...planFor({ source: "" }), pending }
      const settle = Effect.fnUntraced(function* ({ id }: Order) {
        const answer = yield* ledger.claim(key, id, 0, { lease: Duration.zero, leaseMargin: Duration.zero })
        assert(answer._tag === "Claimed")
        yield* ledger.settle(answer.claim, { _tag: "Failed", code: "not_found", message: "Not Found" }, 0)
      })
      assert.isFalse(yield* ledger.isOver(key))
      yield* ledger.savePlan(incomplete, [made], undefined)
      yield* settle(made)
      assert.isFalse(yield* ledger.isOver(key))
      yield* ledger.savePlan({ ...incomplete, pending: [] }, [other], 1)
      assert.isFalse(yield* ledger.isOver(key))
      yield* settle(other)
      assert.isTrue(yield* ledger.isOver(key))
      const held = yield* ledger.heldOrders(key)
      yield* ledger.savePlan({ ...incomplete, pending: [], generation: 1 }, [made], 2, held)
      assert.isFalse(yield* ledger.isOver(key))
    })
  )

  test(
    "that is ordinary is a write unit on DynamoDB, also with the longer names of a company and a few targets",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const table = yield* Table
      const names = Array.from({ length: 4 }, (_, index) => `payments-deployment-${index}`)
      const [repository, workflow] = ["octo-enterprise/payments-service", "build-and-test.yml"]
      const runOf = { repository, workflow, repositoryId: 734_562_819, runId: 30_433_642_123, runNumber: 4821 }
      const inputs = { version: "{{ source.sha }}", environment: "staging" }
      const targets = names.map((name) => ({ repository: name, workflow: "cd.yml", inputs }))
      const accepting = [{ workflow: "cd.yml", accept_inputs: Object.keys(inputs) }]
      const inbound = [{ source: { repository, workflow }, targets: accepting }]
      const plan = planFor({
        run: { ...runOf, updatedAt: "1970-01-01T00:00:00Z" },
        source: { outbound: [{ source: { workflow }, targets }] },
        targets: Object.fromEntries(names.map((name) => [`octo-enterprise/${name}`, { inbound }]))
      })
      assert.deepStrictEqual(new Set(plan.decisions.map(({ _tag }) => _tag)), new Set(["Allowed"]))
      yield* ledger.savePlan(plan, [], undefined)
      const { attributes } = Option.getOrThrow(yield* table.get(planKey(runKey(plan.run))))
      assert.isBelow(Buffer.from(String(attributes.plan), "base64").byteLength, 850)
    })
  )

  test(
    "that an earlier version packed is read",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const table = yield* Table
      const plan = largePlan(2)
      const pack = (value: unknown) => deflateRawSync(JSON.stringify(value)).toString("base64")
      const attributes = { ...plan, decisions: pack(plan.decisions), pending: pack(plan.pending) }
      const key = planKey(runKey(plan.run))
      yield* table.write({ _tag: "Put", key, attributes: JSON.parse(JSON.stringify(attributes)) })
      assert.deepStrictEqual((yield* planOf(plan.run))?.value, plan)
      assert.isTrue(yield* ledger.isOver(runKey(plan.run)))
      const pending = pack([{ any: "target" }])
      yield* table.write({ _tag: "Update", key, set: { pending } })
      assert.isFalse(yield* ledger.isOver(runKey(plan.run)))
    })
  )

  test(
    "explains itself as it was made, however large it is",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const plan = largePlan(500)
      assert.isTrue(yield* ledger.savePlan(plan, [], undefined))
      assert.deepStrictEqual((yield* planOf())?.value, plan)
    })
  )

  test(
    "takes a few kilobytes in the table",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const table = yield* Table
      yield* ledger.savePlan(largePlan(25), [], undefined)
      const { items } = yield* table.query({ table: "ledger", partition: `run/${runKey(run)}`, limit: 10 })
      assert.isBelow(JSON.stringify(items).length, 6000)
    })
  )
})

describe("the issue of a workflow", () => {
  const lease = Duration.seconds(60)
  const reportOf = (of: SourceRun): RunReport => ({
    of: acceptance(of),
    summary: reportedRun(planFor({ run: of, source: "" }), new Map())
  })
  const ends = (claim: ReportClaim, change: Partial<ReportEnding> = {}): ReportEnding => ({
    finished: claim.reports,
    where: null,
    inDoubt: false,
    quiet: Duration.zero,
    ...change
  })
  const claimed = Effect.fnUntraced(function* (of: SourceRun) {
    const ledger = yield* Ledger.Ledger
    const answer = yield* ledger.claimReport(reportOf(of), lease)
    assert(answer._tag === "Claimed", `another holds it until ${"until" in answer ? answer.until : "now"}`)
    return answer.claim
  })
  const stored = Effect.fnUntraced(function* (of: SourceRun) {
    const ledger = yield* Ledger.Ledger
    const plan = planFor({ run: of, source: "" })
    yield* ledger.savePlan(plan, [], undefined)
    return reportedRun(plan, new Map())
  })
  const issue = { number: 1, url: "https://github.com/acme/app/issues/1" }
  const [one, two] = [sourceRun({ runId: 1 }), sourceRun({ runId: 2 })]
  const unfinished = ({ unfinished }: ReportClaim) => unfinished

  test(
    "is one writer's at a time; what it shows is remembered with its run being written",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const shown = yield* stored(one)
      const claim = yield* claimed(one)
      assert.deepInclude(claim, { issue: null, runs: [], unfinished: [], until: 60_000 })
      assert.deepStrictEqual(yield* ledger.claimReport(reportOf(two), lease), { _tag: "Held", until: 60_000 })
      const made = { of: acceptance(one), at: 0, issue }
      const ending = ends(claim, { where: issue })
      assert.deepStrictEqual(yield* ledger.settleReport(claim, { issue, runs: [shown] }, ending), [made])
      assert.deepInclude(yield* claimed(two), { issue, runs: [shown], unfinished: [] })
      assert.deepStrictEqual(yield* ledger.latestReport(runKey(one)), { at: 0, issue, generation: 0, isLogged: false })
    })
  )

  test(
    "remembers who began to write and did not end well, until that run is written",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      yield* stored(one)
      yield* stored(two)
      yield* claimed(one)
      yield* TestClock.adjust("1 minute")
      const second = yield* claimed(two)
      assert.deepStrictEqual(unfinished(second), [runKey(one)])
      yield* ledger.releaseReport(second, Duration.zero)
      const third = yield* claimed(two)
      assert.deepStrictEqual(unfinished(third), [runKey(one), runKey(two)])
      yield* ledger.settleReport(third, third, ends(third))
      const fourth = yield* claimed(one)
      assert.deepStrictEqual(unfinished(fourth), [runKey(one)])
      yield* ledger.settleReport(fourth, fourth, ends(fourth, { inDoubt: true }))
      assert.deepStrictEqual(unfinished(yield* claimed(two)), [runKey(one)])
    })
  )

  test(
    "takes along the reports that came while it was held or left alone, but none that was written meanwhile",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const three = sourceRun({ runId: 3 })
      for (const run of [one, two, three]) yield* stored(run)
      const first = yield* claimed(one)
      yield* ledger.claimReport(reportOf(three), lease)
      yield* ledger.settleReport(first, { issue, runs: [] }, ends(first, { quiet: Duration.seconds(5) }))
      assert.deepStrictEqual(yield* ledger.claimReport(reportOf(two), lease), { _tag: "Quiet", until: 5000 })
      yield* ledger.markReported(acceptance(three), true)
      yield* TestClock.adjust("5 seconds")
      const second = yield* claimed(two)
      assert.deepStrictEqual(second.reports, [{ ...reportOf(two), isFirst: true }])
      assert.deepStrictEqual(second.stale, [runKey(three)])
      yield* ledger.settleReport(second, second, ends(second))
      assert.deepStrictEqual((yield* claimed(sourceRun({ runId: 4 }))).stale, [])
    })
  )

  const withResults = (of: SourceRun, revision: number): RunReport => {
    const { summary, ...report } = reportOf(of)
    return { ...report, summary: { ...summary, results: { revision, awaited: 1 } } }
  }

  test(
    "takes a run again while it shows it with fewer results, and no run that it does not show",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      yield* stored(one)
      yield* stored(two)
      const claimOf = Effect.fnUntraced(function* (report: RunReport) {
        const answer = yield* ledger.claimReport(report, lease)
        return answer._tag === "Claimed" ? answer.claim : assert.fail("another holds it")
      })
      const first = yield* claimOf(withResults(one, 2))
      const shown = { issue, runs: [withResults(one, 2).summary], notified: { problems: ["a"], count: 7 } }
      yield* ledger.settleReport(first, shown, ends(first, { where: issue }))
      assert.deepStrictEqual((yield* ledger.shownReport(one))?.shown, withResults(one, 2).summary)
      assert.isUndefined(yield* ledger.shownReport(two))
      for (const revision of [1, 2]) {
        const claim = yield* claimOf(withResults(one, revision))
        assert.deepStrictEqual([claim.reports, claim.stale], [[], [runKey(one)]])
        yield* ledger.settleReport(claim, claim, ends(claim))
      }
      yield* TestClock.adjust("5 seconds")
      const again = yield* claimOf(withResults(one, 3))
      assert.deepStrictEqual(again.reports, [{ ...withResults(one, 3), isFirst: false }])
      assert.deepStrictEqual(again.notified, shown.notified)
      const ending = ends(again, { where: { ...issue, number: 2 } })
      assert.deepStrictEqual(
        yield* ledger.settleReport(again, { issue, runs: [] }, ending),
        [],
        "no other first report"
      )
      assert.deepInclude(yield* ledger.latestReport(runKey(one)), { at: 0, issue })
      const gone = yield* claimOf(withResults(one, 4))
      assert.deepStrictEqual([gone.reports, gone.stale], [[], [runKey(one)]])
    })
  )

  test(
    "remembers that the log has a report with all results, and nothing else changes with that",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      yield* stored(one)
      assert.isUndefined(yield* ledger.shownReport(one))
      yield* ledger.markReported(acceptance(one), false)
      yield* TestClock.adjust("5 seconds")
      assert.deepInclude(yield* ledger.latestReport(runKey(one)), { at: 0, isLogged: false })
      yield* ledger.markLogged(acceptance(one))
      assert.deepInclude(yield* ledger.latestReport(runKey(one)), { at: 0, issue: null, isLogged: true })
    })
  )

  test(
    "is not written by who lost the lease",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      yield* stored(one)
      const old = yield* claimed(one)
      yield* TestClock.adjust("1 minute")
      yield* claimed(two)
      assert.isUndefined(yield* ledger.settleReport(old, { issue, runs: [] }, ends(old)))
      assert.isUndefined(yield* ledger.latestReport(runKey(one)))
    })
  )

  test(
    "keeps the first report of a run, also where it went to the log while the issue was written",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      yield* stored(one)
      yield* stored(two)
      yield* claimed(two)
      yield* ledger.claimReport(reportOf(one), lease)
      yield* TestClock.adjust("1 minute")
      const claim = yield* claimed(two)
      assert.lengthOf(claim.reports, 2)
      const logged = yield* ledger.markReported(acceptance(one), false)
      assert.deepStrictEqual(logged, { of: acceptance(one), at: 60_000, issue: null })
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* ledger.markReported(acceptance(one), false), logged)
      const made = yield* ledger.settleReport(claim, { issue, runs: [] }, ends(claim, { where: issue }))
      assert.deepStrictEqual(made, [{ of: acceptance(two), at: 61_000, issue }])
      assert.deepStrictEqual(yield* ledger.latestReport(runKey(one)), {
        at: 60_000,
        issue: null,
        generation: 0,
        isLogged: false
      })
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual((yield* claimed(sourceRun({ runId: 4 }))).reports.length, 1)
    })
  )
})
