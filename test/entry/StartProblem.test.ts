/** What stops a start, in words that name the variable to change. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Layer } from "effect"
import * as Sqlite from "../../src/adapters/local/Sqlite.ts"
import { describeStartProblem } from "../../src/entry/StartProblem.ts"

const problemOf = <A, E>(layer: Layer.Layer<A, E>) =>
  Effect.scoped(Layer.build(layer)).pipe(
    Effect.sandbox,
    Effect.flip,
    Effect.map((cause) => describeStartProblem(Cause.squash(cause)))
  )

describe("a start that fails", () => {
  it.live("names PORT where another process listens there", () =>
    Effect.gen(function* () {
      const taken = yield* Effect.acquireRelease(
        Effect.callback<ReturnType<typeof createServer>>((resume) => {
          const server = createServer().listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.sync(() => server.close())
      )
      const { port } = taken.address() as AddressInfo
      const problem = yield* problemOf(NodeHttpServer.layerServer(createServer, { host: "127.0.0.1", port }))
      assert.strictEqual(
        problem,
        `Another process listens on port ${port} of 127.0.0.1. Stop it, or set PORT to a port that is free.`
      )
    })
  )

  it.live("names HOST where the machine has no such address", () =>
    Effect.gen(function* () {
      const problem = yield* problemOf(NodeHttpServer.layerServer(createServer, { host: "192.0.2.1", port: 0 }))
      assert.include(problem, "This machine has no address 192.0.2.1. Set HOST")
    })
  )

  it.live.each(["/proc/x/dispatcher.db", "/dev/null/data/dispatcher.db"])("names DATA_DIR for %s, at once", (path) =>
    Effect.gen(function* () {
      const problem = yield* problemOf(Sqlite.layer(path))
      assert.include(problem, `open ${path}: `)
      assert.include(problem, "DATA_DIR names the folder")
    })
  )

  it("says what to do where another process has the database", () => {
    const problem = describeStartProblem(new Sqlite.SqliteError({ operation: "open x", reason: Sqlite.lockedReason }))
    assert.strictEqual(
      problem,
      "open x: another process has the database open\nStop that process, or set DATA_DIR to another folder."
    )
  })
})
