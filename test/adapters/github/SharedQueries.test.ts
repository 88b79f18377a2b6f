/** Loads that share a query: whatever fails in it, each repository gets the answer that it would get alone. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as App from "../../../src/adapters/github/App.ts"
import * as ConfigSource from "../../../src/adapters/github/ConfigSource.ts"
import { Installations } from "../../../src/adapters/github/Installations.ts"
import type { Call, OctokitRequest } from "../../../src/adapters/github/Requests.ts"
import { repositoryKey } from "../../../src/domain/Names.ts"
import { GitHubId } from "../../../src/domain/SourceRun.ts"
import * as Port from "../../../src/ports/ConfigSource.ts"
import {
  Ambiguous,
  Forbidden,
  GitHubError,
  type GitHubErrorReason,
  RateLimited,
  Unauthorized,
  Unavailable,
  Unprocessable
} from "../../../src/ports/GitHubError.ts"
import { appOptions, repository } from "./support.ts"

/** What a repository does to the query that it is in: has an answer of its own, makes the whole query fail, or is left out of its answer. */
const answers = {
  found: { data: { defaultBranchRef: { name: "main" }, root: null, folder: null } },
  missing: { error: { type: "NOT_FOUND", message: "no such repository" } },
  internal: { error: { type: "INTERNAL", message: "something went wrong" } },
  shut: { error: { type: "FORBIDDEN", message: "the owner shuts the App out" } }
} as const
const failures: Readonly<Record<string, GitHubErrorReason>> = {
  unavailable: new Unavailable({ message: "HTTP 502" }),
  unprocessable: new Unprocessable({ message: "HTTP 422" }),
  forbidden: new Forbidden({ message: "HTTP 403" }),
  ambiguous: new Ambiguous({ message: "no answer" })
}
const behaviours = [...Object.keys(answers), ...Object.keys(failures), "nothing", "breaks_off"]

const isAnswer = (behaviour: string): behaviour is keyof typeof answers => behaviour in answers

/** GitHub's answer to a query about repositories that behave so. */
const respond = (names: ReadonlyArray<string>) => {
  const all = names.map((name, index) => {
    const [behaviour = ""] = name.split("-", 1)
    return { alias: `r${index}`, behaviour, answer: isAnswer(behaviour) ? answers[behaviour] : undefined }
  })
  const broken = all.some(({ behaviour }) => behaviour === "breaks_off")
  if (all.some(({ behaviour }) => behaviour === "nothing")) return { errors: [{ message: "no data at all" }] }
  const errors = all.flatMap(({ alias, answer }) =>
    answer !== undefined && "error" in answer ? [{ ...answer.error, path: [alias] }] : []
  )
  return {
    // What was answered before the query was broken off stands.
    data: Object.fromEntries(
      all.map(({ alias, behaviour, answer }, index) => [
        alias,
        behaviour === "breaks_off" || (broken && index > 1) || answer === undefined || !("data" in answer)
          ? null
          : answer.data
      ])
    ),
    errors: [...errors, ...(broken ? [{ message: "the query took too long" }] : [])]
  }
}

/** The adapter over a GitHub in which repositories behave as their names say (`found-1`), and the queries that it got. */
const world = (always?: GitHubErrorReason) => {
  const queries: Array<ReadonlyArray<string>> = []
  const variablesOf = (call: Call<unknown>) => {
    let variables: Record<string, string> = {}
    const request = (_: string, options: { readonly variables: Record<string, string> }) => {
      variables = options.variables
      return Promise.resolve()
    }
    void call.send(request as unknown as OctokitRequest)
    return variables
  }
  const callOn = <A>(_account: string, _installation: GitHubId, call: Call<A>) =>
    Effect.suspend(() => {
      const { owner: _owner, ...variables } = variablesOf(call)
      const names = Object.values(variables)
      queries.push(names)
      const struck = names.map((name) => failures[name.split("-", 1)[0] ?? ""]).find((reason) => reason !== undefined)
      const reason = always ?? struck
      return reason === undefined ? call.read({ status: 200, headers: {}, data: respond(names) }) : Effect.fail(reason)
    }).pipe(
      Effect.catchTag("SchemaError", ({ message }) => Effect.fail(new Unavailable({ message }))),
      Effect.mapError((reason) => new GitHubError({ operation: "ConfigSource.load", reason }))
    )
  const layer = ConfigSource.layer.pipe(
    Layer.provide([
      App.layer({ ...appOptions, apiUrl: "https://github.test" }),
      Layer.mock(Installations, { callOn, renew: () => Effect.void })
    ])
  )
  return { layer, queries }
}

const known = { owner: "acme", installationId: GitHubId.make("101") }

/** What one caller gets for one repository, in words that can be compared. */
const load = (name: string) =>
  Port.ConfigSource.use((source) => source.load([repository(`acme/${name}`)], known)).pipe(
    Effect.map((given) => JSON.stringify(given.get(repositoryKey(repository(`acme/${name}`))))),
    Effect.catch((error) => Effect.succeed(error.message))
  )

/** Runs loads to their end: time passes for them. */
const inTime = <A, E, R>(loads: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(loads)
    yield* Effect.yieldNow
    yield* TestClock.adjust("20 millis")
    return yield* Fiber.join(fiber)
  })

const together = (names: ReadonlyArray<string>) => inTime(Effect.forEach(names, load, { concurrency: "unbounded" }))

const named = (behaviour: string, count: number) => Array.from({ length: count }, (_, index) => `${behaviour}-${index}`)

describe("a shared query", () => {
  // Mostly repositories with which nothing is wrong: those have the most to lose.
  const Behaviour = Schema.Literals(["found", "found-too", "found-as-well", "found-again", "missing", ...behaviours])

  it.effect.prop(
    "gives each repository the answer that it would get alone",
    [Schema.NonEmptyArray(Behaviour)],
    ([list]) =>
      Effect.gen(function* () {
        const wanted = list.map((behaviour, index) => `${behaviour}-${index}`)
        const shared = yield* together(wanted).pipe(Effect.provide(world().layer))
        const alone = yield* Effect.forEach(wanted, (name) => inTime(load(name)).pipe(Effect.provide(world().layer)))
        assert.deepStrictEqual(shared, alone)
      }),
    { arbitrary: { runs: 30, size: 60 } }
  )

  it.effect("is one for the loads of a moment, of all callers, and of at most 100 repositories", () => {
    const { layer, queries } = world()
    return Effect.gen(function* () {
      yield* together([...named("found", 60), ...named("found", 60), ...named("missing", 60)])
      assert.deepStrictEqual(
        queries.map(({ length }) => length),
        [100, 20]
      )
    }).pipe(Effect.provide(layer))
  })

  it.effect("answers the others though one makes it fail, in few queries more", () => {
    const { layer, queries } = world()
    return Effect.gen(function* () {
      const given = yield* together([...named("found", 63), "unavailable-0"])
      assert.strictEqual(given.filter((text) => text?.includes("Absent")).length, 63)
      assert.strictEqual(given.at(-1), "ConfigSource.load: Unavailable: HTTP 502")
      // Two halves on each of six levels.
      assert.strictEqual(queries.length, 13)
    }).pipe(Effect.provide(layer))
  })

  it.effect("is not divided where the failure is not about a repository", () => {
    const reasons = [new RateLimited({ retryAfter: 60_000 }), new Unauthorized({ message: "Bad credentials" })]
    return Effect.forEach(reasons, (reason) => {
      const { layer, queries } = world(reason)
      return Effect.gen(function* () {
        const given = yield* together(named("found", 25))
        assert.deepStrictEqual(new Set(given), new Set([`ConfigSource.load: ${reason._tag}: ${reason.message}`]))
        assert.strictEqual(queries.length, 1)
      }).pipe(Effect.provide(layer))
    })
  })

  it.effect("is not lost with the caller that was first, and not asked for those that left", () => {
    const { layer, queries } = world()
    return Effect.gen(function* () {
      const [first, second, third] = yield* Effect.forEach(named("found", 3), (name) => Effect.forkChild(load(name)))
      assert.isDefined(first)
      assert.isDefined(second)
      assert.isDefined(third)
      yield* Effect.yieldNow
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("20 millis")
      assert.include(yield* Fiber.join(second), "Absent")
      assert.include(yield* Fiber.join(third), "Absent")
      assert.deepStrictEqual(queries, [["found-1", "found-2"]])
    }).pipe(Effect.provide(layer))
  })

  it.effect("remembers nothing", () => {
    const { layer, queries } = world()
    return Effect.gen(function* () {
      yield* together(["found-0"])
      yield* together(["found-0"])
      assert.strictEqual(queries.length, 2)
    }).pipe(Effect.provide(layer))
  })
})
