/**
 * What every layer of Workflows keeps to. To hold one of your own to it, let its GitHub have {@link givenWorkflows}:
 *
 *     workflowsContract("my workflows", myWorkflowsLayer, realTime)
 *
 * All tests share the layer; each looks at a workflow of its own, or only at what it started.
 */
import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer, Option } from "effect"
import { RepositoryName, WorkflowFile } from "../../domain/Names.ts"
import { chainOf, type Order, orderId } from "../../domain/Order.ts"
import { DeliveryId, GitHubId, type SourceRun } from "../../domain/SourceRun.ts"
import { Workflows } from "../../ports/Workflows.ts"
import { acmeInstallation } from "./ConfigSource.ts"
import type { ContractTime } from "./Time.ts"

/**
 * What the suite starts: workflows of `acme/deploy` with `on: workflow_dispatch` and an optional input `sha`, on the branches `main` and
 * `next`. The App's installation on `acme` has the id of {@link acmeInstallation}.
 */
export const givenWorkflows = {
  repository: RepositoryName.make("acme/deploy"),
  workflows: ["one.yml", "two.yml", "three.yml", "four.yml"].map((file) => WorkflowFile.make(file)),
  branches: ["main", "next"]
} as const

const source: SourceRun = {
  repository: RepositoryName.make("acme/shop"),
  repositoryId: GitHubId.make("1"),
  installationId: acmeInstallation.installationId,
  defaultBranch: "main",
  workflow: WorkflowFile.make("ci.yml"),
  runId: GitHubId.make("1"),
  attempt: 1,
  branch: "main",
  sha: "a".repeat(40),
  event: "push",
  conclusion: "success",
  actor: "octocat",
  url: "https://github.com/acme/shop/actions/runs/1",
  fork: false
}

const orderFor = (workflow: string, ref = "main"): Order => {
  const target = { repository: givenWorkflows.repository, workflow: WorkflowFile.make(workflow), ref }
  return {
    id: orderId(source, target),
    deliveryId: DeliveryId.make("0b989ba4-242f-11e5-81e1-c7b6966d2516"),
    run: source,
    target,
    inputs: { sha: source.sha },
    chain: chainOf(source),
    acceptedAt: "2026-03-01T12:00:00.000Z",
    generation: 0
  }
}

const start = (order: Order) => Workflows.use((workflows) => workflows.start(order, () => true))
const find = (order: Order, since: DateTime.Utc) =>
  Workflows.use((workflows) => workflows.findStarted(order, DateTime.toEpochMillis(since)))

/** Longer than a list may be imprecise. */
const awhile = { minutes: 1 }

/** Registers the contract's tests for a layer of Workflows. */
export const workflowsContract = <E>(
  name: string,
  workflowsLayer: Layer.Layer<Workflows, E>,
  time: Pick<ContractTime, "virtual">
): void =>
  layer(workflowsLayer, { excludeTestServices: !time.virtual, timeout: "60 seconds" })(
    `Workflows contract: ${name}`,
    (it) => {
      it.effect("starts a workflow anew each time, and names which run that is, or that it is unknown", () =>
        Effect.gen(function* () {
          const runs = [yield* start(orderFor("one.yml")), yield* start(orderFor("one.yml"))].filter(
            (run) => run !== null
          )
          assert.strictEqual(new Set(runs.map(({ id }) => id)).size, runs.length)
          for (const { id, url } of runs) assert.include(url, String(id))
        })
      )
      it.effect("finds what it started for the workflow on the ref, oldest first, and nothing else", () =>
        Effect.gen(function* () {
          const since = yield* DateTime.now
          const first = yield* start(orderFor("two.yml"))
          yield* start(orderFor("two.yml", "next"))
          const second = yield* start(orderFor("two.yml"))
          const found = yield* find(orderFor("two.yml"), since)
          assert.strictEqual(found.length, 2)
          if (first !== null && second !== null) assert.deepStrictEqual(found, [first, second])
          assert.strictEqual((yield* find(orderFor("two.yml", "next"), since)).length, 1)
          assert.deepStrictEqual(yield* find(orderFor("three.yml"), since), [])
        })
      )
      it.effect("finds what was started since then, and nothing from before", () =>
        Effect.gen(function* () {
          const order = orderFor("four.yml")
          const now = yield* DateTime.now
          yield* start(order)
          assert.strictEqual((yield* find(order, DateTime.subtract(now, awhile))).length, 1)
          assert.deepStrictEqual(yield* find(order, DateTime.add(now, awhile)), [])
        })
      )
      it.effect("says nothing of the end of a run that goes on, and that what was never started is not found", () =>
        Effect.gen(function* () {
          const order = orderFor("one.yml")
          const run = yield* start(order)
          const ending = (id: GitHubId) => Workflows.use((workflows) => workflows.ending(order, id))
          if (run !== null) assert.isTrue(Option.isNone(yield* ending(run.id)))
          const error = yield* Effect.flip(ending(GitHubId.make("99999999999999")))
          assert.strictEqual(error.reason._tag, "NotFound")
        })
      )
      it.effect("sends nothing that must not be sent any more, and says that nothing was done", () =>
        Effect.gen(function* () {
          const order = orderFor("three.yml")
          const since = yield* DateTime.now
          const error = yield* Effect.flip(Workflows.use((workflows) => workflows.start(order, () => false)))
          assert.strictEqual(error.reason._tag, "Unavailable")
          assert.deepStrictEqual(yield* find(order, since), [])
        })
      )
    }
  )
