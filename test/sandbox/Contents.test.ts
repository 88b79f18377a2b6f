/**
 * A repository and its files over REST.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { bearer, installationClient, rawRequest, refusal, scenario } from "./support.ts"

const source = { owner: "acme", repo: "source" }

layer(Sandbox.layer({ scenario }), { excludeTestServices: true })("contents", (it) => {
  it.effect("gives the repository", () =>
    Effect.gen(function* () {
      const client = yield* installationClient(101)
      const { data } = yield* Effect.promise(() => client.rest.repos.get({ owner: "Acme", repo: "TARGET" }))
      assert.deepInclude(data, {
        id: 424242,
        full_name: "acme/target",
        default_branch: "main",
        private: true,
        archived: false
      })
      assert.deepInclude(data.owner, { login: "acme", type: "Organization" })
    })
  )

  it.effect("gives a file as base64 with its git id, and raw on demand", () =>
    Effect.gen(function* () {
      const client = yield* installationClient(101)
      const { data } = yield* Effect.promise(() => client.rest.repos.getContent({ ...source, path: "dispatching.yml" }))
      assert.isFalse(Array.isArray(data))
      assert.deepInclude(data, {
        type: "file",
        encoding: "base64",
        content: Buffer.from("outbound: []\n").toString("base64"),
        size: 13,
        // `printf 'outbound: []\n' | git hash-object --stdin`
        sha: "31ee86dbe3dc6eca89350c2d1b51b6be848a6106",
        path: "dispatching.yml"
      })
      const raw = yield* Effect.promise(() =>
        client.rest.repos.getContent({ ...source, path: "docs/guide.md", mediaType: { format: "raw" } })
      )
      assert.strictEqual(String(raw.data), "# Guide\n")
    })
  )

  it.effect("lists folders", () =>
    Effect.gen(function* () {
      const client = yield* installationClient(101)
      const list = (path: string) =>
        Effect.promise(async () => {
          const { data } = await client.rest.repos.getContent({ ...source, path })
          return Array.isArray(data) ? data.map((entry) => `${entry.type} ${entry.path}`) : []
        })
      assert.deepStrictEqual(yield* list(""), [
        "dir .github",
        "file big.txt",
        "file dispatching.yml",
        "dir docs",
        "file picture.bin"
      ])
      assert.deepStrictEqual(yield* list(".github/workflows"), ["file .github/workflows/ci.yml"])
    })
  )

  it.effect.each([
    ["missing file", { path: "absent.yml" }, 404, "Not Found"],
    ["missing ref", { path: "big.txt", ref: "gone" }, 404, "No commit found for the ref gone"],
    ["empty repository", { path: "big.txt", repo: "empty" }, 404, "This repository is empty."],
    ["repository out of reach", { path: "big.txt", owner: "globex", repo: "open" }, 404, "Not Found"]
  ] as const)("refuses: %s", ([, change, status, message]) =>
    Effect.gen(function* () {
      const client = yield* installationClient(101)
      const refused = yield* refusal(() => client.rest.repos.getContent({ ...source, ...change }))
      assert.deepStrictEqual(refused, { status, message })
    })
  )

  it.effect("answers 304, free of charge, while nothing has changed", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const authorization = yield* bearer(101)
      const get = (etag: string) =>
        rawRequest("/repos/acme/source/contents/docs/guide.md", {
          headers: { authorization, "user-agent": "test", "if-none-match": etag }
        })
      const first = yield* get('"other"')
      const etag = first.headers.get("etag") ?? ""
      const second = yield* get(`"other", W/${etag}`)
      assert.deepStrictEqual([second.status, second.text], [304, ""])
      assert.strictEqual(second.headers.get("x-ratelimit-remaining"), first.headers.get("x-ratelimit-remaining"))
      yield* sandbox.putFile("acme/source", "docs/guide.md", "# Changed\n")
      const third = yield* get(etag)
      assert.strictEqual(third.status, 200)
      assert.notStrictEqual(third.headers.get("etag"), etag)
    })
  )

  it.effect("follows changes to files, also on other branches", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const client = yield* installationClient(101)
      const get = (path: string, ref?: string) =>
        refusal(() => client.rest.repos.getContent({ owner: "acme", repo: "target", path, ...(ref ? { ref } : {}) }))
      yield* sandbox.putFile("acme/target", "new.txt", "x", "experimental")
      assert.strictEqual((yield* get("new.txt")).status, 404)
      assert.strictEqual((yield* get("new.txt", "experimental")).status, 0)
      yield* sandbox.putFile("acme/target", "new.txt", null, "experimental")
      assert.strictEqual((yield* get("new.txt", "experimental")).status, 404)
      const problem = yield* Effect.flip(sandbox.putFile("acme/target", "x", "y", "gone"))
      assert.strictEqual(problem.message, "The sandbox has no branch gone in acme/target")
    })
  )
})
