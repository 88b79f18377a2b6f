/** Lists and journeys: what is found, in which order, and with how many reads. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import type { ChainNode } from "../../src/domain/Chain.ts"
import type { Fact } from "../../src/domain/Fact.ts"
import { entryOf } from "../../src/domain/FactTable.ts"
import { isAcceptance, runOf } from "../../src/domain/RunFold.ts"
import { DeliveryId, RunKey } from "../../src/domain/SourceRun.ts"
import { findKeys } from "../../src/domain/Vocabulary.ts"
import { Table } from "../../src/ports/Table.ts"
import { nodeKey } from "../../src/readmodel/ChainNodes.ts"
import { makeLists } from "../../src/readmodel/Lists.ts"
import { foldStoredRun } from "../../src/readmodel/StoredRun.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"
import { chainNode } from "../dashboard/Answers.ts"
import { Chance } from "../fixtures/Chance.ts"
import { repository } from "../fixtures/Runs.ts"
import { TableWatch, watched } from "../ledger/WatchedTable.ts"
import { journeys, recordAll } from "./Recording.ts"

const now = Date.parse("2026-11-23T00:20:00.000Z")
const memory = watched(layerMemory)

const recorded = (count: number) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(now)
    const chance = new Chance(3)
    const facts = journeys(chance, count, now)
    yield* recordAll(facts, chance, 1, Effect.void)
    return facts
  })
const lists = Effect.map(Table, makeLists)

/** The answer, and how many reads it took. */
const counting = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const { counts } = yield* TableWatch
    const before = counts.reads
    const answer = yield* work
    return [answer, counts.reads - before] as const
  })
const paging = { limit: 20 }

describe("Lists", () => {
  it.effect("takes as many reads as is documented, however many facts there are", () =>
    Effect.gen(function* () {
      const facts = yield* recorded(120)
      const all = yield* lists
      const [, deliveries] = yield* counting(all.deliveries(undefined, { limit: 200 }))
      assert.isAtMost(deliveries, 4)
      const fact = facts.find(isAcceptance) ?? assert.fail("some run was accepted")
      const [, journey] = yield* counting(all.journey(fact.data.deliveryId))
      assert.strictEqual(journey, 4)
      const [, runJourney] = yield* counting(all.runJourney(runOf(fact)))
      assert.strictEqual(runJourney, 3)
      const [, choices] = yield* counting(all.choices)
      assert.strictEqual(choices, 2)
      const { searches } = yield* all.choices
      const values = {
        source: repository("acme/source-1"),
        target: repository("acme/target-1"),
        status: "denied",
        reason: "inbound_branch"
      }
      for (const search of searches) {
        const asked = Object.fromEntries(Object.entries(values).filter(([name]) => search.includes(name)))
        const [{ rows }, reads] = yield* counting(all.events(asked, { limit: 200 }))
        assert.isAbove(rows.length, 0, search.join())
        assert.isAtMost(reads, 4)
      }
      for (const by of findKeys) {
        const [, reads] = yield* counting(all.find(by, "1", paging))
        assert.isAtMost(reads, 1)
      }
    }).pipe(Effect.provide(memory), Effect.scoped)
  )

  it.effect("finds exactly the events that were searched, newest first, page by page", () =>
    Effect.gen(function* () {
      const facts = yield* recorded(60)
      const { events } = yield* lists
      const source = repository("ACME/source-1")
      const expected = facts
        .filter(({ type, data }) => entryOf(type).row && data.sourceRepository.toLowerCase() === "acme/source-1")
        .filter(({ type }) => entryOf(type).status === "dispatched")
        .map(({ id }) => id)
      const ids: Array<string> = []
      let cursor: string | undefined
      let latest = "9"
      do {
        const page = yield* events(
          { source, status: "dispatched" },
          { limit: 3, ...(cursor === undefined ? {} : { cursor }) }
        )
        for (const { id, time } of page.rows) {
          assert.isTrue(time <= latest)
          latest = time
          ids.push(id)
        }
        cursor = page.cursor ?? undefined
      } while (cursor !== undefined)
      assert.sameMembers(ids, expected)
      assert.strictEqual(new Set(ids).size, ids.length)
    }).pipe(Effect.provide(memory), Effect.scoped)
  )

  it.effect("finds a run by its number, id, URL, commit, branch and actor, in any spelling of these", () =>
    Effect.gen(function* () {
      const facts = yield* recorded(30)
      const { find } = yield* lists
      const { data } = facts.find(isAcceptance) ?? assert.fail("some run was accepted")
      const wanted = {
        number: [String(data.runNumber), `#${data.runNumber}`],
        run: [data.runId, `https://github.com/acme/app/actions/runs/${data.runId}/attempts/1`],
        commit: [data.sha, data.sha.slice(0, 7).toUpperCase(), data.sha.slice(0, 12)],
        branch: [data.branch ?? ""],
        actor: ["Octocat", "@octocat"]
      }
      for (const by of findKeys) {
        for (const value of wanted[by]) {
          const { rows } = yield* find(by, value, { limit: 200 })
          assert.isTrue(
            rows.some(({ deliveryId }) => deliveryId === data.deliveryId),
            `${by} ${value}`
          )
        }
        const { rows: none } = yield* find(by, `${wanted[by][0]}0000000000`, { limit: 200 })
        assert.strictEqual(none.length, 0, by)
      }
      const first = yield* find("branch", data.branch ?? "", { limit: 2 })
      const second = yield* find("branch", data.branch ?? "", { limit: 2, cursor: first.cursor ?? "" })
      assert.isTrue((second.rows[0]?.acceptedAt ?? "9") <= (first.rows[1]?.acceptedAt ?? ""))
      assert.strictEqual((yield* Effect.flip(find("branch", "main", { limit: 2, cursor: "x" })))._tag, "BadCursor")
    }).pipe(Effect.provide(memory), Effect.scoped)
  )

  it.effect("takes no time that is none, or whose day does not exist", () =>
    Effect.gen(function* () {
      const { events } = yield* lists
      for (const time of ["yesterday", "2026-02-31T00:00:00Z", "2025-02-29T23:59:59+01:00"]) {
        const refused = yield* Effect.flip(events({ from: time }, { limit: 1 }))
        assert.strictEqual(refused._tag, "BadCursor")
        assert.include(refused.message, time)
      }
      assert.deepStrictEqual((yield* events({ to: "2024-02-29T23:59:59+01:00" }, { limit: 1 })).rows, [])
    }).pipe(Effect.provide(memory), Effect.scoped)
  )

  it.effect("gives a journey's own facts first, then target by target, each in the order of the stages", () =>
    Effect.gen(function* () {
      const facts = yield* recorded(40)
      const { journey, runJourney } = yield* lists
      for (const [run, own] of Map.groupBy(facts, runOf)) {
        const found = Option.getOrThrow(yield* runJourney(run))
        assert.sameMembers(
          found.facts.map(({ id }) => id),
          own.map(({ id }) => id)
        )
        const places = found.facts.map(({ type, data }): string => {
          const target = "target" in data ? `${data.target.repository} ${data.target.workflow}`.toLowerCase() : ""
          return [target, String(data.generation).padStart(3, "0"), entryOf(type).stage].join("\t")
        })
        assert.deepStrictEqual(places, places.toSorted())
        const accepted = own.some(({ type }) => entryOf(type).part !== "precedes")
        assert.strictEqual(found.row !== null, accepted)
        const [first] = own
        if (first === undefined) continue
        assert.deepStrictEqual(Option.getOrThrow(yield* journey(first.data.deliveryId)), found)
      }
      assert.isTrue(Option.isNone(yield* journey(DeliveryId.make("none"))))
    }).pipe(Effect.provide(memory), Effect.scoped)
  )

  it.effect("gives a chain page by page, from its root on, with one read each", () =>
    Effect.gen(function* () {
      const { chain: read } = yield* lists
      const root = RunKey.make("1/1/1")
      const nodes = Array.from({ length: 7 }, (_, index) => {
        const run = RunKey.make(`1/${index + 1}/1`)
        return { ...chainNode, run, root, depth: Math.ceil(index / 3) }
      })
      const table = yield* Table
      yield* table.append(nodes.toReversed().map((node) => ({ key: nodeKey(node.run, node), attributes: { ...node } })))
      const found: Array<ChainNode> = []
      let cursor: string | undefined
      for (const size of [3, 3, 1]) {
        const paging = { limit: 3, ...(cursor === undefined ? {} : { cursor }) }
        const [page, reads] = yield* counting(read(root, paging))
        assert.strictEqual(reads, 1)
        const view = Option.getOrThrow(page)
        assert.lengthOf(view.nodes, size)
        found.push(...view.nodes)
        cursor = view.cursor ?? undefined
      }
      assert.isUndefined(cursor)
      assert.deepStrictEqual(found, nodes)
      const other = RunKey.make("1/2/1")
      assert.isTrue(Option.isNone(yield* read(other, paging)))
      const first = Option.getOrThrow(yield* read(root, { limit: 3 }))
      const refused = yield* Effect.flip(read(other, { limit: 3, cursor: first.cursor ?? "" }))
      assert.strictEqual(refused._tag, "BadCursor")
    }).pipe(Effect.provide(memory), Effect.scoped)
  )

  it.effect("has a run that was accepted among deliveries at once, and not among events", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const facts = journeys(new Chance(3), 3, now).filter(isAcceptance)
      yield* recordAll(facts, new Chance(1), 1, Effect.void)
      const all = yield* lists
      const [fact] = facts
      if (fact === undefined) return assert.fail("some run was accepted")
      assert.lengthOf((yield* all.deliveries(undefined, paging)).rows, facts.length)
      assert.isNotEmpty((yield* all.find("run", fact.data.runId, paging)).rows)
      assert.isTrue(Option.isSome(yield* all.journey(fact.data.deliveryId)))
      assert.deepStrictEqual((yield* all.events({}, paging)).rows, [])
      assert.notInclude((yield* all.choices).statuses, "accepted")
    }).pipe(Effect.provide(memory), Effect.scoped)
  )

  it.effect(
    "keeps lists of events for as long as they say, and deliveries, journeys and what runs are found by for longer",
    () =>
      Effect.gen(function* () {
        const facts = yield* recorded(20)
        const all = yield* lists
        const { days } = yield* all.events({}, paging)
        assert.strictEqual(days, 30)
        yield* TestClock.setTime(now + (days + 1) * 86_400_000)
        for (const search of [{}, { status: "dispatched" }, { source: repository("acme/source-1") }]) {
          const [page, reads] = yield* counting(all.events(search, paging))
          assert.deepStrictEqual(page, { rows: [], cursor: null, days })
          assert.isAtMost(reads, 2)
        }
        const { data } = facts.find(isAcceptance) ?? assert.fail("some run was accepted")
        assert.isNotEmpty((yield* all.deliveries(undefined, paging)).rows)
        assert.isTrue(Option.isSome(yield* all.journey(data.deliveryId)))
        assert.isNotEmpty((yield* all.find("run", data.runId, paging)).rows)
      }).pipe(Effect.provide(memory), Effect.scoped)
  )

  it.effect("leaves a run with very many facts to Rollup, which folds it whole", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const [accepted, ...others] = journeys(new Chance(5), 1, now, 1)
      const denied = journeys(new Chance(5), 60, now, 1).find(({ type }) => entryOf(type).status === "denied")
      if (accepted === undefined || denied === undefined || !("target" in denied.data))
        return assert.fail("there are both")
      const { data } = denied
      const many = Array.from({ length: 150 }, (_, index): Fact => {
        const target = { ...data.target, repository: repository(`acme/many-${index}`) }
        const id = `dispatch.target.denied/${runOf(accepted)}/acme/many-${index}/${data.target.workflow}/0`
        const { sourceRepositoryId, runId, attempt } = accepted.data
        return { ...denied, id, data: { ...data, sourceRepositoryId, runId, attempt, target } } as Fact
      })
      yield* recordAll([accepted, ...others, ...many], new Chance(1), 1, Effect.void)
      const table = yield* Table
      const marks = yield* table.query({ table: "projections", partition: "unfolded", limit: 5 })
      assert.deepStrictEqual(
        marks.items.map(({ key }) => key.sort),
        [runOf(accepted)]
      )
      yield* foldStoredRun(runOf(accepted))
      const { runJourney } = makeLists(table)
      const found = Option.getOrThrow(yield* runJourney(runOf(accepted)))
      assert.isAtLeast(found.row?.counts.denied ?? 0, 150)
      const minutes = yield* table.query({ table: "projections", partition: "marks", limit: 5 })
      assert.strictEqual(minutes.items.length, 1)
    }).pipe(Effect.provide(memory), Effect.scoped)
  )
})
