/** Programs as people start and stop them: what a start refuses and how it says so, what an orderly end leaves behind, and the demo. */
import { createServer } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { layerWorkers } from "../../src/entry/layers.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { complete, completeAndDeliver, idle, outcomesOf, startedIds, startedIn, until } from "./Journeys.ts"
import { environmentOf, type Program, run, runService } from "./Processes.ts"
import { fleet, startPath } from "./Scenarios.ts"
import { calm } from "./Timing.ts"
import { freePort, github, scratchFolder, service } from "./World.ts"

const server = "src/entry/server.ts"
const targets = ["acme/deploy", "acme/docs", "partner/portal"]
const place = Effect.all({ port: freePort, dataDir: scratchFolder })

/** A program that is to end by itself: with which code, and what it said. */
const outcome = Effect.fnUntraced(function* (program: Program) {
  const { code } = yield* program.ended
  return { code, said: yield* program.said }
})

describe("a start", () => {
  it.live("without any settings names all that are missing, and the demo", () =>
    Effect.gen(function* () {
      const { code, said } = yield* outcome(yield* run([server]))
      assert.strictEqual(code, 1)
      for (const name of ["APP_ID", "APP_PRIVATE_KEY", "WEBHOOK_SECRET"]) {
        assert.match(said, new RegExp(`GITHUB_${name} +is missing`))
      }
      assert.include(said, "npm run demo")
      assert.notInclude(said, "    at ", "no stack for what a person can set right")
    })
  )

  it.live("with malformed settings names each of them, and never a value", () =>
    Effect.gen(function* () {
      const settings = {
        PORT: "eighty",
        GITHUB_APP_ID: "my-app",
        GITHUB_APP_SLUG: "my app",
        GITHUB_APP_PRIVATE_KEY: "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----",
        GITHUB_WEBHOOK_SECRET: "short",
        GITHUB_API_URL: "api.github.com",
        CREATE_ISSUES: "perhaps",
        TARGET_REPO_ALLOWLIST: "acme",
        DISPATCH_MAX_TARGETS_PER_RUN: "0",
        LOG_LEVEL: "loud"
      }
      const { code, said } = yield* outcome(yield* run([server], settings))
      assert.strictEqual(code, 1)
      for (const name of Object.keys(settings)) assert.match(said, new RegExp(`^ +${name} +\\S`, "m"))
      for (const secret of ["c2VjcmV0", "short"]) assert.notInclude(said, secret)
    })
  )

  it.live("beside another on the same data is refused, and leaves that alone", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const where = yield* place
      yield* runService(where, { entry: server, LOG_LEVEL: "info" })
      const environment = environmentOf(sandbox, yield* freePort, where.dataDir)
      const { code, said } = yield* outcome(yield* run([server], environment))
      assert.strictEqual(code, 1)
      assert.include(said, "another process has the database open")
      const { payload } = yield* completeAndDeliver()
      yield* until(startedIn(payload), (started) => started.length === targets.length)
    }).pipe(Effect.provide(github(fleet(targets))))
  )

  it.live("on a port that is taken is refused", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const where = yield* place
      yield* Effect.acquireRelease(
        Effect.callback<ReturnType<typeof createServer>>((resume) => {
          const other = createServer().listen(where.port, "127.0.0.1", () => resume(Effect.succeed(other)))
        }),
        (other) => Effect.sync(() => other.close())
      )
      const environment = environmentOf(sandbox, where.port, where.dataDir)
      const { code, said } = yield* outcome(yield* run([server], environment))
      assert.strictEqual(code, 1)
      assert.include(said, String(where.port))
      assert.match(said, /Another process listens/)
    }).pipe(Effect.provide(github(fleet(targets))))
  )
})

describe("an orderly end", () => {
  const path = startPath("acme/deploy")
  const requestsToStart = Sandbox.use(({ requests }) =>
    Effect.map(requests, (all) => all.filter((request) => request.path === path).length)
  )
  const refusesConnections = (port: number) =>
    Effect.promise(() =>
      fetch(`http://127.0.0.1:${port}/health`, { headers: { connection: "close" } }).then(
        () => false,
        () => true
      )
    )

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it.live(`by ${signal} takes nothing more, finishes what is in hand and leaves nothing undone`, () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        yield* sandbox.injectFault({ method: "POST", path, delayMillis: 2000 })
        const where = yield* place
        const program = yield* runService(where, { entry: server, LOG_LEVEL: "info" })
        const { payload } = yield* completeAndDeliver()
        yield* until(requestsToStart, (count) => count === 1)
        yield* program.signal(signal)
        yield* until(refusesConnections(where.port), (refused) => refused)
        const { code, said } = yield* outcome(program)
        assert.strictEqual(code, 0, said)
        assert.deepStrictEqual(yield* startedIn(payload), targets)
        yield* Effect.gen(function* () {
          yield* idle
          assert.deepStrictEqual(yield* outcomesOf(payload), yield* startedIds(payload))
          assert.strictEqual(yield* requestsToStart, 1)
          assert.strictEqual((yield* sandbox.issues("acme/shop")).length, 1)
        }).pipe(Effect.provide(service({ PORT: where.port, DATA_DIR: where.dataDir })))
      }).pipe(Effect.provide(github(fleet(targets))))
    )
  }

  it.live("with more work than it takes up leaves that to the next start", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      // The orders for one target workflow come one by one; the first takes longer than it takes to receive all.
      yield* sandbox.injectFault({ method: "POST", path, delayMillis: 2000 })
      const where = yield* place
      const program = yield* runService(where, { entry: server, LOG_LEVEL: "info", CREATE_ISSUES: "false" })
      const payloads = yield* Effect.replicateEffect(complete(), 30)
      const deliveries = yield* Effect.forEach(payloads, (payload) => sandbox.deliver(payload), { concurrency: 10 })
      yield* program.signal("SIGTERM")
      assert.strictEqual((yield* outcome(program)).code, 0)
      for (const { statusCode } of deliveries) assert.strictEqual(statusCode, 202)
      assert.isBelow(yield* requestsToStart, payloads.length)
      yield* Effect.gen(function* () {
        yield* idle
        for (const payload of payloads) assert.deepStrictEqual(yield* startedIn(payload), targets)
      }).pipe(
        // However slow the machine is, no request is given up: GitHub acts on each while its lease lasts.
        Effect.provide(service({ PORT: where.port, DATA_DIR: where.dataDir, CREATE_ISSUES: false }, layerWorkers, calm))
      )
    }).pipe(Effect.provide(github(fleet(targets))))
  )
})

it.live("the demo plays to its end, and everything comes out as it must", () =>
  Effect.gen(function* () {
    const { code, said } = yield* outcome(yield* run(["src/entry/demo.ts", "--once"]))
    assert.strictEqual(code, 0, said)
    for (const word of ["dispatched", "denied", "failed", "retried", "ignored"]) {
      assert.include(said, word)
    }
  })
)
