/** A burst of runs of one installation over real HTTP: what it asks GitHub for, and what one bad repository or a spent budget does to the others. */
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Effect, Layer, References } from "effect"
import { layerWorkers } from "../../src/entry/layers.ts"
import { PlanQueue } from "../../src/flow/Queues.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { completeAndDeliver, decisionsOf, until } from "./Journeys.ts"
import { inbound, scenario, source, target } from "./Scenarios.ts"
import { quick } from "./Timing.ts"
import { github, service } from "./World.ts"

const pairs = 12
const repositories = Array.from({ length: pairs }, (_, index) => [
  source(`acme/shop-${index}`, [`acme/deploy-${index}`]),
  target(`acme/deploy-${index}`, inbound(`acme/shop-${index}`))
]).flat()

/** Delivers a burst, has it planned after `before`, and gives how the target of each run was decided. */
const planBurst = Effect.fnUntraced(function* (
  runs: number,
  before: Effect.Effect<void, never, Sandbox> = Effect.void
) {
  const sources = Array.from({ length: runs }, (_, index) => `acme/shop-${index % pairs}`)
  const payloads = yield* Effect.forEach(
    sources,
    (repository) => Effect.map(completeAndDeliver({ repository }), ({ payload }) => payload),
    { concurrency: 16 }
  )
  yield* before
  yield* Layer.build(layerWorkers.pipe(Layer.provide(Layer.succeed(References.MinimumLogLevel, "None"))))
  const plans = yield* PlanQueue
  yield* until(plans.depth, ({ waiting, inFlight }) => waiting + inFlight === 0)
  return (yield* Effect.forEach(payloads, decisionsOf)).map((decisions) => Object.values(decisions).join())
})

const graphqlRequests = Sandbox.use(({ requests }) =>
  Effect.map(requests, (all) => all.filter(({ path }) => path === "/graphql"))
)

const waiting = service({}, Layer.empty).pipe(Layer.provideMerge(github(scenario(repositories))))

/** Where a GitHub listens that fails at every query that names a repository. */
class Failing extends Context.Service<Failing, { readonly url: string }>()("dispatcher/test/e2e/Failing") {}

const headersOf = ({ headers }: IncomingMessage) =>
  Object.entries(headers).flatMap(
    ([name, value]): Array<[string, string]> =>
      ["host", "connection", "content-length", "transfer-encoding"].includes(name) ? [] : [[name, String(value)]]
  )

/** Stands before the sandbox. */
const failingAt = (name: string) =>
  Layer.effect(
    Failing,
    Effect.gen(function* () {
      const { url } = yield* Sandbox
      const server = createServer(async (request, response) => {
        const body = await text(request)
        if (request.url === "/graphql" && body.includes(JSON.stringify(name))) {
          response.writeHead(502, { "x-github-request-id": "5A4D:1" }).end("{}")
          return
        }
        const { method = "GET" } = request
        const answer = await fetch(`${url}${request.url}`, {
          method,
          headers: headersOf(request),
          ...(body !== "" && { body })
        })
        response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
      })
      yield* Effect.callback<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => server.close()))
      return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
    })
  )

describe("a burst of runs of one installation", () => {
  it.live("of 300 takes at most 0.1 GraphQL requests a run", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(new Set(yield* planBurst(300)), new Set(["allowed"]))
      assert.isAtMost((yield* graphqlRequests).length, 30)
    }).pipe(Effect.scoped, Effect.provide(Layer.mergeAll(waiting, quick)))
  )

  it.live("waits with GitHub's budget, and is planned once that is renewed", () =>
    Effect.gen(function* () {
      const { setRateLimit } = yield* Sandbox
      let renewed = 0
      const spend = Effect.gen(function* () {
        // GitHub names the second.
        renewed = (Math.floor((yield* Clock.currentTimeMillis) / 1000) + 6) * 1000
        yield* setRateLimit({ installation: 101, resource: "graphql", remaining: 0, resetInSeconds: 6 })
      })
      assert.deepStrictEqual(new Set(yield* planBurst(24, spend)), new Set(["allowed"]))
      // One was refused for all, and GitHub was left alone until the time had come.
      assert.isAtMost((yield* graphqlRequests).filter(({ at }) => at < renewed).length, 1)
    }).pipe(Effect.scoped, Effect.provide(Layer.mergeAll(waiting, quick)))
  )

  it.live("loses nothing but the runs of a repository at which GitHub fails", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const decided = yield* Effect.forkScoped(planBurst(48))
      const others = (yield* until(sandbox.startedRuns(), (runs) => runs.length >= 44)).map(
        ({ repository }) => repository
      )
      assert.notInclude(others, "acme/deploy-3")
      assert.strictEqual(new Set(others).size, pairs - 1)
      assert.isUndefined(decided.pollUnsafe())
    }).pipe(
      Effect.scoped,
      Effect.provide(
        Layer.mergeAll(
          Layer.unwrap(Effect.map(Failing, ({ url }) => service({ GITHUB_API_URL: url }, Layer.empty))).pipe(
            Layer.provide(failingAt("shop-3")),
            Layer.provideMerge(github(scenario(repositories)))
          ),
          quick
        )
      )
    )
  )
})
