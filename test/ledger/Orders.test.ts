/** Claims on orders: who may act, what the next holder has to find out first, and that an order is settled and counted once. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { type Order, OrderId, targetKey } from "../../src/domain/Order.ts"
import type { Outcome } from "../../src/domain/Outcome.ts"
import { GitHubId, runKey } from "../../src/domain/SourceRun.ts"
import { inFlightKey } from "../../src/ledger/Keys.ts"
import * as Ledger from "../../src/ledger/Ledger.ts"
import { Table } from "../../src/ports/Table.ts"
import { none } from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { planFor } from "../fixtures/Plans.ts"
import { order, sourceRun, target } from "../fixtures/Runs.ts"
import { standingsOf } from "../fixtures/Standings.ts"
import { watched } from "./WatchedTable.ts"

const lease = Duration.seconds(30)
const term = { lease, leaseMargin: Duration.seconds(4) }
/** The end of a lease that began at 0, and the time from which others may take the claim over. */
const [leaseEnd, free] = [30_000, 34_001]
const dispatched = (id: number): Outcome => ({
  _tag: "Dispatched",
  started: { id: GitHubId.make(String(id)), url: `https://github.com/acme/deploy/actions/runs/${id}` }
})
const failed: Outcome = { _tag: "Failed", code: "not_found", message: "Not Found" }
const unknown: Outcome = { _tag: "Unknown", message: "GitHub refuses to list runs" }

const test = (what: string, body: Effect.Effect<void, unknown, Ledger.Ledger | Table>) =>
  it.effect(what, () => body.pipe(Effect.provide(Ledger.layer.pipe(Layer.provideMerge(layerMemory)))))

/** An order in the ledger, because of this run of that repository. */
const stored = Effect.fnUntraced(function* (
  repositoryId = 1,
  about: { readonly ref?: string; readonly workflow?: string } = {}
) {
  const ledger = yield* Ledger.Ledger
  const run = sourceRun({ repository: `acme/app-${repositoryId}`, repositoryId })
  const made = order(run, target(about))
  const plan = { ...planFor({ run, source: "" }), pending: [] }
  assert.isTrue(yield* ledger.savePlan(plan, [made], undefined))
  return made
})
const claimOf = Effect.fnUntraced(function* ({ run, id }: Order, now = 0) {
  const ledger = yield* Ledger.Ledger
  return yield* ledger.claim(runKey(run), id, now, term)
})
const claimed = Effect.fnUntraced(function* (of: Order, now = 0) {
  const answer = yield* claimOf(of, now)
  assert(answer._tag === "Claimed", `the order is ${answer._tag}`)
  return answer.claim
})
const holderOf = Effect.fnUntraced(function* ({ target }: Order) {
  const ledger = yield* Ledger.Ledger
  return Option.getOrUndefined(yield* ledger.inFlight(targetKey(target)))
})
const isOver = ({ run }: Order) => Ledger.Ledger.use((ledger) => ledger.isOver(runKey(run)))

describe("a claim", () => {
  test(
    "is given to one, until its lease is over by any clock that is right within the margin",
    Effect.gen(function* () {
      const made = yield* stored()
      const claim = yield* claimed(made)
      assert.deepInclude(claim, { order: made, since: 0, until: leaseEnd, asked: undefined })
      for (const now of [0, leaseEnd, free - 1]) {
        assert.deepStrictEqual(yield* claimOf(made, now), { _tag: "Held", by: made.id, until: free - 1 })
      }
      assert.deepInclude(yield* claimed(made, free), { since: 0, asked: leaseEnd, until: free + leaseEnd })
    })
  )

  test(
    "is given to one of many who ask at once",
    Effect.gen(function* () {
      const made = yield* stored()
      const answers = yield* Effect.replicateEffect(claimOf(made), 20, { concurrency: "unbounded" })
      assert.lengthOf(
        answers.filter(({ _tag }) => _tag === "Claimed"),
        1
      )
    })
  )

  for (const [read, answer] of ["Settled", "Held"].entries())
    it.effect(`is not given for an order that was settled after read ${read + 1} of it`, () =>
      Effect.gen(function* () {
        const ledger = yield* Ledger.Ledger
        const made = yield* stored()
        const quicker = Effect.flatMap(claimed(made), (claim) => ledger.settle(claim, dispatched(1), 0)).pipe(
          Effect.provideService(Ledger.Ledger, ledger)
        )
        const before = Array.from({ length: read }, () => none)
        const faults = yield* Faults
        yield* faults.next("Table.get", ...before, (act, { input }) => Effect.tap(act(...input), quicker))
        assert.strictEqual((yield* claimOf(made))._tag, answer)
        assert.strictEqual((yield* claimOf(made))._tag, "Settled")
        assert.isTrue(yield* isOver(made))
      }).pipe(Effect.provide(Ledger.layer.pipe(Layer.provideMerge(watched(layerMemory)))))
    )

  it.effect("that is taken over while it is read is in flight all the time", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const made = yield* stored()
      yield* ledger.doubt(yield* claimed(made), 0)
      const takesOver = claimed(made).pipe(Effect.provideService(Ledger.Ledger, ledger))
      const faults = yield* Faults
      yield* faults.next("Table.get", (act, { input }) => Effect.tap(act(...input), takesOver))
      assert.strictEqual(yield* holderOf(made), made.id)
      const released = yield* claimed(made, free)
      yield* ledger.release(released)
      assert.isUndefined(yield* holderOf(made))
    }).pipe(Effect.provide(Ledger.layer.pipe(Layer.provideMerge(watched(layerMemory)))))
  )

  test(
    "keeps all other orders of the target workflow away, on whatever ref, and no order of another",
    Effect.gen(function* () {
      const [made, rival, other] = [
        yield* stored(1),
        yield* stored(2, { ref: "next" }),
        yield* stored(3, { workflow: "other.yml" })
      ]
      yield* claimed(made)
      assert.deepStrictEqual(yield* claimOf(rival), { _tag: "Held", by: made.id, until: free - 1 })
      yield* claimed(other)
    })
  )

  test(
    "of a worker that died comes before the claim of another order",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const [made, rival] = [yield* stored(1), yield* stored(2)]
      yield* claimed(made)
      const inherited = yield* claimed(rival, free)
      assert.deepInclude(inherited, { order: made, since: 0, asked: leaseEnd })
      assert.isTrue(yield* ledger.settle(inherited, dispatched(7), free))
      assert.deepInclude(yield* claimed(rival, free), { order: rival, since: free, asked: undefined })
      assert.deepStrictEqual(yield* claimOf(made, free), {
        _tag: "Settled",
        order: made,
        outcome: dispatched(7),
        at: free
      })
    })
  )

  test(
    "never ends by itself",
    Effect.gen(function* () {
      const [made, rival] = [yield* stored(1), yield* stored(2)]
      yield* claimed(made)
      yield* TestClock.adjust("30 days")
      const now = Duration.toMillis("30 days")
      assert.strictEqual(yield* holderOf(made), made.id)
      assert.deepInclude(yield* claimed(rival, now), { order: made })
    })
  )

  test(
    "whose order the ledger no longer has keeps nothing away",
    Effect.gen(function* () {
      const made = yield* stored(1)
      yield* TestClock.adjust("10 days")
      yield* claimed(made)
      yield* TestClock.adjust("81 days")
      const rival = yield* stored(2)
      assert.isTrue(Option.isSome(yield* Table.use((table) => table.get(inFlightKey(targetKey(made.target))))))
      assert.isUndefined(yield* holderOf(made))
      assert.deepInclude(yield* claimed(rival, 0), { order: rival, asked: undefined })
    })
  )

  test(
    "that was given back with nothing started leaves no doubt",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const made = yield* stored()
      assert.isTrue(yield* ledger.release(yield* claimed(made)))
      assert.isUndefined(yield* holderOf(made))
      assert.deepInclude(yield* claimed(made, 1000), { since: 1000, asked: undefined })
    })
  )

  test(
    "that was given back in doubt stays the target's, and keeps the doubt through every later claim",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const [made, rival] = [yield* stored(1), yield* stored(2)]
      assert.isTrue(yield* ledger.doubt(yield* claimed(made), 12_000))
      assert.strictEqual(yield* holderOf(made), made.id)
      const second = yield* claimed(made, 13_000)
      assert.deepInclude(second, { since: 0, asked: 12_000 })
      assert.isTrue(yield* ledger.doubt(second, 12_000))
      assert.deepInclude(yield* claimed(rival, 14_000), { order: made, since: 0, asked: 12_000 })
      assert.deepInclude(yield* claimed(rival, 80_000), { order: made, since: 0, asked: 44_000 })
    })
  )

  test(
    "remembers that a start was confirmed",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const made = yield* stored()
      yield* ledger.doubt({ ...(yield* claimed(made)), confirmed: true }, 1000)
      assert.isTrue((yield* claimed(made, 2000)).confirmed)
    })
  )

  test(
    "is renewed while no other took it over, also after its end",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const made = yield* stored()
      const claim = yield* claimed(made)
      const renewed = yield* ledger.renew(claim, 50_000, lease)
      assert.deepInclude(renewed, { until: 80_000 })
      assert.isUndefined(yield* ledger.renew(claim, 60_000, lease))
      assert.strictEqual((yield* claimOf(made, 80_000))._tag, "Held")
    })
  )

  test(
    "that was taken over is worth nothing any more",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const made = yield* stored()
      const old = yield* claimed(made)
      const current = yield* claimed(made, free)
      assert.isFalse(yield* ledger.release(old))
      assert.isFalse(yield* ledger.doubt(old, 0))
      assert.isFalse(yield* ledger.settle(old, failed, 0))
      assert.isUndefined(yield* ledger.renew(old, free, lease))
      assert.isTrue(yield* ledger.settle(current, dispatched(1), free))
    })
  )

  test(
    "stays worth nothing after the target workflow went through other hands",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const [made, rival] = [yield* stored(1), yield* stored(2)]
      const old = yield* claimed(made)
      yield* ledger.release(yield* claimed(made, free))
      const current = yield* claimed(rival, free)
      assert.isUndefined(yield* ledger.renew(old, free, lease))
      assert.isFalse(yield* ledger.doubt(old, free))
      assert.strictEqual(yield* holderOf(made), rival.id)
      assert.isTrue(yield* ledger.settle(current, dispatched(1), free))
    })
  )

  test(
    "ends with its order, whatever its lease says, and does not come back with a replay of it",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const [made, rival] = [yield* stored(1), yield* stored(2)]
      const old = yield* claimed(made)
      yield* ledger.settle(old, failed, 5)
      assert.isUndefined(yield* holderOf(made))
      const held = yield* ledger.heldOrders(runKey(made.run))
      const again = { ...planFor({ run: made.run, source: "" }), pending: [], generation: 1 }
      assert.isTrue(yield* ledger.savePlan(again, [made], 1, held))
      assert.isUndefined(yield* holderOf(made))
      assert.isFalse(yield* ledger.settle(old, dispatched(1), 6))
      const current = yield* claimed(made, 7)
      assert.deepInclude(current, { since: 7, asked: undefined })
      yield* ledger.settle(current, dispatched(1), 8, true)
      assert.deepInclude(yield* claimed(rival, 9), { order: rival, since: 9, asked: undefined })
    })
  )

  test(
    "of an earlier version lasts until its order is settled",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const table = yield* Table
      const [made, rival] = [yield* stored(1), yield* stored(2)]
      const { id, run } = made
      const lasts = { since: 0, asked: null, leaseUntil: leaseEnd, confirmed: false }
      const holder = { run: runKey(run), order: id, ref: "main", ...lasts }
      const key = inFlightKey(targetKey(made.target))
      yield* table.write({ _tag: "Put", key, attributes: { holder } })
      assert.strictEqual(yield* holderOf(made), id)
      assert.deepStrictEqual(yield* claimOf(rival, 1), { _tag: "Held", by: id, until: free - 1 })
      const inherited = yield* claimed(rival, free)
      assert.deepInclude(inherited, { order: made, since: 0, asked: leaseEnd })
      yield* ledger.settle(inherited, dispatched(1), free)
      yield* table.write({ _tag: "Put", key, attributes: { holder } })
      assert.isUndefined(yield* holderOf(made))
      yield* table.write({ _tag: "Put", key, attributes: { holder: null } })
      assert.deepInclude(yield* claimed(rival, free), { order: rival })
    })
  )

  test(
    "needs an order",
    Effect.gen(function* () {
      const made = yield* stored()
      const other = { ...made, id: OrderId.make(`${made.id}x`) }
      assert.deepStrictEqual(yield* claimOf(other), { _tag: "Missing" })
    })
  )
})

describe("settling", () => {
  test(
    "is for good, counts once, and frees the target workflow",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const made = yield* stored()
      const claim = yield* claimed(made)
      assert.isTrue(yield* ledger.settle(claim, dispatched(1), 5))
      assert.isFalse(yield* ledger.settle(claim, failed, 6))
      assert.deepStrictEqual(yield* claimOf(made), { _tag: "Settled", order: made, outcome: dispatched(1), at: 5 })
      assert.isTrue(yield* isOver(made))
      assert.isUndefined(yield* holderOf(made))
      assert.deepStrictEqual(yield* standingsOf(ledger, runKey(made.run)), [
        { order: made, outcome: dispatched(1), result: undefined }
      ])
    })
  )

  test(
    "names the order of the started run, by any spelling of the repository",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const made = yield* stored()
      assert.isUndefined(yield* ledger.boundTo(made, GitHubId.make("77")))
      yield* ledger.settle(yield* claimed(made), dispatched(77), 0)
      assert.strictEqual(yield* ledger.boundTo(made, GitHubId.make("77")), made.id)
      const { repository } = sourceRun({ repository: "ACME/Deploy" })
      const found = yield* ledger.startedBy({ repository, runId: GitHubId.make("77") })
      assert.deepStrictEqual(Option.getOrUndefined(found)?.order, made)
    })
  )

  test(
    "binds a run that GitHub named, whatever became of the claim; one that was found only with the claim",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const made = yield* stored()
      const [named, found] = [GitHubId.make("7"), GitHubId.make("8")]
      const old = yield* claimed(made)
      yield* claimed(made, free)
      assert.isFalse(yield* ledger.settle(old, dispatched(8), 0))
      assert.isUndefined(yield* ledger.boundTo(made, found))
      assert.isFalse(yield* ledger.settle(old, dispatched(7), 0, true))
      assert.strictEqual(yield* ledger.boundTo(made, named), made.id)
      // Its order is open, so nothing is followed yet.
      const { repository } = made.target
      assert.isTrue(Option.isNone(yield* ledger.startedBy({ repository, runId: named })))
    })
  )

  test(
    "lets results of what it started be stored, each attempt once, by however many at a time",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const made = yield* stored()
      yield* ledger.settle(yield* claimed(made), dispatched(77), 0)
      const { repository } = made.target
      const found = Option.getOrThrow(yield* ledger.startedBy({ repository, runId: GitHubId.make("77") }))
      const result = (attempt: number) =>
        ({ _tag: "Completed", conclusion: "success", attempt, completedAt: "1970-01-01", duration: null }) as const
      const all = [1, 2, 1, 2, 3].map((attempt, at) => ledger.storeResult(found, result(attempt), at))
      const answers = yield* Effect.all(all, { concurrency: "unbounded" })
      assert.lengthOf(
        answers.filter(({ isNew }) => isNew),
        3
      )
      const again = yield* ledger.storeResult(found, result(2), 99)
      assert.isFalse(again.isNew)
      assert.isBelow(again.stored.at, 99)
      const [standing] = yield* standingsOf(ledger, runKey(made.run))
      assert.deepStrictEqual(standing?.result?.result, result(3))
    })
  )

  test(
    "as unknown keeps the doubt for a replay, and holds up no other",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const [made, rival] = [yield* stored(1), yield* stored(2)]
      yield* ledger.doubt(yield* claimed(made), 9000)
      yield* ledger.settle(yield* claimed(made, 10_000), unknown, 10_000)
      yield* ledger.settle(yield* claimed(rival, 11_000), dispatched(2), 11_000)
      const held = yield* ledger.heldOrders(runKey(made.run))
      const again = { ...planFor({ run: made.run, source: "" }), pending: [], generation: 1 }
      const plan = Option.getOrUndefined(yield* ledger.plan(runKey(made.run)))
      assert.isTrue(yield* ledger.savePlan(again, [made], plan?.version, held))
      assert.deepInclude(yield* claimed(made, 90_000), { since: 0, asked: 9000 })
    })
  )
})
