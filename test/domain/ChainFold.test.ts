/** What a chain shows of a run: its place, its targets, and how the runs ended that were started for them. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { ChainNode } from "../../src/domain/Chain.ts"
import type { Decision } from "../../src/domain/Decision.ts"
import {
  type Fact,
  outcomeFact,
  planFacts,
  replayRequested,
  requestAccepted,
  resultFact
} from "../../src/domain/Fact.ts"
import { chainOf, type Order, orderId, placeOf, type Target } from "../../src/domain/Order.ts"
import type { Outcome, StartedRun } from "../../src/domain/Outcome.ts"
import { foldRun } from "../../src/domain/RunFold.ts"
import type { RunResult } from "../../src/domain/RunResult.ts"
import { type Acceptance, DeliveryId, GitHubId, runKey } from "../../src/domain/SourceRun.ts"
import { Chance } from "../fixtures/Chance.ts"
import { repository, sourceRun, target } from "../fixtures/Runs.ts"

const at = Date.parse("2026-11-23T12:20:00.000Z")
const iso = (seconds: number) => new Date(at + seconds * 1000).toISOString()
const publisher = { appVersion: "2.0.0" }
const root = sourceRun({ repository: "acme/app", repositoryId: 1, runId: 10 })
const run = sourceRun({ repository: "acme/lib", repositoryId: 2, runId: 20, workflow: "build.yml" })
const acceptanceOf = (of: typeof run): Acceptance => ({
  deliveryId: DeliveryId.make("delivery-1"),
  acceptedAt: iso(0),
  run: of,
  generation: 0
})
const orderOf = (of: typeof run, about: Target, startedBy?: Order): Order => ({
  ...acceptanceOf(of),
  id: orderId(of, about),
  target: about,
  inputs: {},
  chain: chainOf(of, startedBy)
})
const parent = orderOf(root, target({ repository: "acme/lib", workflow: "build.yml" }))
const acceptance = acceptanceOf(run)
const accepted = requestAccepted(acceptance, publisher)
const rule = { repository: repository("acme/lib"), file: "dispatching.yml", path: "outbound[0]", line: 1 }
const to = (name: string) => target({ repository: `acme/${name}` })
const allowed = (name: string): Decision => ({
  ...{ _tag: "Allowed", target: to(name), outbound: rule, inbound: rule, checks: [], orderId: orderId(run, to(name)) }
})
const denied = (name: string): Decision => ({
  ...{ _tag: "Denied", target: to(name), outbound: rule, checks: [] },
  denial: { code: "inbound_branch", message: "no ".repeat(200) }
})
const plan = (decisions: ReadonlyArray<Decision>, startedBy: Order | undefined = parent) =>
  planFacts(
    {
      ...{ ...acceptance, config: { _tag: "Found" }, decisions, pending: [], plannedAt: iso(5) },
      chain: placeOf(chainOf(run, startedBy))
    },
    publisher
  )
const started: StartedRun = { id: GitHubId.make("30"), url: "https://github.com/acme/x/actions/runs/30" }
const outcome = (name: string, what: Outcome = { _tag: "Dispatched", started }) =>
  outcomeFact(orderOf(run, to(name), parent), { outcome: what, at: at + 9000 }, publisher)
const completed = (attempt: number, conclusion: string): RunResult => ({
  ...{ _tag: "Completed", conclusion, attempt, completedAt: iso(60 + attempt), duration: 50_000 }
})
const result = (name: string, what: RunResult) =>
  resultFact(orderOf(run, to(name), parent), started, { result: what, at: at + 70_000 }, publisher)
const node = (facts: ReadonlyArray<Fact>) => foldRun(facts as [Fact, ...Array<Fact>]).shown?.node
const edge = (name: string, ...facts: ReadonlyArray<Fact>) =>
  node([accepted, ...plan([allowed(name)]), ...facts])?.edges[0] ?? assert.fail("the target is an edge")

describe("the node of a run", () => {
  it("says where the run stands, and what caused it", () => {
    const found = node([accepted, ...plan([allowed("deploy")])]) ?? assert.fail("the run is part of a chain")
    assert.deepStrictEqual([found.run, found.root, found.cause], [runKey(run), runKey(root), runKey(root)])
    assert.deepInclude(found, { depth: 1, parent: parent.id, status: "open", url: run.url })
    assert.deepInclude(found, { repository: run.repository, workflow: run.workflow })
    assert.strictEqual(found.edges[0]?.orderId, "2/20/1/acme/deploy/cd.yml")
  })

  it("is none of a run that nothing started and that starts nothing, nor before its place is known", () => {
    assert.isUndefined(node([accepted]))
    assert.isUndefined(node([accepted, ...plan([]).slice(0, 1)].filter(({ data }) => data.chain === undefined)))
    const alone = planFacts(
      {
        ...{ ...acceptance, config: { _tag: "Absent" }, decisions: [], pending: [], ignored: "no dispatching.yml" },
        chain: placeOf(chainOf(run))
      },
      publisher
    )
    assert.isUndefined(node([accepted, ...alone]))
    assert.isDefined(node([accepted, ...plan([denied("deploy")], undefined)]))
    assert.deepInclude(node([accepted, ...plan([])]), { depth: 1, edges: [] })
  })

  it("follows a target from its order to the end of the started run, and to that of its re-run", () => {
    assert.deepInclude(edge("a"), { state: "open", status: "queued", since: iso(5), started: null, result: null })
    assert.deepInclude(edge("a", outcome("a")), { state: "running", status: "dispatched", started, result: null })
    const failed = edge("a", outcome("a"), result("a", completed(1, "failure")))
    assert.deepInclude(failed, { state: "failed", status: "dispatched", result: completed(1, "failure") })
    const again = edge("a", result("a", completed(2, "success")), outcome("a"), result("a", completed(1, "failure")))
    assert.deepInclude(again, { state: "succeeded", result: completed(2, "success") })
  })

  it.each([
    [{ _tag: "Failed", code: "not_found", message: "gone" }, "failed", "not_found"],
    [{ _tag: "Unknown", message: "lost answer" }, "failed", null],
    [{ _tag: "Withdrawn", code: "inbound_branch", message: "no" }, "refused", "inbound_branch"],
    [{ _tag: "Dispatched", started: null }, "unseen", null]
  ] as const)("an outcome that started no known run: %j", (what, state, reason) => {
    assert.deepInclude(edge("a", outcome("a", what)), { state, reason, started: null, result: null })
  })

  it("a lost run has no end that can be learned, until it has one", () => {
    const lost = result("a", { _tag: "Lost", message: "deleted" })
    assert.deepInclude(edge("a", outcome("a"), lost), { state: "unseen", result: { _tag: "Lost", message: "deleted" } })
    assert.deepInclude(edge("a", outcome("a"), lost, result("a", completed(1, "success"))), { state: "succeeded" })
  })

  it("has 100 edges at most, what failed first, and counts all", () => {
    const names = Array.from({ length: 120 }, (_, index) => `t${index}`)
    const facts = [
      ...[accepted, ...plan([...names.map(allowed), denied("a")]), outcome("t119")],
      ...[outcome("t118"), result("t118", completed(1, "timed_out"))]
    ]
    const { edges, moreEdges, states } = node(facts) ?? assert.fail("the run is part of a chain")
    assert.deepStrictEqual([edges.length, moreEdges], [100, 21])
    assert.deepStrictEqual([edges[0]?.state, edges[1]?.state], ["failed", "open"])
    assert.deepStrictEqual(states, { failed: 1, open: 118, running: 1, refused: 1, unseen: 0, succeeded: 0 })
    const { message } = node([accepted, ...plan([denied("a")])])?.edges[0] ?? assert.fail("a denial is an edge")
    assert.strictEqual(message?.length, 300)
  })

  it.prop("is the same in whatever order and however often facts come", [Schema.Int], ([seed]) => {
    const chance = new Chance(seed)
    const outcomes: readonly [Outcome, ...ReadonlyArray<Outcome>] = [
      { _tag: "Dispatched", started },
      { _tag: "Dispatched", started: null },
      { _tag: "Failed", code: "not_found", message: "gone" },
      { _tag: "Unknown", message: "lost answer" }
    ]
    const results: ReadonlyArray<RunResult> = [
      { _tag: "Lost", message: "deleted" },
      completed(1, "failure"),
      completed(2, "success"),
      completed(3, "cancelled")
    ]
    const names = ["a", "b", "c", "d"]
    const all = [
      ...[accepted, ...plan(names.map((name) => (chance.happens(0.8) ? allowed(name) : denied(name))))],
      ...[replayRequested({ ...acceptance, generation: 1 }, { by: "me", at: iso(60) }, publisher)],
      ...names.flatMap((name) => [outcome(name, chance.pick(outcomes)), ...results.map((one) => result(name, one))])
    ]
    const [first = accepted, ...others] = all.filter(() => chance.happens(0.7))
    const expected = node([first, ...others])
    const repeated = [first, ...others].flatMap((fact) => (chance.happens(0.3) ? [fact, fact] : [fact]))
    assert.deepStrictEqual(node(chance.shuffled(repeated)), expected)
    if (expected !== undefined) {
      assert.deepStrictEqual(Schema.decodeUnknownSync(ChainNode)(JSON.parse(JSON.stringify(expected))), expected)
    }
  })
})
