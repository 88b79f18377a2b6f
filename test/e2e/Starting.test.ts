/** Starts under load: whatever is accepted is answered, from the first connection on. */
import { connect } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { environmentOf, run, says } from "./Processes.ts"
import { fleet } from "./Scenarios.ts"
import { freePort, github, scratchFolder } from "./World.ts"

const request = "GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"

/** What became of one connection: the first line of its answer, empty if it was accepted and got none, undefined if it was refused. */
const attempt = (port: number) =>
  new Promise<string | undefined>((resolve) => {
    let accepted = false
    let text = ""
    const socket = connect(port, "127.0.0.1")
    socket.setTimeout(20_000, () => socket.destroy())
    socket.on("connect", () => {
      accepted = true
      socket.write(request)
    })
    socket.on("data", (data) => {
      text += String(data)
    })
    socket.on("error", () => undefined)
    socket.on("close", () => resolve(accepted ? (text.split("\r\n", 1)[0] ?? "") : undefined))
  })

/** Connects again and again until stopped, at most 1000 times with success; how every connection that was accepted ended. */
const hammer = (port: number) => {
  const ends: Array<Promise<string | undefined>> = []
  let accepted = 0
  let going = true
  const done = (async () => {
    while (going && accepted < 1000) {
      const pair = [attempt(port), attempt(port)]
      if ((await Promise.race(pair)) !== undefined) {
        ends.push(...pair)
        accepted += 2
      }
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    return (await Promise.all(ends)).filter((line) => line !== undefined)
  })()
  return Effect.promise(() => {
    going = false
    return done
  })
}

describe("a start under load", () => {
  it.live("answers every connection that it accepts, three times", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      for (let round = 0; round < 3; round++) {
        const port = yield* freePort
        const stop = hammer(port)
        const program = yield* run(["src/entry/server.ts"], {
          ...environmentOf(sandbox, port, yield* scratchFolder),
          LOG_LEVEL: "info"
        })
        yield* says(program, "listening on")
        yield* Effect.sleep(Duration.millis(200))
        assert.deepStrictEqual([...new Set(yield* stop)], ["HTTP/1.1 200 OK"])
        yield* program.signal("SIGTERM")
        assert.strictEqual((yield* program.ended).code, 0)
      }
    }).pipe(Effect.scoped, Effect.provide(github(fleet(["acme/deploy"]))))
  )

  it.live("that fails has accepted nothing", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const port = yield* freePort
      const stop = hammer(port)
      const program = yield* run(["src/entry/server.ts"], {
        ...environmentOf(sandbox, port, "/dev/null/data"),
        LOG_LEVEL: "info"
      })
      assert.strictEqual((yield* program.ended).code, 1)
      assert.deepStrictEqual(yield* stop, [])
    }).pipe(Effect.scoped, Effect.provide(github(fleet(["acme/deploy"]))))
  )
})
