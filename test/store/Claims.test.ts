/** Claims on orders: who may act, what the next holder has to find out first, and that an order is settled and counted once. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { type Order, OrderId } from "../../src/domain/Order.ts"
import type { Outcome } from "../../src/domain/Outcome.ts"
import { GitHubId, runKey } from "../../src/domain/SourceRun.ts"
import type { Table } from "../../src/ports/Table.ts"
import { layerMemory } from "../../src/ports/TableMemory.ts"
import * as Ledger from "../../src/store/Ledger.ts"
import type { Claim } from "../../src/store/ledger/Claims.ts"
import { planFor } from "../fixtures/Plans.ts"
import { order, sourceRun } from "../fixtures/Runs.ts"

const lease = Duration.seconds(60)
const dispatched = (id: number): Outcome => ({
  _tag: "Dispatched",
  started: { id: GitHubId.make(String(id)), url: `https://github.com/acme/deploy/actions/runs/${id}` }
})
const failed: Outcome = { _tag: "Failed", code: "not_found", message: "Not Found" }
const withdrawn: Outcome = { _tag: "Withdrawn", code: "inbound_not_allowed", message: "acme/app is let in no more" }
const unknown: Outcome = { _tag: "Unknown", message: "nobody knows" }

const test = (what: string, body: Effect.Effect<void, unknown, Ledger.Ledger | Table>) =>
  it.effect(what, () => body.pipe(Effect.provide(Ledger.layer.pipe(Layer.provideMerge(layerMemory)))))

/** An order in the ledger, because of this run of that repository. */
const stored = Effect.fnUntraced(function* (repositoryId = 1) {
  const ledger = yield* Ledger.Ledger
  const run = sourceRun({ repository: `acme/app-${repositoryId}`, repositoryId })
  const made = order(run)
  const plan = { ...planFor({ run, source: "" }), pending: [] }
  assert.isTrue(yield* ledger.savePlan(plan, [made], undefined))
  return made
})
const claimOf = Effect.fnUntraced(function* ({ run, id }: Order) {
  const ledger = yield* Ledger.Ledger
  return yield* ledger.claim(runKey(run), id, lease)
})
const claimed = Effect.fnUntraced(function* (of: Order) {
  const answer = yield* claimOf(of)
  assert(answer._tag === "Claimed", `the order is ${answer._tag}`)
  return answer.claim
})
const spansSeenBy = Effect.fnUntraced(function* (claim: Claim) {
  const ledger = yield* Ledger.Ledger
  return yield* ledger.rivals(claim)
})

describe("a claim", () => {
  test(
    "is given to one, for the time of the lease",
    Effect.gen(function* () {
      const made = yield* stored()
      const claim = yield* claimed(made)
      assert.deepInclude(claim, { order: made, since: 0, until: 60_000, asked: undefined })
      assert.deepStrictEqual(yield* claimOf(made), { _tag: "Held", until: 60_000 })
      yield* TestClock.adjust("59999 millis")
      assert.deepStrictEqual(yield* claimOf(made), { _tag: "Held", until: 60_000 })
    })
  )

  test(
    "is given to one of many who want it at once",
    Effect.gen(function* () {
      const made = yield* stored()
      const answers = yield* Effect.replicateEffect(claimOf(made), 20, { concurrency: "unbounded" })
      assert.lengthOf(
        answers.filter(({ _tag }) => _tag === "Claimed"),
        1
      )
    })
  )

  test(
    "that ran out says until when the holder may have started something",
    Effect.gen(function* () {
      const made = yield* stored()
      yield* claimed(made)
      yield* TestClock.adjust("5 minutes")
      assert.deepInclude(yield* claimed(made), { since: 0, asked: 60_000, until: 360_000 })
    })
  )

  test(
    "that was given back with nothing started leaves no trace",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const [made, rival] = [yield* stored(1), yield* stored(2)]
      assert.isTrue(yield* ledger.release(yield* claimed(made)))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* spansSeenBy(yield* claimed(rival)), [])
      assert.deepInclude(yield* claimed(made), { since: 1000, asked: undefined })
    })
  )

  test(
    "that was given back in doubt keeps the doubt, whoever has it next and gives it back",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const made = yield* stored()
      yield* ledger.doubt(yield* claimed(made), 12_000)
      yield* TestClock.adjust("1 minute")
      const second = yield* claimed(made)
      assert.deepInclude(second, { since: 0, asked: 12_000 })
      yield* ledger.release(second)
      assert.deepInclude(yield* claimed(made), { since: 0, asked: 12_000 })
    })
  )

  test(
    "that was taken over is worth nothing any more",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const made = yield* stored()
      const old = yield* claimed(made)
      yield* TestClock.adjust("1 minute")
      const current = yield* claimed(made)
      assert.isFalse(yield* ledger.release(old))
      assert.isFalse(yield* ledger.doubt(old, 0))
      assert.strictEqual(yield* ledger.settle(old, failed), "lost")
      assert.strictEqual(yield* ledger.settle(current, dispatched(1)), "settled")
    })
  )

  test(
    "needs an order",
    Effect.gen(function* () {
      const made = yield* stored()
      const other = { ...made, id: OrderId.make(`${made.id}x`) }
      assert.deepStrictEqual(yield* claimOf(other), { _tag: "Unknown" })
    })
  )
})

describe("settling", () => {
  test(
    "is for good, and counts once",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const made = yield* stored()
      const claim = yield* claimed(made)
      assert.strictEqual(yield* ledger.settle(claim, dispatched(1)), "settled")
      assert.strictEqual(yield* ledger.settle(claim, failed), "lost")
      assert.deepStrictEqual(yield* claimOf(made), { _tag: "Settled", order: made, outcome: dispatched(1) })
      const progress = yield* ledger.progress(runKey(made.run))
      assert.strictEqual(progress._tag === "Some" ? progress.value.value.settled : undefined, 1)
      assert.deepStrictEqual(yield* ledger.standings(runKey(made.run)), [{ order: made, outcome: dispatched(1) }])
    })
  )

  test(
    "binds the started run to its order, by any spelling, and to no other",
    Effect.gen(function* () {
      const ledger = yield* Ledger.Ledger
      const [made, rival] = [yield* stored(1), yield* stored(2)]
      assert.isFalse(yield* ledger.isBound(made, GitHubId.make("77")))
      yield* ledger.settle(yield* claimed(made), dispatched(77))
      assert.isTrue(yield* ledger.isBound(rival, GitHubId.make("77")))
      const { repository } = sourceRun({ repository: "ACME/Deploy" })
      const found = yield* ledger.startedBy({ repository, runId: GitHubId.make("77") })
      assert.deepStrictEqual(found._tag === "Some" ? found.value : undefined, made)
      const claim = yield* claimed(rival)
      assert.strictEqual(yield* ledger.settle(claim, dispatched(77)), "taken")
      assert.strictEqual(yield* ledger.settle(claim, dispatched(77), { bind: false }), "settled")
    })
  )

  const traces = [
    { what: "a known run", outcome: dispatched(1), left: [] },
    { what: "nothing started", outcome: failed, left: [] },
    { what: "consent withdrawn", outcome: withdrawn, left: [] },
    { what: "nobody knowing", outcome: unknown, left: [{ since: 0, until: 9000 }] },
    {
      what: "an unknown run",
      outcome: { _tag: "Dispatched", started: null } as const,
      left: [{ since: 0, until: 9000 }]
    }
  ]
  for (const { what, outcome, left } of traces) {
    test(
      `with ${what} leaves ${left.length === 0 ? "no trace" : "a trace for a day"} for others in doubt`,
      Effect.gen(function* () {
        const ledger = yield* Ledger.Ledger
        const [made, rival] = [yield* stored(1), yield* stored(2)]
        const claim = yield* claimed(made)
        const other = yield* claimed(rival)
        assert.deepStrictEqual(yield* spansSeenBy(other), [{ since: 0, until: 60_000 }])
        yield* TestClock.adjust("9 seconds")
        yield* ledger.settle(claim, outcome)
        assert.deepStrictEqual(yield* spansSeenBy(other), left)
        yield* TestClock.adjust("25 hours")
        assert.deepStrictEqual(yield* spansSeenBy(other), [])
      })
    )
  }
})

describe("rivals", () => {
  test(
    "are all orders for the workflow, however many",
    Effect.gen(function* () {
      const orders = yield* Effect.forEach(
        Array.from({ length: 1100 }, (_, index) => index + 1),
        (id) => stored(id)
      )
      const claims = yield* Effect.forEach(orders, claimed)
      const [first] = claims
      assert(first !== undefined)
      assert.lengthOf(yield* spansSeenBy(first), 1099)
    })
  )
})
