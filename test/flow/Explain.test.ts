import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import type { ConfigAnswer } from "../../src/domain/Config.ts"
import { explain, layerPasted } from "../../src/flow/Explain.ts"
import { layerSettings } from "../../src/flow/Settings.ts"
import { ConfigSource } from "../../src/ports/ConfigSource.ts"
import { GitHubError, Unavailable } from "../../src/ports/GitHubError.ts"
import { layerMemory } from "../../src/testing/fakes/ConfigSource.ts"
import { absent, found, invalid } from "../fixtures/Configs.ts"
import { repository } from "../fixtures/Runs.ts"

const shop = repository("acme/shop")
const deploy = repository("acme/deploy")

const outbound = {
  outbound: [
    {
      source: { workflow: "ci.yml" },
      targets: [
        { repository: "deploy", workflow: "cd.yml", inputs: { sha: "{{ source.sha }}", by: "{{ source.actor }}" } }
      ]
    }
  ]
}
const inbound = {
  inbound: [
    {
      source: { repository: "shop", workflow: "ci.yml" },
      targets: [{ workflow: "cd.yml", accept_inputs: ["sha", "by"] }]
    }
  ]
}

const world = (answers: ReadonlyArray<readonly [typeof shop, ConfigAnswer]>, defaultRef = "main") =>
  Layer.merge(layerMemory(new Map(answers)), layerSettings({ policy: { defaultRef } }))

describe("explain", () => {
  it.effect("takes what is not said for an ordinary push to the default branch", () =>
    Effect.gen(function* () {
      const { run, targets } = yield* explain({ repository: shop, workflow: ".github/workflows/ci.yml@refs/heads/x" })
      assert.deepStrictEqual(run, {
        repository: shop,
        workflow: run.workflow,
        branch: "trunk",
        conclusion: "success",
        event: "push",
        fork: false
      })
      assert.strictEqual<string>(run.workflow, "ci.yml")
      assert.strictEqual(targets[0]?.decision._tag, "Allowed")
      assert.strictEqual(targets[0]?.decision.target.ref, "v2")
      assert.deepStrictEqual(targets[0]?.inputs, { sha: "0".repeat(40), by: "octocat" })
    }).pipe(
      Effect.provide(
        world(
          [
            [shop, found(outbound, { defaultBranch: "trunk" })],
            [deploy, found(inbound)]
          ],
          "v2"
        )
      )
    )
  )

  it.effect("says why, with the rule that decided", () =>
    Effect.gen(function* () {
      const supposed = { repository: shop, workflow: "ci.yml" }
      const codes = yield* Effect.forEach(
        [{ branch: "feature" }, { conclusion: "failure" as const }, { fork: true }, {}],
        (about) => explain({ ...supposed, ...about })
      )
      assert.deepStrictEqual(
        codes.map(({ targets, skipped }) => [targets.length, skipped[0]?.check.name]),
        [
          [0, "source_branch"],
          [0, "source_conclusion"],
          [0, "source_fork"],
          [1, undefined]
        ]
      )
      assert.strictEqual(codes[0]?.skipped[0]?.rule.line, 3)
      const denied = codes[3]?.targets[0]
      assert.isNull(denied?.inputs)
      assert.deepNestedInclude(denied?.decision, { "denial.code": "target_config_absent" })
    }).pipe(
      Effect.provide(
        world([
          [shop, found(outbound)],
          [deploy, absent]
        ])
      )
    )
  )

  it.effect("says all that is wrong with a target's config, and with a pasted one that was not asked for", () =>
    Effect.gen(function* () {
      const { configs } = yield* explain({ repository: shop, workflow: "ci.yml" }).pipe(
        Effect.provide(layerPasted(new Map([[repository("Acme/Other"), "inbound: 1\noutbound: 2"]]), "main"))
      )
      assert.deepStrictEqual(
        configs.map(({ repository: name, config }) => [`${name}`, config._tag === "Invalid" && config.issues.length]),
        [
          ["acme/other", 2],
          ["acme/deploy", 3]
        ]
      )
    }).pipe(
      Effect.provide(
        world([
          [shop, found(outbound)],
          [deploy, invalid("one", "two", "three")]
        ])
      )
    )
  )

  it.effect("names the workflows that rules are about, for a misspelt one", () =>
    Effect.gen(function* () {
      const { targets, workflows } = yield* explain({ repository: shop, workflow: "cl.yml" })
      assert.deepStrictEqual({ targets, workflows: [...workflows].map(String) }, { targets: [], workflows: ["ci.yml"] })
    }).pipe(Effect.provide(world([[shop, found(outbound)]])))
  )

  it.effect("keeps absent, invalid and unreachable sources apart", () =>
    Effect.gen(function* () {
      const tags = yield* Effect.forEach(["acme/shop", "acme/deploy", "acme/ghost"], (name) =>
        Effect.map(explain({ repository: repository(name), workflow: "ci.yml" }), ({ config }) => config._tag)
      )
      assert.deepStrictEqual(tags, ["Absent", "Invalid", "Unreachable"])
    }).pipe(
      Effect.provide(
        world([
          [shop, absent],
          [deploy, invalid("no")]
        ])
      )
    )
  )

  it.effect("pasted configs stand for the repositories' own; only the others are asked for", () =>
    Effect.gen(function* () {
      const explanation = yield* explain({ repository: shop, workflow: "ci.yml" }).pipe(
        Effect.provide(layerPasted(new Map([[repository("ACME/Shop"), JSON.stringify(outbound)]]), "trunk"))
      )
      assert.strictEqual(explanation.run.branch, "trunk")
      assert.strictEqual(explanation.targets[0]?.decision._tag, "Allowed")
    }).pipe(Effect.provide(world([[deploy, found(inbound)]])))
  )

  it.effect("asks nothing where everything is pasted, and reports what is wrong with it", () => {
    const outOfReach = Layer.succeed(ConfigSource, {
      load: () => Effect.fail(new GitHubError({ operation: "load", reason: new Unavailable({ message: "down" }) }))
    })
    return Effect.gen(function* () {
      const { config } = yield* explain({ repository: shop, workflow: "ci.yml" })
      assert.deepStrictEqual(config._tag === "Invalid" && [config.file, config.issues[0]?.line], ["dispatching.yml", 1])
    }).pipe(
      Effect.provide(
        Layer.merge(
          layerPasted(new Map([[shop, "outbuond: []"]]), "main").pipe(Layer.provide(outOfReach)),
          layerSettings()
        )
      )
    )
  })
})
