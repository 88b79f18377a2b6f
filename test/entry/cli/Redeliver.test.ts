import { assert, describe, it, layer } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { DeliveryId, GitHubId } from "../../../src/domain/SourceRun.ts"
import { redeliverMissing } from "../../../src/entry/cli/Redeliver.ts"
import { GitHubError, NotFound } from "../../../src/ports/GitHubError.ts"
import * as SandboxModule from "../../../src/sandbox/Sandbox.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import { layerMemory } from "../../../src/testing/fakes/Deliveries.ts"
import { dispatcher, folder, outcomeOf } from "./support.ts"

/** The command publishes no facts, so it need not know what was sent. */
const content = () => Effect.die("what was sent is not asked for")
const attempt = (id: string, guid: string, statusCode: number) => ({
  id: GitHubId.make(id),
  deliveryId: DeliveryId.make(guid),
  at: 0,
  event: "workflow_run",
  action: "completed",
  statusCode
})
const log = [attempt("3", "b", 202), attempt("2", "a", 0), attempt("1", "b", 503)]
const refusal = new GitHubError({ operation: "Deliveries.redeliver", reason: new NotFound({ message: "Not Found" }) })

describe("redeliver", () => {
  it.effect("asks for what never arrived", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const redeliverIt = (id: string) => Effect.sync(() => void asked.push(id))
      const github = layerMemory(() => log, { redeliver: redeliverIt, content })
      const { code, text } = yield* outcomeOf(Effect.provide(redeliverMissing(Duration.hours(1), false), github))
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(asked, ["2"])
      assert.match(text, /✔ a {2}1970-01-01T00:00:00.000Z {2}no answer, 1 attempt/)
      assert.include(text, "1 of 1 are redelivered.")
    })
  )

  it.effect("shows what GitHub refuses, and fails", () =>
    Effect.gen(function* () {
      const github = layerMemory(() => log, { redeliver: () => Effect.fail(refusal), content })
      const { code, text } = yield* outcomeOf(Effect.provide(redeliverMissing(Duration.hours(1), false), github))
      assert.strictEqual(code, 1)
      assert.include(text, "Not Found")
    })
  )
})

const scenario = {
  app: { id: 4711, slug: "dispatcher-app", webhookSecret: "hush", webhookUrl: "http://127.0.0.1:9/away" },
  installations: [],
  repositories: []
}

layer(SandboxModule.layer({ scenario }), { excludeTestServices: true })("dispatcher redeliver", (it) => {
  const env = Effect.map(Sandbox, ({ app, url }) => ({
    GITHUB_APP_ID: String(app.id),
    GITHUB_APP_SLUG: app.slug,
    GITHUB_APP_PRIVATE_KEY: app.privateKeyPem,
    GITHUB_API_URL: url
  }))

  it.effect("lists with --dry-run, and asks without", () =>
    Effect.gen(function* () {
      const { deliver, requests } = yield* Sandbox
      const { guid } = yield* deliver({ action: "completed" })
      const started = { cwd: yield* folder(), env: yield* env }
      const posts = Effect.map(requests, (all) => all.filter(({ method }) => method === "POST").length)
      const listed = yield* dispatcher(["redeliver", "--dry-run"], started)
      assert.deepStrictEqual([listed.code, listed.stderr], [0, ""])
      assert.include(listed.stdout, guid)
      assert.strictEqual(yield* posts, 0)
      const asked = yield* dispatcher(["redeliver", "--since", "90m"], started)
      assert.strictEqual(asked.code, 0)
      assert.strictEqual(yield* posts, 1)
    })
  )

  it.effect("further back than GitHub goes is wrong usage", () =>
    Effect.gen(function* () {
      const { code, stderr } = yield* dispatcher(["redeliver", "--since", "4d"], { cwd: yield* folder() })
      assert.strictEqual(code, 2)
      assert.include(stderr, "at most 3d")
    })
  )
})
