/**
 * Scenario files: defaults, and errors that say what to mend.
 */

import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { decodeScenario, loadScenario } from "../../src/sandbox/Scenario.ts"

const app = { id: 1, slug: "app", webhookSecret: "s" }

describe("a scenario", () => {
  it.effect("has sensible defaults", () =>
    Effect.gen(function* () {
      const scenario = yield* decodeScenario({
        app,
        installations: [{ id: 1, account: "acme" }],
        repositories: [{ name: "acme/one" }]
      })
      assert.deepInclude(scenario, { returnRunDetails: "supported", tokenLifetimeSeconds: 3600, faults: [] })
      assert.deepInclude(scenario.installations[0], {
        accountType: "Organization",
        repositories: "all",
        suspended: false
      })
      assert.deepInclude(scenario.repositories[0], {
        defaultBranch: "main",
        private: true,
        actions: true,
        issues: true
      })
    })
  )

  it.effect("is refused with every problem and its place", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        decodeScenario(
          { app: { ...app, id: "x", extra: 1 }, installations: [], repositories: [{ name: "no-owner" }] },
          "demo.yml"
        )
      )
      assert.match(error.message, /^The sandbox scenario demo\.yml cannot be used:/)
      assert.match(error.message, /app\.id: /)
      assert.match(error.message, /app\.extra: /)
      assert.match(error.message, /repositories\.0\.name: Expected a repository as owner\/name/)
    })
  )

  it.effect("is refused when it contradicts itself", () =>
    Effect.gen(function* () {
      const { problems } = yield* Effect.flip(
        decodeScenario({
          app,
          installations: [
            { id: 1, account: "acme", repositories: ["absent"] },
            { id: 1, account: "ACME" }
          ],
          repositories: [{ name: "acme/one" }, { name: "Acme/One" }]
        })
      )
      assert.deepStrictEqual(problems, [
        "repositories: Acme/One is listed twice",
        "installations: ACME has two installations, GitHub allows one per account",
        "installations: id 1 is used twice",
        "installations: acme selects absent, but there is no repository acme/absent"
      ])
    })
  )

  it.effect("is read from YAML", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* files.makeTempDirectoryScoped()}/scenario.yml`
      const text = [
        "app: { id: 1, slug: app, webhookSecret: s }",
        "installations: [{ id: 7, account: acme, repositories: [one] }]",
        "repositories:",
        "  - name: acme/one",
        "    files:",
        "      dispatching.yml: |",
        "        outbound: []",
        "faults:",
        "  - { path: /graphql, answer: { status: 502 }, times: 2 }"
      ].join("\n")
      yield* files.writeFileString(path, text)
      const scenario = yield* loadScenario(path)
      assert.strictEqual(scenario.repositories[0]?.files["dispatching.yml"], "outbound: []\n")
      yield* files.writeFileString(path, "app: [\n")
      const broken = yield* Effect.flip(loadScenario(path))
      assert.match(broken.problems.join(), /line 2/)
      const missing = yield* Effect.flip(loadScenario(`${path}.gone`))
      assert.strictEqual(missing.origin, `${path}.gone`)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
