/** How requests leave the process: the gate at the open socket, a process that was stopped, proxies, certificates. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import { connect, createServer as createTcpServer, type Socket } from "node:net"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Fetch, layer, type SendGate } from "../../../src/adapters/github/Fetch.ts"
import { reasonOf } from "../../../src/adapters/github/Reasons.ts"
import { mostBytes } from "../../../src/adapters/Outbound.ts"
import type { Proxies } from "../../../src/adapters/Proxies.ts"
import { listening, proxyTo, secure } from "../Proxying.ts"

const open = () => true

/** Sends by the real thing; rejections are failures. */
const get = (url: string, gate: SendGate = open, proxies: Proxies = {}) =>
  Effect.flatMap(Fetch, (send) => Effect.tryPromise(() => send(url, { method: "POST", body: "{}" }, gate))).pipe(
    Effect.provide(layer(proxies))
  )

describe("the gate", () => {
  it.live("is asked once the connection is open, and lets nothing out when it is closed", () =>
    Effect.gen(function* () {
      const connections: Array<Socket> = []
      const bytes: Array<Buffer> = []
      const { port } = yield* listening(
        createTcpServer((socket) => {
          connections.push(socket)
          socket.on("data", (data) => bytes.push(data)).on("error", () => {})
        })
      )
      let askedWith = -1
      const gate = () => {
        askedWith = connections.length
        return false
      }
      const connected = Effect.promise(() => setTimeout(100))
      const result = yield* Effect.exit(get(`http://127.0.0.1:${port}/`, gate))
      yield* connected
      assert.strictEqual(result._tag, "Failure")
      assert.isAtLeast(askedWith, 0)
      assert.strictEqual(connections.length, 1, "the connection was open")
      assert.strictEqual(Buffer.concat(bytes).length, 0)
    }).pipe(Effect.scoped)
  )

  it.live("is not asked where no connection comes about", () =>
    Effect.gen(function* () {
      const { port, server } = yield* listening(createTcpServer())
      server.close()
      let asked = 0
      const gate = () => {
        asked += 1
        return true
      }
      assert.strictEqual((yield* Effect.exit(get(`http://127.0.0.1:${port}/`, gate)))._tag, "Failure")
      assert.strictEqual(asked, 0)
    }).pipe(Effect.scoped)
  )
})

describe("an answer", () => {
  it.live("may be compressed, and its headers have one text each; redirections are answers", () =>
    Effect.gen(function* () {
      const { port } = yield* listening(
        createServer((request, response) => {
          const isZipped = request.headers["accept-encoding"] === "gzip"
          response.writeHead(302, {
            location: "http://127.0.0.1:1/",
            "content-type": "application/json",
            ...(isZipped ? { "content-encoding": "gzip" } : {}),
            link: ["<a>", "<b>"]
          })
          response.end(isZipped ? gzipSync('{"grüße":1}') : "")
        })
      )
      const answer = yield* get(`http://127.0.0.1:${port}/`)
      assert.deepStrictEqual([answer.status, answer.headers.get("link")], [302, "<a>, <b>"])
      assert.strictEqual(yield* Effect.promise(answer.text), '{"grüße":1}')
      const bytes = yield* Effect.promise(answer.arrayBuffer)
      assert.strictEqual(new TextDecoder().decode(new Uint8Array(bytes)), '{"grüße":1}')
    }).pipe(Effect.scoped)
  )

  for (const [what, headers, body] of [
    ["unpacked", { "content-encoding": "gzip" }, gzipSync(Buffer.alloc(mostBytes + 1))],
    ["as it is", {}, Buffer.alloc(mostBytes + 1)]
  ] as const)
    it.live(`is not read where it is larger than any that is asked for, ${what}`, () =>
      Effect.gen(function* () {
        const { port } = yield* listening(
          createServer(
            (_, response) =>
              void response
                .writeHead(200, headers)
                .on("error", () => {})
                .end(body)
          )
        )
        const { cause } = yield* Effect.flip(get(`http://127.0.0.1:${port}/`))
        const reason = reasonOf(cause, { repeat: "harmful", sent: true, now: 0 })
        assert.strictEqual(reason._tag, "Ambiguous")
        assert.match(reason.message, /^the answer cannot be read \(\w+\)$/)
      }).pipe(Effect.scoped)
    )

  // Names of codings have no case, and x-gzip is gzip (RFC 9110, 8.4.1).
  for (const coding of ["gzip", "GZIP", "x-gzip", "X-Gzip"])
    it.live(`is unpacked where it is said to be ${coding}`, () =>
      Effect.gen(function* () {
        const { port } = yield* listening(
          createServer((_, response) => {
            response.writeHead(200, { "content-encoding": coding }).end(gzipSync("{}"))
          })
        )
        const answer = yield* get(`http://127.0.0.1:${port}/`)
        assert.strictEqual(yield* Effect.promise(answer.text), "{}")
      }).pipe(Effect.scoped)
    )

  it.live("is read as empty where nothing comes of a body that is said to be zipped", () =>
    Effect.gen(function* () {
      const { port } = yield* listening(
        createServer((_, response) => {
          response.writeHead(200, { "content-encoding": "gzip", "content-length": "0" }).end()
        })
      )
      const answer = yield* get(`http://127.0.0.1:${port}/`)
      assert.strictEqual(yield* Effect.promise(answer.text), "")
    }).pipe(Effect.scoped)
  )
})

describe("a process that was stopped for longer than its time", () => {
  const ended = (child: ChildProcess) => once(child, "exit")

  it.live("sends nothing when it goes on, though its connection comes about only then", () =>
    Effect.gen(function* () {
      const world = yield* secure
      // Connections come about when the proxy answers CONNECT, which is while the process is stopped.
      let tunnel: (() => void) | undefined
      const proxy = createServer()
      proxy.on("connect", (_, client: Socket) => {
        const upstream = connect(world.port, "127.0.0.1")
        client.on("error", () => {})
        tunnel = () => {
          client.write("HTTP/1.1 200 OK\r\n\r\n")
          upstream.pipe(client).pipe(upstream)
        }
      })
      const { port } = yield* listening(proxy)
      const program = yield* Effect.acquireRelease(
        Effect.sync(() =>
          spawn(process.execPath, [
            join(import.meta.dirname, "stoppedProcess.ts"),
            world.url,
            `http://127.0.0.1:${port}`,
            ...world.ca
          ])
        ),
        (child) => Effect.sync(() => child.kill("SIGKILL"))
      )
      let said = ""
      program.stdout.on("data", (data) => {
        said += data
      })
      yield* Effect.promise(async () => {
        while (tunnel === undefined) await setTimeout(10)
        program.kill("SIGSTOP")
        tunnel()
        await setTimeout(900)
        program.kill("SIGCONT")
        await ended(program)
      })
      assert.strictEqual(said, "withheld, gate asked: true\n")
      assert.deepStrictEqual(world.seen, [])
    }).pipe(Effect.scoped)
  )
})

describe("proxies", () => {
  it.live("take https requests by CONNECT, with name and password, to a server of the operator's own authority", () =>
    Effect.gen(function* () {
      const target = yield* secure
      const proxy = yield* proxyTo(target)
      const answer = yield* get(target.url, open, { httpsProxy: proxy.address, ca: target.ca })
      assert.strictEqual(answer.status, 200)
      assert.deepStrictEqual(proxy.seen, [
        `CONNECT 127.0.0.1:${target.port} Basic ${Buffer.from("me:secret").toString("base64")}`
      ])
    }).pipe(Effect.scoped)
  )

  it.live("are passed by for the hosts that need none", () =>
    Effect.gen(function* () {
      const target = yield* secure
      const proxy = yield* proxyTo(target)
      yield* get(target.url, open, { httpsProxy: proxy.address, noProxy: "example.com,127.0.0.1", ca: target.ca })
      assert.deepStrictEqual(proxy.seen, [])
    }).pipe(Effect.scoped)
  )

  it.live("that refuse let nothing out, and the gate is not asked", () =>
    Effect.gen(function* () {
      const target = yield* secure
      const proxy = yield* proxyTo(target, 407)
      let asked = 0
      const gate = () => {
        asked += 1
        return true
      }
      assert.strictEqual((yield* Effect.exit(get(target.url, gate, { httpsProxy: proxy.address })))._tag, "Failure")
      assert.strictEqual(asked, 0)
    }).pipe(Effect.scoped)
  )

  it.live("are not needed for a server whose authority is named", () =>
    Effect.gen(function* () {
      const target = yield* secure
      assert.strictEqual((yield* get(target.url, open, { ca: target.ca })).status, 200)
      assert.strictEqual((yield* Effect.exit(get(target.url)))._tag, "Failure")
    }).pipe(Effect.scoped)
  )
})
