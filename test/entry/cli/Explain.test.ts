import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Explanation } from "../../../src/domain/Explanation.ts"
import { explainRun } from "../../../src/entry/cli/Explain.ts"
import * as SandboxModule from "../../../src/sandbox/Sandbox.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import { repository } from "../../fixtures/Runs.ts"
import { dispatcher, folder, outcomeOf } from "./support.ts"

const shopFile = `outbound:
  - source: { workflow: ci.yml }
    targets:
      - { repository: deploy, workflow: cd.yml, inputs: { sha: "{{ source.sha }}" } }
      - { repository: payments, workflow: cd.yml }
`
const deployFile = `inbound:
  - source: { repository: shop, workflow: ci.yml }
    targets: [{ workflow: cd.yml, accept_inputs: [sha] }]
`
const paymentsFile = deployFile.replace("shop", "billing")
const files = {
  "acme/shop/dispatching.yml": shopFile,
  "acme/deploy/dispatching.yml": deployFile,
  "acme/payments/.github/dispatching.yml": paymentsFile
}
const supposed = { repository: repository("acme/shop"), workflow: "ci.yml" }
const options = { defaultRef: undefined, format: "text" } as const

describe("explain", () => {
  it.effect("says what is there in the place of the file", () =>
    Effect.gen(function* () {
      const path = yield* folder({ "acme/shop/dispatching.yaml": shopFile })
      const { code, text } = yield* outcomeOf(explainRun(supposed, { ...options, folder: path }))
      assert.strictEqual(code, 1)
      assert.include(text, "acme/shop has no dispatching.yml.\n")
      assert.include(text, "dispatching.yaml is there, but is not read: rename it to dispatching.yml.")
    })
  )

  it.effect("says rule by rule why, from files", () =>
    Effect.gen(function* () {
      const { code, text } = yield* outcomeOf(explainRun(supposed, { ...options, folder: yield* folder(files) }))
      assert.strictEqual(code, 0)
      assert.include(text, "ci.yml of acme/shop on main, started by push, ends with success")
      assert.include(text, "✔ acme/deploy cd.yml@main would be started")
      assert.include(text, `    input sha=${"0".repeat(40)}`)
      assert.match(
        text,
        /✔ inputs_not_accepted +expected sha; found sha {2}\(acme\/deploy dispatching\.yml:3 inbound\[0\]/
      )
      assert.include(text, "✘ acme/payments cd.yml@main would be denied: inbound_not_allowed")
      assert.include(text, "No inbound rule in .github/dispatching.yml of acme/payments says")
    })
  )

  it.effect("takes the run to be created now", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 10, 2, 8, 15, 27, 431))
      const shop = shopFile.replace("{{ source.sha }}", "{{ source.created_at }}")
      const at = { ...options, folder: yield* folder({ ...files, "acme/shop/dispatching.yml": shop }) }
      const { text } = yield* outcomeOf(explainRun(supposed, at))
      assert.include(text, "    input sha=2026-11-02T08:15:27Z")
    })
  )

  it.effect("what strangers wrote cannot move the cursor", () =>
    Effect.gen(function* () {
      const hostile = shopFile.replace("workflow: ci.yml", 'workflow: ci.yml, branches: ["\\e[2J"]')
      const at = { ...options, folder: yield* folder({ ...files, "acme/shop/dispatching.yml": hostile }) }
      const { text } = yield* outcomeOf(explainRun({ ...supposed, branch: "a\u001b[31m" }, at))
      assert.notInclude(text, "\u001b")
    })
  )

  it.effect("prints for tools what its schema says", () =>
    Effect.gen(function* () {
      const at = { ...options, folder: yield* folder(files), format: "json", defaultRef: "v1" } as const
      const { text } = yield* outcomeOf(explainRun(supposed, at))
      const { targets } = Schema.decodeUnknownSync(Schema.fromJsonString(Explanation))(text)
      assert.deepStrictEqual(
        targets.map(({ decision }) => [decision._tag, decision.target.ref]),
        [
          ["Allowed", "v1"],
          ["Denied", "v1"]
        ]
      )
    })
  )

  it.effect("prints for tools the rules that are skipped", () =>
    Effect.gen(function* () {
      const at = { ...options, folder: yield* folder(files), format: "json" } as const
      const { text } = yield* outcomeOf(explainRun({ ...supposed, branch: "x" }, at))
      const { targets, skipped } = Schema.decodeUnknownSync(Schema.fromJsonString(Explanation))(text)
      assert.deepStrictEqual(targets, [])
      assert.deepStrictEqual([...new Set(skipped.map(({ check }) => check.name))], ["source_branch"])
    })
  )

  it.effect("a source config that cannot be used is a problem; a workflow without rules is none", () =>
    Effect.gen(function* () {
      const at = { ...options, folder: yield* folder({ ...files, "acme/bad/dispatching.yml": "outbuond: []" }) }
      const bad = yield* outcomeOf(explainRun({ ...supposed, repository: repository("acme/bad") }, at))
      assert.strictEqual(bad.code, 1)
      assert.include(bad.text, 'dispatching.yml:1:1: unknown key "outbuond"')
      const ghost = yield* outcomeOf(explainRun({ ...supposed, repository: repository("acme/ghost") }, at))
      assert.strictEqual(ghost.code, 1)
      assert.include(ghost.text, "cannot be read: there is no folder")
      const misspelt = yield* outcomeOf(explainRun({ ...supposed, workflow: "cl.yml" }, at))
      assert.strictEqual(misspelt.code, 0)
      assert.include(
        misspelt.text,
        "No outbound rule of acme/shop is about cl.yml: the outbound rules are about ci.yml."
      )
    })
  )
})

const scenario = {
  app: { id: 4711, slug: "dispatcher-app", webhookSecret: "hush-hush" },
  installations: [{ id: 101, account: "acme" }],
  repositories: [
    { name: "acme/shop", files: { "dispatching.yml": shopFile } },
    { name: "acme/deploy", files: { "dispatching.yml": deployFile } },
    { name: "acme/payments", files: { ".github/dispatching.yml": paymentsFile } }
  ]
}

layer(SandboxModule.layer({ scenario }), { excludeTestServices: true })("dispatcher explain", (it) => {
  it.effect("asks GitHub as the App, with what .env says, and changes nothing", () =>
    Effect.gen(function* () {
      const { app, url, requests } = yield* Sandbox
      const env = [
        `GITHUB_APP_ID=${app.id}`,
        `GITHUB_APP_PRIVATE_KEY="${app.privateKeyPem.trim().replaceAll("\n", "\\n")}"`,
        `GITHUB_API_URL=${url}`
      ].join("\n")
      const cwd = yield* folder({ ".env": env })
      const { code, stdout, stderr } = yield* dispatcher(["explain", "--source", "acme/shop", "--workflow", "ci.yml"], {
        cwd
      })
      assert.deepStrictEqual([code, stderr], [0, ""])
      assert.include(stdout, "✔ acme/deploy cd.yml@main would be started")
      const changing = (yield* requests).filter(
        ({ method, path }) => method !== "GET" && path !== "/graphql" && !path.endsWith("/access_tokens")
      )
      assert.deepStrictEqual(changing, [])
    })
  )

  it.effect("names every credential that is missing", () =>
    Effect.gen(function* () {
      const args = ["explain", "--source", "acme/shop", "--workflow", "ci.yml"]
      const { code, stderr } = yield* dispatcher(args, { cwd: yield* folder() })
      assert.strictEqual(code, 1)
      assert.include(stderr, "--config FOLDER")
      for (const name of ["GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"]) assert.include(stderr, name)
    })
  )

  it.effect("what is no repository and no workflow is wrong usage", () =>
    Effect.gen(function* () {
      const called = (source: string, workflow: string) =>
        Effect.flatMap(folder(), (cwd) =>
          dispatcher(["explain", "--source", source, "--workflow", workflow, "--config", "."], { cwd })
        )
      const shop = yield* called("shop", "ci.yml")
      assert.strictEqual(shop.code, 2)
      assert.include(shop.stderr, "a repository as owner/name")
      const nothing = yield* called("acme/shop", "")
      assert.strictEqual(nothing.code, 2)
      assert.include(nothing.stderr, "--workflow")
    })
  )
})
