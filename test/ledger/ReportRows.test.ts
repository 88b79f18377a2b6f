/** The runs that an issue shows, as they are stored: each apart, as many as are shown, and as earlier versions left them. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { type ReportedRun, reportedRun, withRuns } from "../../src/domain/Report.ts"
import { runKey, type SourceRun } from "../../src/domain/SourceRun.ts"
import { issueRowKey, reportKey } from "../../src/ledger/Keys.ts"
import * as Ledger from "../../src/ledger/Ledger.ts"
import type { ReportClaim, RunReport } from "../../src/ledger/Reports.ts"
import { type Item, maxTransactionWrites, Table } from "../../src/ports/Table.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { planFor } from "../fixtures/Plans.ts"
import { acceptance, sourceRun } from "../fixtures/Runs.ts"

const test = (what: string, body: Effect.Effect<void, unknown, Ledger.Ledger | Table>) =>
  it.effect(what, () => body.pipe(Effect.provide(Ledger.layer.pipe(Layer.provideMerge(layerMemory)))))

const lease = Duration.seconds(60)
const issue = { number: 1, url: "https://github.com/acme/app/issues/1" }
const runs = Array.from({ length: 120 }, (_, index) => sourceRun({ runId: index + 1 }))
const runOf = (id: number): SourceRun => runs[id - 1] ?? assert.fail(`there is no run ${id}`)
const summaryOf = (run: SourceRun, revision = 0): ReportedRun => ({
  ...reportedRun(planFor({ run, source: "" }), new Map()),
  results: { revision, awaited: 1 }
})
const reportOf = (run: SourceRun, revision = 0): RunReport => ({
  of: acceptance(run),
  summary: summaryOf(run, revision)
})
const key = reportKey(runOf(1).repositoryId, runOf(1).workflow)

const claimed = Effect.fnUntraced(function* (report: RunReport) {
  const ledger = yield* Ledger.Ledger
  const answer = yield* ledger.claimReport(report, lease)
  return answer._tag === "Claimed" ? answer.claim : assert.fail("another holds it")
})
/** Settles a claim as Report does: the issue shows what it showed, and what was reported. */
const settled = Effect.fnUntraced(function* (claim: ReportClaim) {
  const ledger = yield* Ledger.Ledger
  const shown = withRuns(
    claim.runs,
    claim.reports.map(({ summary }) => summary)
  )
  const ending = { finished: claim.reports, where: issue, inDoubt: false, quiet: Duration.zero }
  assert.isDefined(yield* ledger.settleReport(claim, { issue, runs: shown }, ending), "the lease was lost")
  return shown
})
const reported = (run: SourceRun, revision = 0) => Effect.flatMap(claimed(reportOf(run, revision)), settled)
const stored = Effect.gen(function* () {
  const table = yield* Table
  const { partition } = key
  return (yield* table.query({ table: "ledger", partition, limit: 1000 })).items
})
const idsOf = (shown: ReadonlyArray<ReportedRun>) => shown.map(({ runId }) => Number(runId))
const rowsIn = (items: ReadonlyArray<Item>) => items.filter((item) => item.key.sort.startsWith("row/"))
/** An item as an earlier version wrote it. */
const earlierItem = (shown: ReadonlyArray<ReportedRun>, more = {}) =>
  Table.use((table) =>
    table.write({ _tag: "Put", key, attributes: { issue, runs: [...shown], leaseUntil: 0, unfinished: [], ...more } })
  )
const newestFrom = (newest: number, count: number) =>
  Array.from({ length: count }, (_, index) => summaryOf(runOf(newest - index)))

describe("a report", () => {
  test(
    "writes the run that it is about, and none of the others that the issue shows",
    Effect.gen(function* () {
      for (const id of [1, 2, 3]) yield* reported(runOf(id))
      const before = yield* stored
      assert.deepStrictEqual(idsOf(yield* reported(runOf(2), 1)), [3, 2, 1])
      const after = yield* stored
      const changed = after.filter(({ version }, index) => version !== before[index]?.version)
      assert.deepStrictEqual(
        changed.map((item) => item.key.sort),
        ["report", "row/01"]
      )
      assert.deepStrictEqual(changed[0]?.attributes.runs, [])
      const ledger = yield* Ledger.Ledger
      assert.deepStrictEqual((yield* ledger.shownReport(runOf(2)))?.shown, summaryOf(runOf(2), 1))
    })
  )

  test(
    "takes the place of the run that the issue no longer shows, whose results change nothing from then on",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      for (const { runId } of runs.slice(0, 55)) yield* reported(runOf(Number(runId)))
      const items = yield* stored
      assert.lengthOf(rowsIn(items), 50)
      assert.isUndefined(yield* ledger.shownReport(runOf(5)))
      const claim = yield* claimed(reportOf(runOf(5), 9))
      assert.deepStrictEqual([claim.reports, claim.stale], [[], [runKey(runOf(5))]])
      assert.deepStrictEqual(
        idsOf(claim.runs),
        newestFrom(55, 50).map(({ runId }) => Number(runId))
      )
      yield* settled(claim)
      assert.deepStrictEqual(rowsIn(yield* stored), rowsIn(items))
    })
  )

  test(
    "leaves no row of what there is no more room for",
    Effect.gen(function* () {
      for (const id of [1, 2, 3]) yield* reported(runOf(id))
      const ledger = yield* Ledger.Ledger
      const claim = yield* claimed(reportOf(runOf(4)))
      const ending = { finished: claim.reports, where: issue, inDoubt: false, quiet: Duration.zero }
      yield* ledger.settleReport(claim, { issue, runs: [summaryOf(runOf(4))] }, ending)
      assert.lengthOf(rowsIn(yield* stored), 1)
      assert.deepStrictEqual(idsOf((yield* claimed(reportOf(runOf(5)))).runs), [4])
    })
  )

  test(
    "removes a report that waited, and looks for none that did not",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const first = yield* claimed(reportOf(runOf(1)))
      yield* ledger.claimReport(reportOf(runOf(2)), lease)
      yield* settled(first)
      assert.deepStrictEqual(first.stored.waited, [])
      const second = yield* claimed(reportOf(runOf(3)))
      assert.deepStrictEqual(second.stored.waited, [runKey(runOf(2))])
      assert.deepStrictEqual(idsOf(yield* settled(second)), [3, 2, 1])
      assert.deepStrictEqual(
        (yield* stored).map((item) => item.key.sort),
        ["report", "row/00", "row/01", "row/02"]
      )
    })
  )
})

describe("a report whose lease was lost", () => {
  const ending = (claim: ReportClaim) => ({
    finished: claim.reports,
    where: issue,
    inDoubt: false,
    quiet: Duration.zero
  })
  const shownBy = (claim: ReportClaim) => ({
    issue,
    runs: withRuns(
      claim.runs,
      claim.reports.map(({ summary }) => summary)
    )
  })

  test(
    "replaces nothing that the next one wrote",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      yield* reported(runOf(1))
      const old = yield* claimed(reportOf(runOf(2)))
      yield* TestClock.adjust("61 seconds")
      yield* reported(runOf(3))
      const before = yield* stored
      assert.isUndefined(yield* ledger.settleReport(old, shownBy(old), ending(old)))
      assert.deepStrictEqual(yield* stored, before)
      assert.isUndefined(yield* ledger.latestReport(runKey(runOf(2))))
    })
  )

  test(
    "keeps the next one from its place, whose report comes again, and from a run that it has newer",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      yield* reported(runOf(1))
      const old = yield* claimed(reportOf(runOf(1), 2))
      yield* TestClock.adjust("61 seconds")
      const next = yield* claimed(reportOf(runOf(1), 1))
      assert.isUndefined(yield* ledger.settleReport(old, shownBy(old), ending(old)))
      assert.isUndefined(yield* ledger.settleReport(next, shownBy(next), ending(next)))
      assert.deepStrictEqual(yield* ledger.shownReport(runOf(1)), { shown: summaryOf(runOf(1), 2), isUnfinished: true })
      yield* TestClock.adjust("61 seconds")
      const stale = yield* claimed(reportOf(runOf(1), 1))
      assert.deepStrictEqual(stale.reports, [])
      yield* ledger.settleReport(stale, stale, { ...ending(stale), finished: [] })
      assert.isTrue((yield* ledger.shownReport(runOf(1)))?.isUnfinished, "what is newer may not be in the issue")
      yield* reported(runOf(1), 2)
      assert.deepStrictEqual(yield* ledger.shownReport(runOf(1)), {
        shown: summaryOf(runOf(1), 2),
        isUnfinished: false
      })
    })
  )

  test(
    "may leave a run in two places: it is shown once, as more is known of it, and one place is free",
    Effect.gen(function* () {
      const table = yield* Table
      for (const id of [1, 2]) yield* reported(runOf(id), 1)
      for (const [place, revision] of [
        ["00", 2],
        ["07", 0]
      ] as const) {
        const attributes = JSON.parse(JSON.stringify(summaryOf(runOf(2), revision)))
        yield* table.write({ _tag: "Put", key: issueRowKey(key, place), attributes })
      }
      yield* table.write({
        _tag: "Put",
        key: issueRowKey(key, "03"),
        attributes: JSON.parse(JSON.stringify(summaryOf(runOf(1), 1)))
      })
      const claim = yield* claimed(reportOf(runOf(3)))
      assert.deepStrictEqual(claim.runs, [summaryOf(runOf(2), 2), summaryOf(runOf(1), 1)])
      yield* settled(claim)
      const rows = rowsIn(yield* stored)
      assert.sameMembers(
        rows.map(({ attributes }) => Number(attributes.runId)),
        [1, 2, 3]
      )
      yield* TestClock.adjust("61 seconds")
      assert.deepInclude((yield* claimed(reportOf(runOf(4)))).runs, summaryOf(runOf(2), 2))
    })
  )
})

describe("an issue that an earlier version wrote", () => {
  test(
    "shows what its item holds, until a report moves that to rows",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      yield* earlierItem(newestFrom(3, 3))
      assert.deepStrictEqual((yield* ledger.shownReport(runOf(3)))?.shown, summaryOf(runOf(3)))
      const first = yield* claimed(reportOf(runOf(4)))
      assert.deepStrictEqual(first.runs, newestFrom(3, 3))
      // Neither a writer that dies nor one that gives the issue back loses them.
      yield* TestClock.adjust("1 minute")
      yield* ledger.releaseReport(yield* claimed(reportOf(runOf(4))), Duration.zero)
      assert.deepStrictEqual(idsOf(yield* reported(runOf(4))), [4, 3, 2, 1])
      assert.lengthOf(rowsIn(yield* stored), 4)
      assert.deepStrictEqual(idsOf((yield* claimed(reportOf(runOf(5)))).runs), [4, 3, 2, 1])
    })
  )

  test(
    "shows what its item holds although there are rows: the earlier version came back for a while",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      for (const id of [1, 2, 3]) yield* reported(runOf(id))
      yield* earlierItem([summaryOf(runOf(4)), summaryOf(runOf(2), 7)])
      assert.isUndefined(yield* ledger.shownReport(runOf(3)))
      assert.deepStrictEqual(idsOf(yield* reported(runOf(5))), [5, 4, 2])
      assert.lengthOf(rowsIn(yield* stored), 3)
      assert.deepStrictEqual((yield* claimed(reportOf(runOf(6)))).runs, [
        summaryOf(runOf(5)),
        summaryOf(runOf(4)),
        summaryOf(runOf(2), 7)
      ])
    })
  )

  test(
    "takes as many reports at once as a transaction has room for, whatever else there is to move",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      for (const { runId } of runs.slice(0, 50)) yield* reported(runOf(Number(runId)))
      yield* earlierItem(newestFrom(60, 50), { leaseUntil: 1 })
      for (const { runId } of runs.slice(60, 115)) yield* ledger.claimReport(reportOf(runOf(Number(runId))), lease)
      yield* TestClock.adjust("1 second")
      const claim = yield* claimed(reportOf(runOf(120)))
      assert.lengthOf(claim.reports, 41)
      assert.isAtMost(1 + 50 + claim.reports.length, maxTransactionWrites)
      assert.lengthOf(yield* settled(claim), 50)
      assert.lengthOf(rowsIn(yield* stored), 50)
      assert.lengthOf(
        (yield* stored).filter((item) => item.key.sort.startsWith("waiting/")),
        15
      )
    })
  )

  test(
    "can be read by it again: the item has no runs, and is not without them",
    Effect.gen(function* () {
      yield* reported(runOf(1))
      const [item] = yield* stored
      assert.deepStrictEqual(item?.attributes.runs, [])
    })
  )
})
