/** Configs of many repositories in few requests, and one installation that fails beside others that do not. */

import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import { RefusalTimeout } from "../../../src/adapters/github/Refusals.ts"
import type { ConfigAnswer } from "../../../src/domain/Config.ts"
import { repositoryKey } from "../../../src/domain/Names.ts"
import { GitHubId } from "../../../src/domain/SourceRun.ts"
import { ConfigSource } from "../../../src/ports/ConfigSource.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import {
  json,
  overFetch,
  overSandbox,
  played,
  reasonOfFailure,
  repository,
  requestsSeen,
  scenario,
  tokenAnswer
} from "./support.ts"

const known = { owner: "Acme", installationId: GitHubId.make("101") }

/** What became of each repository, by the name it was asked for. */
const load = (...names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const source = yield* ConfigSource
    const answers = yield* source.load(names.map(repository), known)
    return Object.fromEntries(names.map((name) => [name, answers.get(repositoryKey(repository(name)))]))
  })

/** One word for an answer. */
const summary = (answer: ConfigAnswer | undefined): string => {
  if (answer?._tag === "Unreachable") return answer.transient ? `${answer.reason}, for now` : answer.reason
  return answer?._tag ?? "none"
}
const summaries = (answers: Readonly<Record<string, ConfigAnswer | undefined>>) =>
  Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, summary(answer)]))

const token = (id: number) => `POST /app/installations/${id}/access_tokens`

describe("configs", () => {
  it.live("are read with the path and the default branch", () =>
    Effect.gen(function* () {
      const { "acme/source": source, "Acme/Target": target } = yield* load("acme/source", "Acme/Target")
      assert.containSubset(source, { _tag: "Found", path: "dispatching.yml", defaultBranch: "main" })
      assert.containSubset(source, { config: { outbound: [{ source: { workflow: "ci.yml" } }], inbound: [] } })
      assert.containSubset(target, { _tag: "Found", path: ".github/dispatching.yml", defaultBranch: "trunk" })
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("say apart what is absent, invalid and out of reach, and why", () =>
    Effect.gen(function* () {
      const answers = yield* load(
        "acme/bare",
        "acme/empty",
        "acme/broken",
        "acme/large",
        "acme/huge",
        "acme/binary",
        "acme/missing",
        "globex/target",
        "globex/closed",
        "hooli/target",
        "initech/target",
        "absent/target"
      )
      assert.deepStrictEqual(summaries(answers), {
        "acme/bare": "Absent",
        "acme/empty": "Absent",
        "acme/broken": "Invalid",
        "acme/large": "Invalid",
        "acme/huge": "Invalid",
        "acme/binary": "Invalid",
        "acme/missing": "not_found",
        "globex/target": "Found",
        "globex/closed": "not_found",
        "hooli/target": "Found",
        "initech/target": "forbidden",
        "absent/target": "not_installed"
      })
      assert.containSubset(answers["absent/target"], { message: "the GitHub App is not installed on absent" })
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("of the source and then of 25 targets take a token and two reads", () => {
    const targets = Array.from({ length: 25 }, (_, index) => `acme/target-${index}`)
    const repositories = targets.map((name) => ({ name, files: { "dispatching.yml": "inbound: []\n" } }))
    return Effect.gen(function* () {
      yield* load("acme/source")
      assert.deepStrictEqual(new Set(Object.values(summaries(yield* load(...targets)))), new Set(["Found"]))
      assert.deepStrictEqual(yield* requestsSeen, [token(101), "POST /graphql", "POST /graphql"])
    }).pipe(Effect.provide(overSandbox({ repositories: [...scenario.repositories, ...repositories] })))
  })

  it.live("in another organisation take its installation, its token and one read more, once", () =>
    Effect.gen(function* () {
      yield* load("acme/source", "globex/target")
      yield* load("acme/target", "globex/target", "GLOBEX/target")
      const seen = yield* requestsSeen
      assert.sameMembers(seen, [
        token(101),
        "GET /orgs/globex/installation",
        token(102),
        ...Array<string>(4).fill("POST /graphql")
      ])
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("of more than 100 repositories take one read for each 100", () => {
    const names = Array.from({ length: 230 }, (_, index) => `acme/missing-${index}`)
    return Effect.gen(function* () {
      assert.strictEqual(
        Object.values(summaries(yield* load(...names))).filter((word) => word === "not_found").length,
        230
      )
      assert.strictEqual((yield* requestsSeen).filter((line) => line === "POST /graphql").length, 3)
    }).pipe(Effect.provide(overSandbox()))
  })

  it.live("of no repository take no request", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* load(), {})
      assert.deepStrictEqual(yield* requestsSeen, [])
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("of an App without the permission are forbidden, not absent, and for good after a while only", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(summaries(yield* load("acme/source")), { "acme/source": "forbidden, for now" })
      yield* Effect.sleep("60 millis")
      assert.deepStrictEqual(summaries(yield* load("acme/source")), { "acme/source": "forbidden" })
    }).pipe(
      Effect.provide(
        overSandbox({
          installations: [{ id: 101, account: "acme", permissions: { metadata: "read", issues: "write" } }]
        }).pipe(Layer.provide(Layer.succeed(RefusalTimeout, Duration.millis(50))))
      )
    )
  )
})

describe("Enterprise Server", () => {
  it.live("has its GraphQL beside its REST", () => {
    const { fetch, requests } = played((request) =>
      request.url.endsWith("/access_tokens") ? tokenAnswer("t") : json(200, { data: { r0: null } })
    )
    return Effect.gen(function* () {
      yield* load("acme/source")
      assert.deepStrictEqual(
        requests.map(({ url }) => url),
        ["https://ghe.test/api/v3/app/installations/101/access_tokens", "https://ghe.test/api/graphql"]
      )
    }).pipe(Effect.provide(overFetch(fetch, "https://ghe.test/api/v3")))
  })
})

describe("when GitHub falters", () => {
  const graphqlFails = (times: number | "always") => ({ path: "/graphql", answer: { status: 502 }, times })

  it.live("reads are tried again", () =>
    Effect.gen(function* () {
      const { injectFault } = yield* Sandbox
      yield* injectFault(graphqlFails(2))
      assert.deepStrictEqual(summaries(yield* load("acme/source")), { "acme/source": "Found" })
      assert.strictEqual((yield* requestsSeen).length, 4)
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("also after broken connections", () =>
    Effect.gen(function* () {
      const { injectFault } = yield* Sandbox
      yield* injectFault({ path: "/graphql", drop: "before" }, { path: "/graphql", drop: "after" })
      assert.deepStrictEqual(summaries(yield* load("acme/source")), { "acme/source": "Found" })
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("one installation never holds up another", () =>
    Effect.gen(function* () {
      const { injectFault } = yield* Sandbox
      yield* injectFault({ path: "/app/installations/102/*", answer: { status: 503 }, times: "always" })
      assert.deepStrictEqual(summaries(yield* load("acme/source", "globex/target")), {
        "acme/source": "Found",
        "globex/target": "unavailable, for now"
      })
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("an installation whose budget is spent says so, beside others", () =>
    Effect.gen(function* () {
      const { setRateLimit } = yield* Sandbox
      yield* setRateLimit({ installation: 102, resource: "graphql", remaining: 0, resetInSeconds: 600 })
      const answers = yield* load("acme/source", "globex/target")
      assert.deepStrictEqual(summaries(answers), { "acme/source": "Found", "globex/target": "unavailable, for now" })
      const { message } = answers["globex/target"]?._tag === "Unreachable" ? answers["globex/target"] : { message: "" }
      assert.match(message, /^GitHub asks to wait (600|59\d) s/)
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("a spent budget is the answer if nothing else is, and GitHub is left alone until it is renewed", () =>
    Effect.gen(function* () {
      const { setRateLimit } = yield* Sandbox
      yield* setRateLimit({ resource: "graphql", remaining: 0, resetInSeconds: 600 })
      const reason = yield* reasonOfFailure(load("acme/source"))
      assert.strictEqual(reason._tag, "RateLimited")
      assert.isAbove(reason._tag === "RateLimited" ? reason.retryAfter : 0, 595_000)
      yield* Effect.flip(load("acme/target"))
      assert.deepStrictEqual(yield* requestsSeen, [token(101), "POST /graphql"])
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("GitHub down is the answer if nothing else is", () =>
    Effect.gen(function* () {
      const { injectFault } = yield* Sandbox
      yield* injectFault(graphqlFails("always"))
      const error = yield* Effect.flip(load("acme/source", "globex/target"))
      assert.strictEqual(error.message, "ConfigSource.load: Unavailable: HTTP 502: Server Error")
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("a repository that does not exist is an answer, whatever becomes of the others", () =>
    Effect.gen(function* () {
      const { injectFault } = yield* Sandbox
      yield* injectFault({ path: "/app/installations/101/*", answer: { status: 503 }, times: "always" })
      assert.deepStrictEqual(summaries(yield* load("acme/source", "absent/target")), {
        "acme/source": "unavailable, for now",
        "absent/target": "not_installed"
      })
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("a suspension shows, and so does its end", () =>
    Effect.gen(function* () {
      const { suspend } = yield* Sandbox
      yield* load("globex/target")
      yield* suspend(102, true)
      assert.deepStrictEqual(summaries(yield* load("globex/target")), { "globex/target": "forbidden" })
      yield* suspend(102, false)
      assert.deepStrictEqual(summaries(yield* load("globex/target")), { "globex/target": "Found" })
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("many loads at once share the token and the read, each with its own answer", () =>
    Effect.gen(function* () {
      const names = ["acme/source", "acme/target", "acme/broken", "acme/missing"]
      const answers = yield* Effect.forEach(
        Array(60).keys(),
        (index) => load(...names.slice(index % names.length, (index % names.length) + 1)),
        { concurrency: "unbounded" }
      )
      const words = ["Found", "Found", "Invalid", "not_found"]
      assert.deepStrictEqual(
        answers.map((answer) => Object.values(summaries(answer))),
        answers.map((_, index) => [words[index % words.length]])
      )
      assert.deepStrictEqual(yield* requestsSeen, [token(101), "POST /graphql"])
    }).pipe(Effect.provide(overSandbox()))
  )
})
