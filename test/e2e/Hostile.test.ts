/** Strangers write configs, and those who have the secret write payloads: each is answered, and the server lives on; how much work a file makes at most, test/domain/ConfigYaml.test.ts and Effort.test.ts hold. */
import { once } from "node:events"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Option } from "effect"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import type { WorkflowRunCompleted } from "../../src/sandbox/WorkflowRunEvent.ts"
import { connection, postInPieces, postSigned } from "./Bytes.ts"
import { complete, completeAndDeliver, decisionsOf, idle, planOf, startedIn, until } from "./Journeys.ts"
import { fleet, shop } from "./Scenarios.ts"
import { Service, world } from "./World.ts"

const targets = ["acme/deploy", "acme/docs"]
const mebibyte = 1024 * 1024

/** What it answers to `/health`, and that it still does its work. */
const lives = Effect.gen(function* () {
  const { url } = yield* Service
  const health = yield* Effect.promise(() => fetch(`${url}/health`))
  assert.strictEqual(health.status, 200)
  const { payload } = yield* completeAndDeliver()
  yield* idle
  assert.deepStrictEqual(yield* startedIn(payload), targets)
})

/** The plan of a run, as soon as it is stored. */
const decided = (payload: WorkflowRunCompleted) => until(planOf(payload), Option.isSome)

const aliases = Array.from({ length: 40 }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index}, *a${index}]`)

/** Files that are meant to take all memory, all time or the whole stack. */
const files: Readonly<Record<string, string>> = {
  "an alias bomb": ["a0: &a0 [lol, lol]", ...aliases].join("\n"),
  "an alias bomb in a rule": `x: &x { source: { repository: shop, workflow: ci.yml } }\ninbound: [${"*x, ".repeat(5000)}*x]`,
  "10 MB of comments": "# nothing\n".repeat(mebibyte),
  "10 MB in one value": `inbound: "${"x".repeat(10 * mebibyte)}"`,
  "10 MB of rules": `inbound:\n${"  - source: { repository: shop, workflow: ci.yml }\n".repeat(200_000)}`,
  "lists in lists": "[".repeat(30_000),
  "closed lists in lists": `inbound: ${"[".repeat(20_000)}${"]".repeat(20_000)}`,
  "mappings in mappings": `inbound: ${"{a: ".repeat(10_000)}`,
  "indentation without end": Array.from({ length: 340 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"),
  "keys without end": Array.from({ length: 9000 }, (_, index) => `k${index}: `).join("\n"),
  "one key again and again": "inbound: []\n".repeat(5000),
  "a tag": "inbound: !!js/function 'function () { return 1 }'",
  "a prototype": "__proto__: { inbound: [] }\nconstructor: { prototype: {} }",
  "no YAML": "\u0000\u0001\u0002 %TAG ! tag:x,2000: \n--- !<!>",
  "many documents": "---\n".repeat(10_000)
}

layer(world(fleet(targets)), { excludeTestServices: true })("a dispatching.yml", (it) => {
  const original = fleet(targets).repositories
  const restore = Effect.gen(function* () {
    const sandbox = yield* Sandbox
    for (const { name, files = {} } of original) {
      yield* sandbox.putFile(name, "dispatching.yml", files["dispatching.yml"] ?? null)
    }
  })

  for (const [what, text] of Object.entries(files)) {
    it.effect(`that is ${what} denies its target, or is reported to its source`, () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        yield* sandbox.putFile("acme/docs", "dispatching.yml", text)
        const towards = yield* completeAndDeliver()
        assert.strictEqual(towards.delivery.statusCode, 202)
        yield* decided(towards.payload)
        assert.deepStrictEqual(yield* decisionsOf(towards.payload), {
          "acme/deploy": "allowed",
          "acme/docs": "target_config_invalid"
        })
        yield* sandbox.putFile("acme/shop", "dispatching.yml", text)
        const from = yield* completeAndDeliver()
        const plan = yield* decided(from.payload)
        assert.strictEqual(Option.getOrUndefined(plan)?.config._tag, "Invalid")
        yield* idle
        yield* restore
        yield* lives
      })
    )
  }
})

/** One value of every type of JSON. */
const types: ReadonlyArray<unknown> = [null, true, 0, "", [], {}]
/** And more, at the edges of what a type can hold, for the fields that are looked at. */
const edges: ReadonlyArray<unknown> = [
  undefined,
  -1,
  1.5,
  1e300,
  "text",
  "\u0000/../*",
  "x".repeat(70_000),
  [{}],
  { a: null }
]

const run = ["id", "run_attempt", "path", "head_branch", "head_sha", "event", "conclusion", "html_url"]
const lookedAt = new Set([
  ...["action", "workflow_run", "repository", "installation", "installation.id"],
  ...["repository.id", "repository.full_name", "repository.default_branch"],
  ...[...run, "actor", "actor.login", "head_repository", "head_repository.id"].map((field) => `workflow_run.${field}`)
])
const isLookedAt = (place: ReadonlyArray<string>): boolean => lookedAt.has(place.join("."))

/** The places of all fields of a payload, outermost first. */
const placesOf = (value: unknown, place: ReadonlyArray<string> = []): ReadonlyArray<ReadonlyArray<string>> =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [[...place, key], ...placesOf(inner, [...place, key])])
    : []

/** A payload with another value in one place; undefined takes the field away. */
const changed = (payload: unknown, [key = "", ...rest]: ReadonlyArray<string>, value: unknown): unknown => {
  if (typeof payload !== "object" || payload === null) return payload
  const fields: Record<string, unknown> = { ...payload }
  fields[key] = rest.length === 0 ? value : changed(fields[key], rest, value)
  return fields
}

describe("a signed payload", () => {
  const deliver = Effect.fnUntraced(function* (payload: unknown, place: ReadonlyArray<string>, value: unknown) {
    // What a machine that stood still has not stored in time is to come again.
    const post = postSigned(JSON.stringify(changed(payload, place, value)))
    const { status, text } = yield* Effect.repeat(post, { until: ({ status }) => status !== 503, times: 5 })
    assert.include([202, 400], status, `${place.join(".")} = ${JSON.stringify(value)}: ${text}`)
  })
  const deliverAll = (payload: unknown, changes: ReadonlyArray<readonly [ReadonlyArray<string>, unknown]>) =>
    Effect.forEach(changes, ([place, value]) => deliver(payload, place, value), { concurrency: 8, discard: true })

  it.live("may have any type of JSON in any of its fields", () =>
    Effect.gen(function* () {
      const payload = yield* complete()
      const places = placesOf(payload)
      const values = [...types, ...edges]
      yield* deliverAll(
        payload,
        places.filter(isLookedAt).flatMap((place) => values.map((value) => [place, value] as const))
      )
      // The others are accepted: a run that failed starts nothing, and each field has one of the types in its turn.
      const others = places.filter((place) => !isLookedAt(place))
      yield* deliverAll(
        yield* complete({ conclusion: "failure" }),
        others.map((place, index) => [place, types[index % types.length]] as const)
      )
      yield* idle
      yield* lives
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  const bodies: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>> = {
    "a plain value": "null",
    "a number": "1",
    "a list": "[]",
    "a text": '"completed"',
    "nothing that is JSON": "action=completed",
    "half of it": '{"action":"completed","workflow_run":{"id":1',
    "lists a million deep": "[".repeat(mebibyte),
    "closed lists a million deep": `{"action":${"[".repeat(mebibyte)}${"]".repeat(mebibyte)}}`,
    "mappings a million deep": `{"action":"completed","workflow_run":${'{"a":'.repeat(mebibyte)}1${"}".repeat(mebibyte)}}`,
    "a prototype": '{"__proto__":{"action":"completed"},"constructor":{"prototype":{}}}',
    "a number without end": `{"action":"completed","installation":{"id":${"9".repeat(100_000)}}}`,
    "invalid UTF-8": new Uint8Array([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]),
    "a byte order mark": '\ufeff{"action":"completed"}',
    "UTF-16": new Uint8Array(Buffer.from('{"action":"completed"}', "utf16le"))
  }
  for (const [what, body] of Object.entries(bodies)) {
    it.live(`that is ${what} is refused as malformed`, () =>
      Effect.gen(function* () {
        const { status, text } = yield* postSigned(body)
        assert.deepStrictEqual([status, JSON.parse(text).status], [400, "malformed"])
        assert.isBelow(text.length, 5000, "the answer is for people")
        yield* lives
      }).pipe(Effect.provide(world(fleet(targets))))
    )
  }
})

layer(world(fleet(targets)), { excludeTestServices: true })("a body", (it) => {
  const limit = 25 * mebibyte
  const padded = (payload: unknown, length: number) => JSON.stringify(payload).padEnd(length, " ")

  it.effect("may have 25 MiB, and not a byte more", () =>
    Effect.gen(function* () {
      const payload = yield* complete()
      assert.strictEqual((yield* postSigned(padded(payload, limit))).status, 202)
      assert.strictEqual((yield* postSigned(padded(payload, limit + 1))).status, 413)
      yield* lives
    })
  )

  it.effect("that does not say how long it is ends at the limit", () =>
    Effect.gen(function* () {
      const pieces = Array.from({ length: 26 }, () => new Uint8Array(mebibyte))
      assert.strictEqual((yield* postInPieces(pieces)).status, 413)
      yield* lives
    })
  )

  const head = (length: number) =>
    [
      "POST /webhooks/github HTTP/1.1",
      "host: x",
      `content-length: ${length}`,
      "x-github-event: workflow_run",
      `x-hub-signature-256: sha256=${"0".repeat(64)}`,
      "",
      ""
    ].join("\r\n")

  it.effect("without a signature that may be one is refused before it is read", () =>
    Effect.scoped(
      Effect.gen(function* () {
        for (const signature of ["", "x-hub-signature-256: sha256=0\r\n"]) {
          const socket = yield* connection(
            `POST /webhooks/github HTTP/1.1\r\nhost: x\r\ncontent-length: ${limit}\r\n${signature}\r\n`
          )
          const answer = yield* Effect.promise(() => once(socket, "data"))
          assert.match(String(answer[0]), /^HTTP\/1.1 401 /)
        }
        yield* lives
      })
    )
  )

  it.effect("that comes with an offer of another protocol is read within the same limits", () =>
    Effect.scoped(
      Effect.gen(function* () {
        for (const protocol of ["h2c", "websocket"]) {
          const offer = `connection: Upgrade\r\nupgrade: ${protocol}\r\ntransfer-encoding: chunked\r\n\r\n`
          const socket = yield* connection(head(0).replace("content-length: 0\r\n", "").replace(/\r\n$/, offer))
          const answer = Effect.promise(() => once(socket, "data"))
          socket.write("2\r\n{}\r\n0\r\n\r\n")
          // An upgraded connection is read past `Bodies`, and its chunks are not read at all.
          assert.match(String((yield* answer)[0]), /^HTTP\/1.1 401 [\s\S]*does not match the body/)
        }
        yield* lives
      })
    )
  )

  it.effect("that breaks off does no harm", () =>
    Effect.gen(function* () {
      yield* Effect.forEach(Array(50).keys(), () => Effect.scoped(connection(`${head(10_000)}{"action":`)), {
        concurrency: 10
      })
      yield* lives
    })
  )

  it.effect("that comes slowly, 200 times at once, keeps no delivery waiting", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const started = [head(1000), "POST /webhooks/github HTTP/1.1\r\nhost: x\r\n", "P", ""]
        const slow = Array.from({ length: 50 }, () => started).flat()
        const sockets = yield* Effect.forEach(slow, connection, { concurrency: 20 })
        for (const socket of sockets) socket.write("x")
        yield* completeAndDeliver(shop)
        yield* lives
      })
    )
  )
})
