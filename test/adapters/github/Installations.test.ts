/**
 * Tokens: how many are asked for, whose they are, and when they are renewed. Installations of accounts: how long they
 * are known.
 */

import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { mostLookups } from "../../../src/adapters/github/InstallationLookup.ts"
import { Installations } from "../../../src/adapters/github/Installations.ts"
import type { Repeat } from "../../../src/adapters/github/Reasons.ts"
import type { Call } from "../../../src/adapters/github/Requests.ts"
import { GitHubId } from "../../../src/domain/SourceRun.ts"
import { NotFound } from "../../../src/ports/GitHubError.ts"
import { json, overFetch, played, reasonOfFailure, tokenAnswer } from "./support.ts"

const call = (repeat: Repeat = "harmless"): Call<string> => ({
  operation: "Test.call",
  api: "rest",
  repeat,
  send: (request) => request("GET /thing"),
  read: ({ data }) => Effect.succeed(String(data))
})

interface Hub {
  /** How long the tokens live, in seconds of the test clock. */
  readonly expiresAt?: number
  /** Whether the token's number, from 1, is accepted. */
  readonly accepts?: (token: number) => boolean
  readonly token?: (count: number) => Response | undefined
  readonly installations?: { readonly [path: string]: () => Response }
}

/** A GitHub that gives out tokens by number and answers `GET /thing` with the token that it got. */
const hub = ({ expiresAt = 3600, accepts = () => true, token, installations = {} }: Hub = {}) => {
  const seen: Array<string> = []
  let tokens = 0
  const { fetch } = played((request) => {
    const { pathname } = new URL(request.url)
    seen.push(pathname)
    if (pathname.endsWith("/access_tokens")) {
      tokens += 1
      return token?.(tokens) ?? tokenAnswer(`token-${tokens}-of${pathname.replace(/\D+/g, "-")}`, expiresAt)
    }
    if (pathname !== "/thing") return installations[pathname]?.() ?? json(404, { message: "Not Found" })
    const used = request.headers.get("authorization")?.replace("token ", "") ?? "none"
    return accepts(Number(used.split("-")[1]))
      ? new Response(used, { headers: { "x-github-request-id": "5A4D:1" } })
      : json(401, { message: "Bad credentials" })
  })
  const count = (end: string) => seen.filter((path) => path.endsWith(end)).length
  return { layer: overFetch(fetch), seen, count }
}

const callTimes = (installationId: number | string, times: number) =>
  Effect.flatMap(Installations, (installations) =>
    Effect.forEach(Array(times).keys(), () => installations.call(GitHubId.make(String(installationId)), call()), {
      concurrency: "unbounded"
    })
  )

describe("a token", () => {
  it.effect("is asked for once, however many want it", () => {
    const { layer, count } = hub()
    return Effect.gen(function* () {
      assert.deepStrictEqual(new Set(yield* callTimes(7, 10)), new Set(["token-1-of-7-"]))
      assert.deepStrictEqual([count("access_tokens"), count("/thing")], [1, 10])
    }).pipe(Effect.provide(layer))
  })

  it.effect("is the installation's own", () => {
    const { layer } = hub()
    return Effect.gen(function* () {
      assert.deepStrictEqual(yield* callTimes(7, 1), ["token-1-of-7-"])
      assert.deepStrictEqual(yield* callTimes(8, 1), ["token-2-of-8-"])
      assert.deepStrictEqual(yield* callTimes(7, 1), ["token-1-of-7-"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("is renewed a minute before it ends", () => {
    const { layer, count } = hub()
    return Effect.gen(function* () {
      yield* callTimes(7, 1)
      yield* TestClock.adjust("58 minutes")
      yield* callTimes(7, 1)
      assert.strictEqual(count("access_tokens"), 1)
      yield* TestClock.adjust("61 seconds")
      yield* callTimes(7, 1)
      assert.strictEqual(count("access_tokens"), 2)
    }).pipe(Effect.provide(layer))
  })

  it.effect("is not kept if it ends within a minute", () => {
    const { layer, count } = hub({ expiresAt: 30 })
    return Effect.gen(function* () {
      yield* callTimes(7, 1)
      yield* callTimes(7, 1)
      assert.strictEqual(count("access_tokens"), 2)
    }).pipe(Effect.provide(layer))
  })

  it.effect("is renewed once, for all, when GitHub refuses it", () => {
    let least = 1
    const { layer, count } = hub({ accepts: (token) => token >= least })
    return Effect.gen(function* () {
      yield* callTimes(7, 1)
      least = 2
      assert.deepStrictEqual(new Set(yield* callTimes(7, 5)), new Set(["token-2-of-7-"]))
      assert.deepStrictEqual([count("access_tokens"), count("/thing")], [2, 11])
    }).pipe(Effect.provide(layer))
  })

  it.live("gets a moment to be known everywhere at GitHub; then the refusal stands", () => {
    const { layer, count } = hub({ accepts: () => false })
    return Effect.gen(function* () {
      assert.strictEqual((yield* reasonOfFailure(callTimes(7, 1)))._tag, "Unauthorized")
      assert.deepStrictEqual([count("access_tokens"), count("/thing")], [2, 3])
    }).pipe(Effect.provide(layer))
  })

  it.effect.each([
    [404, "Not Found", "NotFound: the GitHub App's installation 7 is gone"],
    [403, "This installation has been suspended", "Forbidden: This installation has been suspended"],
    [401, "A JSON web token could not be decoded", "Unauthorized: A JSON web token could not be decoded"],
    [404, "Integration not found", "Unauthorized: Integration not found"]
  ] as const)("is asked for once where GitHub refuses one: %i %s", ([status, message, expected]) => {
    const { layer, seen } = hub({ token: () => json(status, { message }) })
    return Effect.gen(function* () {
      const { reason } = yield* Effect.flip(callTimes(7, 1))
      assert.strictEqual(`${reason._tag}: ${reason.message}`, expected)
      assert.deepStrictEqual(seen, ["/app/installations/7/access_tokens"])
    }).pipe(Effect.provide(layer))
  })

  it.live("that cannot be had leaves nothing in doubt: a write is tried again", () => {
    const { layer, count } = hub({ token: (count) => (count <= 2 ? json(502, "unicorn") : undefined) })
    return Effect.gen(function* () {
      const installations = yield* Installations
      assert.strictEqual(yield* installations.call(GitHubId.make("7"), call("harmful")), "token-3-of-7-")
      assert.deepStrictEqual([count("access_tokens"), count("/thing")], [3, 1])
    }).pipe(Effect.provide(layer))
  })
})

describe("the installation of an account", () => {
  const organisation = { "/orgs/globex/installation": () => json(200, { id: 8 }) }
  const find = (account: string, sourceOwner: string) =>
    Effect.flatMap(Installations, (installations) => installations.find(account, sourceOwner))

  it.effect("takes one request for an organisation, and none for the next hour", () => {
    const { layer, seen } = hub({ installations: organisation })
    return Effect.gen(function* () {
      assert.strictEqual(yield* find("globex", "acme"), "8")
      yield* TestClock.adjust("59 minutes")
      assert.strictEqual(yield* find("Globex", "acme"), "8")
      assert.deepStrictEqual(seen, ["/orgs/globex/installation"])
      yield* TestClock.adjust("2 minutes")
      yield* find("globex", "acme")
      assert.strictEqual(seen.length, 2)
    }).pipe(Effect.provide(layer))
  })

  it.effect("takes two for a user", () => {
    const { layer, seen } = hub({ installations: { "/users/hooli/installation": () => json(200, { id: 9 }) } })
    return Effect.gen(function* () {
      assert.strictEqual(yield* find("hooli", "acme"), "9")
      assert.deepStrictEqual(seen, ["/orgs/hooli/installation", "/users/hooli/installation"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("is asked for again a minute after there was none", () => {
    const { layer, seen } = hub()
    return Effect.gen(function* () {
      const reason = yield* reasonOfFailure(find("absent", "acme"))
      assert.deepStrictEqual(reason, new NotFound({ message: "the GitHub App is not installed on absent" }))
      yield* Effect.flip(find("absent", "acme"))
      assert.strictEqual(seen.length, 2)
      yield* TestClock.adjust("1 minute")
      yield* Effect.flip(find("absent", "acme"))
      assert.strictEqual(seen.length, 4)
    }).pipe(Effect.provide(layer))
  })

  it.effect("is not taken for missing because GitHub does not know our App, nor is that remembered", () => {
    const { layer, seen } = hub({
      installations: { "/orgs/globex/installation": () => json(404, { message: "Integration not found" }) }
    })
    return Effect.gen(function* () {
      assert.strictEqual((yield* reasonOfFailure(find("globex", "acme")))._tag, "Unauthorized")
      yield* Effect.flip(find("globex", "acme"))
      assert.strictEqual(seen.length, 2)
    }).pipe(Effect.provide(layer))
  })

  it.effect("is forgotten when GitHub gives no token for it: it may have been made anew", () => {
    let id = 8
    const { layer } = hub({
      installations: { "/orgs/globex/installation": () => json(200, { id }) },
      token: () => (id === 8 ? undefined : json(404, { message: "Not Found" }))
    })
    return Effect.gen(function* () {
      assert.strictEqual(yield* find("globex", "acme"), "8")
      id = 10
      assert.strictEqual(yield* find("globex", "acme"), "8")
      yield* Effect.flip(callTimes(8, 1))
      assert.strictEqual(yield* find("globex", "acme"), "10")
    }).pipe(Effect.provide(layer))
  })

  it.effect("is looked up again where the one of the delivery is gone, and that is remembered", () => {
    const { layer, seen } = hub({
      installations: organisation,
      token: (count) => (count === 1 ? json(404, { message: "Not Found" }) : undefined)
    })
    return Effect.gen(function* () {
      const { callOn } = yield* Installations
      const old = GitHubId.make("7")
      assert.strictEqual(yield* callOn("globex", old, call("harmful")), "token-2-of-8-")
      assert.strictEqual(yield* callOn("globex", old, call("harmful")), "token-2-of-8-")
      assert.deepStrictEqual(seen, [
        "/app/installations/7/access_tokens",
        "/orgs/globex/installation",
        "/app/installations/8/access_tokens",
        "/thing",
        "/thing"
      ])
    }).pipe(Effect.provide(layer))
  })

  it.effect("stays gone where the account has no other", () => {
    const { layer, seen } = hub({ token: () => json(404, { message: "Not Found" }) })
    return Effect.gen(function* () {
      const { callOn } = yield* Installations
      for (let time = 0; time < 5; time++) {
        const reason = yield* reasonOfFailure(callOn("globex", GitHubId.make("7"), call()))
        assert.deepStrictEqual(reason, new NotFound({ message: "the GitHub App is not installed on globex" }))
      }
      assert.strictEqual(seen.filter((path) => path.endsWith("/installation")).length, 2)
    }).pipe(Effect.provide(layer))
  })

  it.effect("is looked up so often a minute for one source owner, which holds up no other", () => {
    const { layer, seen } = hub({ installations: organisation })
    return Effect.gen(function* () {
      const accounts = Array.from({ length: 100 }, (_, index) => `stranger-${index}`)
      const reasons = yield* Effect.forEach(accounts, (account) => reasonOfFailure(find(account, "Mallory")))
      assert.deepStrictEqual(
        reasons.map(({ _tag }) => _tag),
        [...Array<string>(mostLookups).fill("NotFound"), ...Array<string>(100 - mostLookups).fill("Unavailable")]
      )
      assert.lengthOf(seen, 2 * mostLookups)
      assert.strictEqual(yield* find("globex", "acme"), "8")
      assert.strictEqual(yield* find("globex", "mallory"), "8", "what is remembered costs nothing")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* reasonOfFailure(find("stranger-99", "mallory")))._tag, "NotFound")
    }).pipe(Effect.provide(layer))
  })
})
