/** Chains of dispatches are bounded in depth and in starts, whatever the graph of workflows that start each other. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { Fact } from "../../src/domain/Fact.ts"
import { foldRun, runOf } from "../../src/domain/RunFold.ts"
import { plan } from "../../src/flow/Plan.ts"
import { StartedWorkflows } from "../../src/testing/fakes/Workflows.ts"
import { Chance } from "../fixtures/Chance.ts"
import { policy } from "../fixtures/Plans.ts"
import { type RunOverrides, sourceRun } from "../fixtures/Runs.ts"
import { deliver, facts, planMessage, scenario, set, untilQuiet, workers } from "./Harness.ts"
import { ordersOf, planOf } from "./Plans.ts"

const everybody = [{ source: { repository: "*", workflow: "ci.yml" }, targets: [{ workflow: "ci.yml" }] }]
const starting = (...repositories: ReadonlyArray<string>) => ({
  inbound: everybody,
  ...(repositories.length === 0
    ? {}
    : {
        outbound: [
          {
            source: { workflow: "ci.yml" },
            targets: repositories.map((repository) => ({ repository, workflow: "ci.yml" }))
          }
        ]
      })
})
const idOf = (name: string) => 1 + Number(name.slice(1))

/** A run as GitHub delivers it that an order started. */
const startedRun = (run: RunOverrides) => sourceRun({ event: "workflow_dispatch", ...run })

/** Delivers the run of `acme/r0`, and every run that was started because of it, until nothing is left; those of `failing` fail. */
const followed = Effect.fnUntraced(function* (failing?: string) {
  yield* workers
  yield* deliver(sourceRun({ repository: "acme/r0", repositoryId: 1, runId: 1 }))
  let done = 0
  while (true) {
    yield* untilQuiet
    const all = yield* StartedWorkflows.use(({ all }) => all)
    if (all.length === done) return all
    for (const { order, run } of all.slice(done)) {
      const [, name = ""] = order.target.repository.split("/")
      const conclusion = name === failing ? "failure" : "success"
      const { repository } = order.target
      yield* deliver(startedRun({ repository, repositoryId: idOf(name), runId: run.id, conclusion }))
    }
    done = all.length
  }
})

const codes = Effect.map(
  Effect.suspend(() => facts("dispatch.target.denied")),
  (denied) => new Set(denied.map(({ data }) => data.code))
)

describe("a chain of dispatches", () => {
  scenario(
    "becomes as deep as the operators let it, and no deeper",
    Effect.gen(function* () {
      for (let index = 0; index < 5; index++) yield* set(`acme/r${index}`, starting(`r${index + 1}`))
      yield* set("acme/r5", starting())
      const all = yield* followed()
      assert.deepStrictEqual(
        all.map(({ order }) => order.chain.depth),
        [1, 2, 3]
      )
      assert.deepStrictEqual([...new Set(all.map(({ order }) => order.chain.root))], ["1/1/1"])
      assert.strictEqual(all[2]?.order.chain.parent, all[1]?.order.id)
      assert.isTrue((yield* codes).has("chain_too_deep"))
    }),
    { policy: policy({ maxChainDepth: 3 }) }
  )

  scenario(
    "of workflows that all start each other has at most so many starts, besides those of its first run",
    Effect.gen(function* () {
      const names = Array.from({ length: 6 }, (_, index) => `r${index}`)
      for (const name of names) yield* set(`acme/${name}`, starting(...names.filter((other) => other !== name)))
      const all = yield* followed()
      assert.lengthOf(
        all.filter(({ order }) => order.chain.depth === 1),
        5
      )
      assert.lengthOf(
        all.filter(({ order }) => order.chain.depth > 1),
        12
      )
      assert.isTrue((yield* codes).has("chain_too_long"))
    }),
    { policy: policy({ maxChainStarts: 12 }) }
  )

  scenario(
    "of three repositories is read from its facts: each run is a node at the order that started it, and what failed shows",
    Effect.gen(function* () {
      yield* set("acme/r0", starting("r1"))
      yield* set("acme/r1", starting("r2"))
      yield* set("acme/r2", starting())
      yield* followed("r2")
      const published = yield* facts()
      const nodes = [...Map.groupBy(published, runOf).values()]
        .flatMap((about) => foldRun(about as [Fact, ...Array<Fact>]).shown?.node ?? [])
        .toSorted((a, b) => a.depth - b.depth)
      const edges = nodes.flatMap((node) => node.edges)
      assert.deepStrictEqual(
        nodes.map(({ repository, depth, root, conclusion }) => [repository, depth, root, conclusion]),
        [
          ["acme/r0", 0, "1/1/1", "success"],
          ["acme/r1", 1, "1/1/1", "success"],
          ["acme/r2", 2, "1/1/1", "failure"]
        ]
      )
      assert.deepStrictEqual(
        nodes.map(({ parent, cause }) => [parent, cause]),
        [[null, null], ...edges.map(({ orderId }, index) => [orderId, nodes[index]?.run ?? null])]
      )
      assert.deepStrictEqual(
        edges.map(({ state, started, result }) => [state, started?.id, result?._tag]),
        [
          ["succeeded", nodes[1]?.runId, "Completed"],
          ["failed", nodes[2]?.runId, "Completed"]
        ]
      )
    })
  )

  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const chance = new Chance(seed)
    const most = 1 + chance.below(8)
    const depth = 1 + chance.below(4)
    const names = Array.from({ length: 2 + chance.below(4) }, (_, index) => `r${index}`)
    const graph = names.map((name) => [name, names.filter(() => chance.happens(0.6))] as const)
    scenario(
      `keeps both bounds in any graph: ${JSON.stringify({ seed, most, depth, graph })}`,
      Effect.gen(function* () {
        for (const [name, others] of graph) yield* set(`acme/${name}`, starting(...others))
        const all = yield* followed()
        assert.isAtMost(all.filter(({ order }) => order.chain.depth > 1).length, most)
        assert.isAtMost(Math.max(0, ...all.map(({ order }) => order.chain.depth)), depth)
      }),
      { policy: policy({ maxChainStarts: most, maxChainDepth: depth }) }
    )
  }

  scenario(
    "lets the targets have what is left in the order of the file, and plans at one time share it",
    Effect.gen(function* () {
      yield* set("acme/r0", starting("r1", "r2"))
      yield* set("acme/r1", starting("r9", "r3"))
      yield* set("acme/r2", starting("r4", "r5"))
      for (const leaf of ["r3", "r4", "r5", "r9"]) yield* set(`acme/${leaf}`, starting())
      yield* workers
      yield* deliver(sourceRun({ repository: "acme/r0", repositoryId: 1, runId: 1 }))
      yield* untilQuiet
      const [first, second] = yield* StartedWorkflows.use(({ all }) => all)
      const runOf = (name: string, id: number | undefined) =>
        startedRun({ repository: `acme/${name}`, repositoryId: idOf(name), runId: id ?? 0 })
      const runs = [first, second].map((one) =>
        runOf(one?.order.target.repository.split("/")[1] ?? "", one?.run.id as number | undefined)
      )
      yield* Effect.forEach(runs, (run) => plan.handle(planMessage(run)), { concurrency: 2 })
      const plans = yield* Effect.forEach(runs, planOf)
      const allowed = plans.flatMap((one) => one?.decisions.filter(({ _tag }) => _tag === "Allowed") ?? [])
      assert.lengthOf(allowed, 3)
      const cut = plans.find((one) => one?.decisions.some(({ _tag }) => _tag === "Denied"))
      assert.deepStrictEqual(
        cut?.decisions.map(({ _tag }) => _tag),
        ["Allowed", "Denied"]
      )
      yield* TestClock.adjust("1 minute")
      for (const run of runs) yield* plan.handle(planMessage(run))
      assert.lengthOf((yield* Effect.forEach(runs, ordersOf)).flat(), 3)
    }),
    { policy: policy({ maxChainStarts: 3 }) }
  )
})
