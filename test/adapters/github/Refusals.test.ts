/** Rights that may be on their way, limits of one installation, and limits on content: through Installations, by played answers. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Installations } from "../../../src/adapters/github/Installations.ts"
import type { Call } from "../../../src/adapters/github/Requests.ts"
import { GitHubId } from "../../../src/domain/SourceRun.ts"
import { json, overFetch, played, reasonOfFailure, tokenAnswer } from "./support.ts"

const call = (about: string, api: Call<string>["api"] = "rest"): Call<string> => ({
  operation: "Test.call",
  api,
  repeat: "harmful",
  about,
  send: (request) => request("POST /thing/{about}", { about }),
  read: () => Effect.succeed("done")
})

const noRight = () => json(403, { message: "Resource not accessible by integration" })
const limited = () => json(403, { message: "You have exceeded a secondary rate limit." }, { "retry-after": "60" })

/** A GitHub that gives tokens by number, and answers the rest by `answer`. */
const hub = (answer: (path: string, token: number) => Response, token?: (path: string) => Response | undefined) => {
  let tokens = 0
  const { fetch, requests } = played((request) => {
    const { pathname } = new URL(request.url)
    if (pathname.endsWith("/access_tokens")) {
      tokens += 1
      return token?.(pathname) ?? tokenAnswer(`token-${tokens}`, 360_000)
    }
    return answer(pathname, Number(request.headers.get("authorization")?.split("-")[1]))
  })
  const count = (end: string) => requests.filter(({ url }) => url.endsWith(end)).length
  return { layer: overFetch(fetch), count }
}

const ask = (about: string, installation = 7, api: Call<string>["api"] = "rest") =>
  Installations.use((installations) => installations.call(GitHubId.make(String(installation)), call(about, api)))

describe("a right that is missing", () => {
  it.effect("is final after a minute of refusals, with a new token each time, and not before", () => {
    const { layer, count } = hub(noRight)
    return Effect.gen(function* () {
      for (const wait of [10_000, 20_000, 30_000]) {
        const reason = yield* reasonOfFailure(ask("a"))
        assert.strictEqual(reason._tag === "Unavailable" && reason.retryAfter, wait)
        yield* TestClock.adjust(wait)
      }
      assert.strictEqual((yield* reasonOfFailure(ask("a")))._tag, "Forbidden")
      assert.strictEqual(count("/access_tokens"), 4)
      const other = yield* reasonOfFailure(ask("b"))
      assert.strictEqual(other._tag, "Unavailable", "another thing has a minute of its own")
    }).pipe(Effect.provide(layer))
  })

  it.effect("that was granted since is there with a new token, at once", () => {
    const { layer } = hub((_, token) => (token > 1 ? json(200, {}) : noRight()))
    return Effect.gen(function* () {
      yield* Effect.exit(ask("a"))
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* ask("a"), "done")
    }).pipe(Effect.provide(layer))
  })

  it.effect("starts anew once it was there, and after a while without a request", () => {
    let granted = false
    const { layer } = hub(() => (granted ? json(200, {}) : noRight()))
    return Effect.gen(function* () {
      yield* reasonOfFailure(ask("a"))
      granted = true
      yield* TestClock.adjust("2 minutes")
      yield* ask("a")
      granted = false
      assert.strictEqual((yield* reasonOfFailure(ask("a")))._tag, "Unavailable")
      yield* TestClock.adjust("11 minutes")
      assert.strictEqual((yield* reasonOfFailure(ask("a")))._tag, "Unavailable")
    }).pipe(Effect.provide(layer))
  })

  it.effect("is not final at once where the App asks for an account's installation", () => {
    const { layer } = hub(noRight)
    const find = Installations.use((installations) => installations.find("acme", "acme"))
    return Effect.gen(function* () {
      assert.strictEqual((yield* reasonOfFailure(find))._tag, "Unavailable")
      yield* TestClock.adjust("61 seconds")
      assert.strictEqual((yield* reasonOfFailure(find))._tag, "Forbidden")
    }).pipe(Effect.provide(layer))
  })

  it.effect("is not what other refusals are: they are final at once", () => {
    const { layer } = hub(() => json(403, { message: "Repository was archived so is read-only." }))
    return Effect.gen(function* () {
      assert.strictEqual((yield* reasonOfFailure(ask("a")))._tag, "Forbidden")
    }).pipe(Effect.provide(layer))
  })
})

describe("limits", () => {
  it.effect("on content hold up content only", () => {
    const { layer, count } = hub((path) => (path.endsWith("/issue") ? limited() : json(200, {})))
    return Effect.gen(function* () {
      assert.strictEqual((yield* reasonOfFailure(ask("issue", 7, "content")))._tag, "RateLimited")
      assert.strictEqual((yield* reasonOfFailure(ask("issue", 7, "content")))._tag, "RateLimited")
      assert.strictEqual(count("/issue"), 1, "GitHub is left alone")
      assert.strictEqual(yield* ask("start"), "done")
    }).pipe(Effect.provide(layer))
  })

  it.effect("on one installation's tokens hold up no other's", () => {
    const { layer } = hub(
      () => json(200, {}),
      (path) => (path.includes("/7/") ? limited() : undefined)
    )
    return Effect.gen(function* () {
      assert.strictEqual((yield* reasonOfFailure(ask("a", 7)))._tag, "RateLimited")
      assert.strictEqual(yield* ask("a", 8), "done")
    }).pipe(Effect.provide(layer))
  })
})
