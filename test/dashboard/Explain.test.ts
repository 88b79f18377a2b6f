/** `POST /admin/api/explain`: the rules asked about what has not happened, for a page or a tool. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { Explanation } from "../../src/domain/Explanation.ts"
import { ConfigSource } from "../../src/ports/ConfigSource.ts"
import { GitHubError, Unavailable } from "../../src/ports/GitHubError.ts"
import { layerMemory } from "../../src/testing/fakes/ConfigSource.ts"
import { found } from "../fixtures/Configs.ts"
import { repository } from "../fixtures/Runs.ts"
import { bearer, bodyOf, dashboard, explainPath } from "./support.ts"

const run = { repository: "acme/shop", workflow: "ci.yml" }
const outbound = "outbound: [{source: {workflow: ci.yml}, targets: [{repository: deploy, workflow: cd.yml}]}]"
const inbound = "inbound: [{source: {repository: shop, workflow: ci.yml}, targets: [{workflow: cd.yml}]}]"

const posted = (body: unknown): RequestInit => ({
  method: "POST",
  body: JSON.stringify(body),
  headers: { ...bearer().headers, "content-type": "application/json" }
})
const decode = Schema.decodeUnknownEffect(Explanation)

const outOfReach = Layer.succeed(ConfigSource, {
  load: () => Effect.fail(new GitHubError({ operation: "load", reason: new Unavailable({ message: "down" }) }))
})

describe("explain", () => {
  it.effect("reads GitHub's configs, pasted ones first", () =>
    Effect.gen(function* () {
      const { ask, calls } = yield* dashboard({
        configs: layerMemory(new Map([[repository("acme/deploy"), found(inbound)]]))
      })
      const response = yield* ask(
        explainPath,
        posted({ run, configs: { "Acme/Shop": outbound }, defaultBranch: "trunk" })
      )
      assert.strictEqual(response.status, 200)
      const explanation = yield* decode(yield* bodyOf(response))
      assert.strictEqual(explanation.run.branch, "trunk")
      assert.deepStrictEqual(
        explanation.targets.map(({ decision }) => decision._tag),
        ["Allowed"]
      )
      assert.deepStrictEqual(calls, [])
    })
  )

  it.effect("a pasted config that is not valid is answered with its problems", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard({ configs: outOfReach })
      const response = yield* ask(explainPath, posted({ run, configs: { "acme/shop": "outbuond: []" } }))
      const { config } = yield* decode(yield* bodyOf(response))
      assert.deepStrictEqual(config._tag === "Invalid" && config.issues[0]?.path, "outbuond")
    })
  )

  it.effect("GitHub being out of reach is 503, and says so", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard({ configs: outOfReach })
      const response = yield* ask(explainPath, posted({ run }))
      assert.strictEqual(response.status, 503)
      assert.deepInclude(yield* bodyOf(response), { _tag: "GitHubUnavailable" })
    })
  )

  it.effect("what is not a run, and too many configs, are refused by name", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`acme/r${index}`, ""]))
      const wrong = [
        { run: { ...run, repository: "shop" } },
        { run: { ...run, conclusion: "great" } },
        { run, configs: many },
        { run, configs: { shop: "" } },
        {},
        []
      ]
      const statuses = yield* Effect.forEach(wrong, (body) =>
        Effect.map(ask(explainPath, posted(body)), ({ status }) => status)
      )
      assert.deepStrictEqual(statuses, [400, 400, 400, 400, 400, 400])
      assert.deepInclude(yield* bodyOf(yield* ask(explainPath, posted({ run: { repository: "shop" } }))), {
        _tag: "InvalidParameter"
      })
    })
  )

  it.effect("takes a body of 1 MiB, and no more, whether its size is given or not", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const large = { ...posted({ run }), body: JSON.stringify({ run }).padEnd(1024 * 1024 + 1) }
      const whole = { ...posted({ run }), body: JSON.stringify({ run }).padEnd(1024 * 1024) }
      assert.strictEqual((yield* ask(explainPath, large)).status, 413)
      assert.notStrictEqual((yield* ask(explainPath, whole)).status, 413)
      const streamed = { ...large, body: new Blob([large.body]).stream(), duplex: "half" } as RequestInit
      assert.strictEqual((yield* ask(explainPath, streamed)).status, 413)
    })
  )

  it.effect("a body that is no JSON, or does not say so, is refused with a sentence", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const cut = yield* ask(explainPath, { ...posted({}), body: "{" })
      assert.strictEqual(cut.status, 400)
      assert.deepStrictEqual(yield* bodyOf(cut), {
        _tag: "InvalidParameter",
        message: "body: Expected a valid JSON body",
        parameters: [{ name: "body", message: "Expected a valid JSON body" }]
      })
      const { headers } = bearer()
      const text = yield* ask(explainPath, {
        method: "POST",
        headers: { ...headers, "content-type": "text/plain" },
        body: "{}"
      })
      assert.strictEqual(text.status, 415)
      assert.deepStrictEqual(yield* bodyOf(text), {
        _tag: "UnsupportedMediaType",
        message: "the body must be application/json, and its Content-Type must say so"
      })
    })
  )

  it.effect("needs the token", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      assert.strictEqual((yield* ask(explainPath, { method: "POST", body: "{}" })).status, 401)
    })
  )
})
