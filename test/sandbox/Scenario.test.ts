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

  const later = { ends: "later", afterMillis: 1, conclusion: "success" }
  const endsMessage = "Expected `ends: later`, `ends: beforeAnswer` or `ends: never`"
  it.effect.each([
    ["no course", { default: [] }, "default.0: Missing key"],
    ["a course without an end", { default: [{ conclusion: "success" }] }, `default.0: ${endsMessage}`],
    ["an end that there is not", { default: [later, { ends: "soon" }] }, `default.1: ${endsMessage}`],
    [
      "an end without its time",
      { default: [{ ends: "later", conclusion: "success" }] },
      "default.0.afterMillis: Missing key"
    ],
    [
      "a time before the start",
      { default: [{ ...later, afterMillis: -1 }] },
      "default.0.afterMillis: Expected milliseconds, 0 or more"
    ],
    [
      "a time for an end at once",
      { default: [{ ...later, ends: "beforeAnswer" }] },
      "default.0.afterMillis: Expected no excess property"
    ],
    [
      "a conclusion of what never ends",
      { default: [{ ends: "never", conclusion: "success" }] },
      "default.0.conclusion: Expected no excess property"
    ],
    [
      "a re-run of what never ends",
      { default: [{ ends: "never", rerun: later }] },
      "default.0.rerun: Expected no excess property"
    ],
    [
      "a re-run before the answer",
      { default: [{ ...later, rerun: { ends: "beforeAnswer", conclusion: "success" } }] },
      "default.0.rerun: Expected `ends: later` or `ends: never`"
    ],
    [
      "a workflow by its path",
      { workflows: [{ repository: "acme/one", workflow: ".github/workflows/cd.yml", courses: [later] }] },
      "workflows.0.workflow: Expected a workflow's file name, such as cd.yml"
    ]
  ])("of started runs is refused: %s", ([, startedRuns, problem]) =>
    Effect.gen(function* () {
      const { problems } = yield* Effect.flip(
        decodeScenario({
          app,
          installations: [{ id: 1, account: "acme" }],
          repositories: [{ name: "acme/one" }],
          startedRuns
        })
      )
      assert.deepStrictEqual(problems, [`startedRuns.${problem}`])
    })
  )

  it.effect("of started runs names each workflow once, in a repository that is there", () =>
    Effect.gen(function* () {
      const named = [
        ["acme/one", "cd.yml"],
        ["Acme/One", "cd.yml"],
        ["acme/one", "CD.yml"],
        ["acme/two", "cd.yml"]
      ]
      const workflows = named.map(([repository, workflow]) => ({ repository, workflow, courses: [later] }))
      const { problems } = yield* Effect.flip(
        decodeScenario({
          app,
          installations: [{ id: 1, account: "acme" }],
          repositories: [{ name: "acme/one" }],
          startedRuns: { workflows }
        })
      )
      assert.deepStrictEqual(problems, [
        "startedRuns.workflows: Acme/One cd.yml is listed twice",
        "startedRuns.workflows: there is no repository acme/two"
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
        "startedRuns:",
        "  default: [{ ends: later, afterMillis: 200, conclusion: failure, rerun: { ends: never } }]",
        "faults:",
        "  - { path: /graphql, answer: { status: 502 }, times: 2 }"
      ].join("\n")
      yield* files.writeFileString(path, text)
      const scenario = yield* loadScenario(path)
      assert.strictEqual(scenario.repositories[0]?.files["dispatching.yml"], "outbound: []\n")
      assert.deepStrictEqual(scenario.startedRuns, {
        default: [
          {
            ends: "later",
            queuedMillis: 0,
            afterMillis: 200,
            conclusion: "failure",
            rerun: { ends: "never", startsAfterMillis: 0, queuedMillis: 0 }
          }
        ],
        workflows: []
      })
      yield* files.writeFileString(path, "app: [\n")
      const broken = yield* Effect.flip(loadScenario(path))
      assert.match(broken.problems.join(), /line 2/)
      const missing = yield* Effect.flip(loadScenario(`${path}.gone`))
      assert.strictEqual(missing.origin, `${path}.gone`)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
