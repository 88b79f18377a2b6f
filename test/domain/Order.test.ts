import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { chainOf, Order, orderId, targetKey } from "../../src/domain/Order.ts"
import { runKey } from "../../src/domain/SourceRun.ts"
import { order, sourceRun, target } from "../fixtures/Runs.ts"

describe("orderId", () => {
  const run = sourceRun({ repositoryId: 1, runId: 2, attempt: 3 })

  it("is made of what the order is for", () => {
    assert.strictEqual(runKey(run), "1/2/3")
    assert.strictEqual(orderId(run, target()), "1/2/3/acme/deploy/cd.yml")
  })

  it.each([
    ["another spelling", target({ repository: "Acme/Deploy", workflow: ".github/workflows/CD.yml@main" })],
    ["another ref", target({ ref: "next" })]
  ])("is the same for %s", (_, other) => {
    assert.strictEqual(orderId(run, other), orderId(run, target()))
    assert.strictEqual(targetKey(other), targetKey(target()))
  })

  it("does not depend on what else is known of the run", () => {
    const redelivered = sourceRun({ repositoryId: 1, runId: 2, attempt: 3, repository: "acme/renamed", branch: "x" })
    assert.strictEqual(orderId(redelivered, target()), orderId(run, target()))
  })

  it.each([
    ["re-run", sourceRun({ repositoryId: 1, runId: 2, attempt: 4 }), target()],
    ["run", sourceRun({ repositoryId: 1, runId: 23, attempt: 3 }), target()],
    ["repository", sourceRun({ repositoryId: 12, runId: 2, attempt: 3 }), target()],
    ["target repository", run, target({ repository: "acme/deploy2" })],
    ["target workflow", run, target({ workflow: "cd.yaml" })]
  ])("is another for another %s", (_, otherRun, otherTarget) => {
    assert.notStrictEqual(orderId(otherRun, otherTarget), orderId(run, target()))
  })
})

describe("chainOf", () => {
  const root = sourceRun({ repositoryId: 1, runId: 2 })

  it("begins with a run that nothing of ours started", () => {
    assert.deepStrictEqual<unknown>(chainOf(root), {
      root: "1/2/1",
      depth: 1,
      parent: null,
      lineage: ["acme/app/ci.yml"]
    })
  })

  it("goes on with a run that an order started", () => {
    const parent = order(root, target())
    const started = sourceRun({ repository: "acme/deploy", repositoryId: 7, runId: 8, workflow: "cd.yml" })
    assert.deepStrictEqual<unknown>(chainOf(started, parent), {
      root: "1/2/1",
      depth: 2,
      parent: parent.id,
      lineage: ["acme/app/ci.yml", "acme/deploy/cd.yml"]
    })
  })
})

describe("Order", () => {
  it("survives the way through a queue", () => {
    const before = order(sourceRun({ branch: null, actor: null, conclusion: null }), target(), { sha: "x" })
    const after = Schema.decodeUnknownSync(Order)(JSON.parse(JSON.stringify(before)))
    assert.deepStrictEqual(after, before)
  })
})
