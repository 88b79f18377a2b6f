/** Bodies that do not end: they keep no delivery out, and a connection whose body is refused is closed, however much its sender still writes. */
import { once } from "node:events"
import type { Socket } from "node:net"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { BodyLimits } from "../../src/entry/routes/Bodies.ts"
import { connection } from "./Bytes.ts"
import { completeAndDeliver } from "./Journeys.ts"
import { fleet } from "./Scenarios.ts"
import { Service, world } from "./World.ts"

const limits = { bodies: 20, bytes: 200_000, deadline: 600_000 }
const service = (more: Partial<typeof limits> = {}) =>
  world(fleet(["acme/deploy"])).pipe(Layer.provide(Layer.succeed(BodyLimits, { ...limits, ...more })))

const signature = `x-hub-signature-256: sha256=${"0".repeat(64)}`
const chunked = "transfer-encoding: chunked"
const post = (...headers: ReadonlyArray<string>): string =>
  ["POST /webhooks/github HTTP/1.1", "host: x", ...headers, "", ""].join("\r\n")
const gigabytes = "content-length: 3000000000"
const announced = (length: number) => post(signature, `content-length: ${length}`)

/** The first that is said on a connection. */
const answerOf = (socket: Socket) => Effect.promise(async () => String((await once(socket, "data"))[0]))
/** The answer that comes first on one of these connections. */
const firstAnswer = (sockets: ReadonlyArray<Socket>) => Effect.raceAll(sockets.map(answerOf))

layer(service(), { excludeTestServices: true })("unfinished bodies", (it) => {
  it.effect("leave room for a delivery, however many there are", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const sockets = yield* Effect.forEach(Array(limits.bodies + 1).keys(), () => connection(announced(1000)))
        assert.match(yield* firstAnswer(sockets), /^HTTP\/1.1 408 [\s\S]*newer/)
        for (let times = 0; times < 3; times++) {
          assert.strictEqual((yield* completeAndDeliver()).delivery.statusCode, 202)
        }
      })
    )
  )

  it.effect("leave room for a delivery, however large they are", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const part = announced(1_000_000) + "x".repeat(limits.bytes * 0.6)
        const sockets = yield* Effect.forEach([part, part], connection)
        assert.match(yield* firstAnswer(sockets), /^HTTP\/1.1 408 /)
        assert.strictEqual((yield* completeAndDeliver()).delivery.statusCode, 202)
      })
    )
  )

  it.effect("are bounded where the sender asks whether to go on", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const expecting = post(signature, "content-length: 1000", "expect: 100-continue")
        const sockets = yield* Effect.forEach(Array(limits.bodies + 1).keys(), () => connection(expecting))
        const all = yield* Effect.promise(async () => {
          const said = sockets.map(() => "")
          return new Promise<ReadonlyArray<string>>((resolve) => {
            for (const [index, socket] of sockets.entries()) {
              socket.on("data", (data) => {
                said[index] += String(data)
                if (said.every((text) => text.startsWith("HTTP/1.1 100 ")) && said.join().includes(" 408 "))
                  resolve(said)
              })
            }
          })
        })
        assert.lengthOf(all, limits.bodies + 1)
        assert.strictEqual((yield* completeAndDeliver()).delivery.statusCode, 202)
      })
    )
  )
})

/** How many requests were counted, by result. */
const counted = Service.use(({ url }) =>
  Effect.promise(async () => {
    const text = await (await fetch(`${url}/metrics`)).text()
    const samples = text.matchAll(/^dispatcher_deliveries_total\{result="(\w+)"\} (\d+)$/gm)
    return Object.fromEntries([...samples].map(([, result = "", count]) => [result, Number(count)]))
  })
)

layer(service({ bodies: 1, bytes: 1000 }), { excludeTestServices: true })("every answer", (it) => {
  it.effect("is counted by what became of the request", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { url } = yield* Service
        const before = yield* counted
        const large = yield* connection(post(signature, gigabytes))
        assert.match(yield* answerOf(large), / 413 /)
        const sockets = yield* Effect.forEach(Array(2).keys(), () => connection(announced(1000)))
        assert.match(yield* firstAnswer(sockets), / 408 /)
        const busy = yield* connection(announced(1001) + "x".repeat(1001))
        assert.match(yield* answerOf(busy), / 503 /)
        yield* Effect.promise(() => fetch(`${url}/webhooks/github`))
        const after = yield* counted
        const results = ["too_large", "displaced", "busy", "not_allowed"]
        const grown = results.map((result) => (after[result] ?? 0) - (before[result] ?? 0))
        // The first of two bodies gave its place to the second, and that to the one which was too much altogether.
        assert.deepStrictEqual(grown, [1, 2, 1, 1])
      })
    )
  )
})

/** Writes for as long as the connection takes it, 256 MiB at most; how much was written until it closed, or undefined. */
const writeOn = (socket: Socket, piece: Buffer) =>
  Effect.promise(async () => {
    const most = 256 * 1024 * 1024
    let written = 0
    while (!socket.destroyed && written < most) {
      written += piece.length
      if (!socket.write(piece))
        await Promise.race([once(socket, "drain"), once(socket, "close")]).catch(() => undefined)
    }
    return socket.destroyed ? written : undefined
  })

const mebibyte = Buffer.alloc(1024 * 1024)
const chunk = Buffer.concat([Buffer.from(`${mebibyte.length.toString(16)}\r\n`), mebibyte, Buffer.from("\r\n")])
layer(service({ deadline: 50, bytes: 1_000_000_000 }), { excludeTestServices: true })("a refused body", (it) => {
  for (const [what, head, status, piece] of [
    ["without a signature", post(gigabytes), 401, mebibyte],
    ["without a signature or a length", post(chunked), 401, chunk],
    ["that is announced as too large", post(signature, gigabytes), 413, mebibyte],
    [
      "that is announced as too large, and waits for a word",
      post(signature, gigabytes, "expect: 100-continue"),
      413,
      mebibyte
    ],
    ["that comes too slowly", announced(1000), 408, undefined]
  ] as const) {
    it.effect(`${what} is the last of its connection`, () =>
      Effect.scoped(
        Effect.gen(function* () {
          const socket = yield* connection(head)
          const answer = yield* answerOf(socket)
          assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `))
          assert.match(answer, /^connection: close\r$/im)
          socket.resume()
          if (piece === undefined) yield* Effect.promise(() => once(socket, "close"))
          else assert.isDefined(yield* writeOn(socket, piece), "closed before all was written")
        })
      )
    )
  }

  it.effect("is answered though its sender writes all of it before it reads", () =>
    Effect.gen(function* () {
      const { url } = yield* Service
      const response = yield* Effect.promise(() =>
        fetch(`${url}/webhooks/github`, { method: "POST", body: new Uint8Array(200_000) })
      )
      assert.strictEqual(response.status, 401)
      assert.include(yield* Effect.promise(() => response.text()), "bad signature")
    })
  )
})
