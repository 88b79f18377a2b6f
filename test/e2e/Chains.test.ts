/**
 * A chain of three repositories over HTTP: GitHub runs what was started, says how it ended, and the chain is read by its API and followed
 * by the command line. `acme/shop` starts `acme/lib`, that starts `acme/deploy`.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { GitHubId, runKey } from "../../src/domain/SourceRun.ts"
import type { RunConclusion } from "../../src/sandbox/Sandbox.ts"
import type { ScenarioInput } from "../../src/sandbox/Scenario.ts"
import { dispatcher, folder } from "../entry/cli/support.ts"
import { completeAndDeliver, idle } from "./Journeys.ts"
import { scenario, source } from "./Scenarios.ts"
import { Service, world } from "./World.ts"

const token = "the admin token of the end-to-end tests"
const startable = "on: workflow_dispatch"
const started = (repository: string, workflow: string) => ({
  inbound: [{ source: { repository, workflow }, targets: [{ workflow: "cd.yml" }] }]
})
const starting = (...names: ReadonlyArray<string>) => ({
  outbound: [
    {
      source: { workflow: "cd.yml" },
      targets: names.map((name) => ({ repository: name, workflow: "cd.yml" }))
    }
  ]
})
const repository = (name: string, config: object) => ({
  name,
  files: { ".github/workflows/cd.yml": startable, "dispatching.yml": JSON.stringify(config) }
})

/** Three repositories; the runs of each but the first take a moment, and the last one's end is given. `acme/docs` lets no source in. */
const three = (conclusion: RunConclusion): ScenarioInput => {
  const shop = source("acme/shop", [])
  const outbound = [{ source: { workflow: "ci.yml" }, targets: [{ repository: "lib", workflow: "cd.yml" }] }]
  return scenario(
    [
      { ...shop, files: { ...shop.files, "dispatching.yml": JSON.stringify({ outbound }) } },
      repository("acme/lib", { ...started("acme/shop", "ci.yml"), ...starting("deploy", "docs") }),
      repository("acme/deploy", started("acme/lib", "cd.yml")),
      repository("acme/docs", { inbound: [] })
    ],
    {
      startedRuns: {
        default: [{ ends: "later", afterMillis: 300, conclusion: "success" }],
        workflows: [
          {
            repository: "acme/deploy",
            workflow: "cd.yml",
            courses: [{ ends: "later", afterMillis: 1500, conclusion }]
          }
        ]
      }
    }
  )
}

const command = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
  const { url } = yield* Service
  return yield* dispatcher(args, { cwd: yield* folder(), env: { ADMIN_TOKEN: token, DISPATCHER_URL: url } })
})

/** Completes a run of `acme/shop`; its key, its id. */
const begun = Effect.gen(function* () {
  const { payload } = yield* completeAndDeliver()
  const { id } = payload.workflow_run
  const key = runKey({
    repositoryId: GitHubId.make(String(payload.repository.id)),
    runId: GitHubId.make(String(id)),
    attempt: 1
  })
  return { id: String(id), key }
})

const asked = (path: string) =>
  Effect.flatMap(Service, ({ url }) =>
    Effect.promise(async () => {
      const response = await fetch(`${url}/admin/api/${path}`, { headers: { authorization: `Bearer ${token}` } })
      return { status: response.status, body: await response.json() }
    })
  )
const settings = { ADMIN_TOKEN: Redacted.make(token) }

describe("a chain over HTTP", () => {
  it.live("is watched to its end, and fails where its last run did", () =>
    Effect.gen(function* () {
      const { id, key } = yield* begun
      const { code, stdout, stderr } = yield* command("chain", id, "--watch")
      assert.deepStrictEqual([code, stderr], [1, ""])
      assert.match(stdout, /✘ acme\/deploy cd\.yml@main failure .*https?:.*\/actions\/runs\/\d+/)
      assert.match(stdout, /✘ The chain has ended: 3 targets: 1 failed, 1 refused, 1 succeeded\.\n$/)

      yield* idle
      const { status, body } = yield* asked(`chains/${key}`)
      assert.strictEqual(status, 200)
      const { nodes, more } = body as { nodes: ReadonlyArray<Record<string, unknown>>; more: boolean }
      assert.isFalse(more)
      assert.deepStrictEqual(
        nodes.map((node) => [node.repository, node.depth, node.root, node.conclusion]),
        [
          ["acme/shop", 0, key, "success"],
          ["acme/lib", 1, key, "success"],
          ["acme/deploy", 2, key, "failure"]
        ]
      )
      const last = String(nodes[2]?.run)
      const journey = yield* asked(`runs/${last}/journey`)
      assert.deepStrictEqual((journey.body as { chain: unknown }).chain, nodes[2])
      assert.strictEqual((yield* asked(`chains/${last}`)).status, 404)

      const tree = yield* command("chain", String(nodes[1]?.url))
      assert.deepStrictEqual([tree.code, tree.stderr], [0, ""])
      assert.deepStrictEqual(
        tree.stdout.split("\n").map((line) => line.replace(/^(\W* \S+ \S+ [\w:]+).*/, "$1")),
        [
          "✔ acme/shop ci.yml@main success",
          "└─ ✔ acme/lib cd.yml@main success",
          "   ├─ ✘ acme/deploy cd.yml@main failure",
          "   └─ – acme/docs cd.yml@main denied:",
          ""
        ]
      )
    }).pipe(Effect.scoped, Effect.provide(world(three("failure"), settings)))
  )

  it.live("succeeds where all that was started did; a denial counts with --strict only", () =>
    Effect.gen(function* () {
      const { key } = yield* begun
      const { code, stdout } = yield* command("chain", key, "--watch", "--json")
      assert.strictEqual(code, 0)
      assert.lengthOf(JSON.parse(stdout).nodes, 3)
      assert.strictEqual((yield* command("chain", key, "--watch", "--strict")).code, 1)
    }).pipe(Effect.scoped, Effect.provide(world(three("success"), settings)))
  )

  it.live("cannot be shown of a run that nothing is known of, nor of what is no run", () =>
    Effect.gen(function* () {
      const unknown = yield* command("chain", "7")
      assert.strictEqual(unknown.code, 1)
      assert.include(unknown.stderr, "nothing is known of this run's chain")
      for (const args of [["acme/shop"], ["7", "--strict"], []]) {
        assert.strictEqual((yield* command("chain", ...args)).code, 2, args.join(" "))
      }
    }).pipe(Effect.scoped, Effect.provide(world(three("success"), settings)))
  )
})
