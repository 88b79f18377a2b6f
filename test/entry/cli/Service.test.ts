/** `journey`, `replay` and `events` against something that answers by the contract, over real HTTP. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { EventRow } from "../../../src/domain/Answers.ts"
import { outcomeFact, requestAccepted } from "../../../src/domain/Fact.ts"
import { connections, neighbours } from "../../dashboard/Answers.ts"
import { acceptance, deliveryId, order, repository, workflow } from "../../fixtures/Runs.ts"
import { dispatcher, folder } from "./support.ts"

const token = "correct horse battery staple"
const time = "1970-01-01T00:00:01.000Z"
const outcome = { _tag: "Failed", code: "not_found", message: "gone\u001b[2J" } as const
const facts = [
  requestAccepted(acceptance(), { appVersion: "1.0.0" }),
  outcomeFact(order(), { outcome, at: 1000 }, { appVersion: "1.0.0" })
]
const row = (id: string, about: Partial<EventRow> = {}): EventRow => ({
  id,
  type: "dispatch.trigger.succeeded",
  status: "dispatched",
  time,
  deliveryId,
  source: repository("acme/app"),
  workflow: workflow("ci.yml"),
  target: "acme/deploy cd.yml@main",
  reason: null,
  message: null,
  url: null,
  ...about
})

const letter = {
  queue: "order",
  id: "7",
  body: { version: 1 },
  reason: "gave up after 3 d",
  attempts: 300,
  diedAt: 0
}

const unknownId = "00000000-cc78-11e3-81ab-4c9367dc0958"

const answers: Readonly<Record<string, readonly [number, unknown]>> = {
  [`GET /admin/api/deliveries/${deliveryId}/journey`]: [200, { row: null, facts, more: false, chain: null }],
  [`POST /admin/api/deliveries/${deliveryId}/replay`]: [202, { deliveryId, generation: 2 }],
  [`GET /admin/api/deliveries/${unknownId}/journey`]: [
    404,
    { _tag: "NoSuchJourney", message: "nothing is known of this" }
  ],
  "GET /admin/api/dead-letters?queue=order&limit=50": [200, { letters: [letter] }],
  "GET /admin/api/dead-letters/order/7": [200, letter],
  "POST /admin/api/dead-letters/redrive": [202, { queue: "order", redriven: 1 }],
  "GET /admin/api/events?limit=50": [200, { rows: [row("newer"), row("older")], cursor: null, days: 30 }],
  "GET /admin/api/events?limit=3": [200, { rows: [row("newer")], cursor: "older", days: 30 }],
  "GET /admin/api/topology": [200, connections],
  "GET /admin/api/topology?cursor=further+on": [200, { ...connections, cursor: null }],
  "GET /admin/api/topology/acme/app": [200, neighbours],
  "GET /admin/api/topology/acme/alone": [200, { ...neighbours, starts: [] }],
  "GET /admin/api/topology/acme/typo": [200, { ...neighbours, starts: [], known: false }],
  "GET /admin/api/events?limit=2&source=acme%2Fapp": [200, "<html>"]
}

/** A service with its address. */
const service = Effect.acquireRelease(
  Effect.callback<{ readonly url: string; readonly close: () => void }>((resume) => {
    const server = createServer((request, response) => {
      const isKnown = request.headers.authorization === `Bearer ${token}`
      const [status, body] = isKnown
        ? (answers[`${request.method} ${request.url}`] ?? [404, { message: `${request.method} ${request.url}` }])
        : [401, { _tag: "Unauthorized", message: "this is not the admin token" }]
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
    }).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      const close = () => void server.close().closeAllConnections()
      resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, close }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

const called = (args: ReadonlyArray<string>, ADMIN_TOKEN = token) =>
  Effect.gen(function* () {
    const { url } = yield* service
    return yield* dispatcher(args, { cwd: yield* folder(), env: { ADMIN_TOKEN, DISPATCHER_URL: url } })
  }).pipe(Effect.scoped)

describe("dispatcher journey, replay, events", () => {
  it.live("a journey is shown in order, and what strangers wrote cannot move the cursor", () =>
    Effect.gen(function* () {
      const { code, stdout, stderr } = yield* called(["journey", deliveryId])
      assert.deepStrictEqual([code, stderr], [0, ""])
      assert.match(stdout, /accepted +acme\/app ci\.yml\n[\s\S]*failed +acme\/app ci\.yml → acme\/deploy cd\.yml@main/)
      assert.include(stdout, `delivery ${deliveryId}`)
      assert.include(stdout, "not_found: gone [2J")
      assert.notInclude(stdout, "\u001b")
    })
  )

  it.live("a replay says how to go on", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* called(["replay", deliveryId])
      assert.strictEqual(code, 0)
      assert.include(stdout, `${deliveryId} is planned again (replay 2)`)
    })
  )

  it.live("dead letters are listed, shown and put back, one or all", () =>
    Effect.gen(function* () {
      const list = yield* called(["dead-letters", "list", "--queue", "order"])
      assert.deepStrictEqual([list.code, list.stderr], [0, ""])
      assert.include(list.stdout, "order 7  1970-01-01T00:00:00.000Z  300 attempts  gave up after 3 d")
      const show = yield* called(["dead-letters", "show", "order", "7"])
      assert.deepStrictEqual(JSON.parse(show.stdout), letter)
      for (const which of ["7", "--all"]) {
        const redrive = yield* called(["dead-letters", "redrive", "order", which])
        assert.include(redrive.stdout, "1 message put back into the order queue", redrive.stderr)
      }
      const neither = yield* called(["dead-letters", "redrive", "order"])
      assert.strictEqual(neither.code, 2)
      assert.include(neither.stderr, "either an id or --all")
    })
  )

  it.live("who starts whom is asked for page by page, or of one repository", () =>
    Effect.gen(function* () {
      const all = yield* called(["topology", "--json"])
      assert.deepStrictEqual([all.code, all.stderr], [0, ""])
      assert.strictEqual(JSON.parse(all.stdout).connections.length, 2 * connections.connections.length)
      const one = yield* called(["topology", "acme/app", "--json"])
      assert.deepStrictEqual(JSON.parse(one.stdout), neighbours)
      const text = yield* called(["topology", "acme/app"])
      assert.include(text.stdout, "wants in, is not let in: inbound_not_allowed")
      const wrong = yield* called(["topology", "acme"])
      assert.strictEqual(wrong.code, 2)
    })
  )

  it.live("a repository that nothing is known of is not one without connections", () =>
    Effect.gen(function* () {
      const alone = yield* called(["topology", "acme/alone"])
      assert.deepStrictEqual([alone.code, alone.stderr], [0, ""])
      assert.include(alone.stdout, "acme/alone starts\nnothing")
      for (const more of [[], ["--json"]]) {
        const unknown = yield* called(["topology", "acme/typo", ...more])
        assert.deepStrictEqual([unknown.code, unknown.stdout], [1, ""])
        assert.include(unknown.stderr, "nothing is known of acme/typo")
      }
    })
  )

  it.live("what names no run and no delivery is a wrong call", () =>
    Effect.gen(function* () {
      for (const args of [["chain"], ["journey"], ["replay"], ["send", "p.json", "--delivery"]]) {
        const { code, stdout, stderr } = yield* called([...args, "abc"])
        assert.deepStrictEqual([code, stdout], [2, ""], args.join(" "))
        assert.include(stderr, "GUID")
      }
    })
  )

  it.live("an address that cannot be asked is named, with its setting and what is expected", () =>
    Effect.gen(function* () {
      const cwd = yield* folder()
      const journey = (env: Record<string, string>, ...more: ReadonlyArray<string>) =>
        dispatcher(["journey", deliveryId, ...more], { cwd, env: { ADMIN_TOKEN: token, ...env } })
      const blocked = "http://127.0.0.1:1"
      for (const [given, setting, found] of [
        [journey({ DISPATCHER_URL: blocked }), "DISPATCHER_URL", blocked],
        [journey({ DISPATCHER_URL: "localhost" }), "DISPATCHER_URL", "localhost"],
        [journey({}, "--url", blocked), "--url", blocked],
        [journey({ PORT: "6000" }), "PORT", "http://127.0.0.1:6000"]
      ] as const) {
        const { code, stderr } = yield* given
        assert.strictEqual(code, 2, stderr)
        for (const part of [setting, found, "xpected"]) assert.include(stderr, part)
        assert.notInclude(stderr, "bad port")
      }
    }).pipe(Effect.scoped)
  )

  it.live("an address and a token that cannot be used are not shown", () =>
    Effect.gen(function* () {
      const cwd = yield* folder()
      const journey = (env: Record<string, string>, ...more: ReadonlyArray<string>) =>
        dispatcher(["journey", deliveryId, ...more], { cwd, env: { ADMIN_TOKEN: token, ...env } })
      const address = "http://user:unseen@127.0.0.1:3000"
      for (const [given, setting] of [
        [journey({ DISPATCHER_URL: address }), "DISPATCHER_URL"],
        [journey({ DISPATCHER_URL: "http://127.0.0.1:3000?token=unseen" }), "DISPATCHER_URL"],
        [journey({}, "--url", address), "--url"],
        [dispatcher(["send", "p.json", "--to", address], { cwd, env: {} }), "--to"],
        [journey({ ADMIN_TOKEN: "a line\nand another, unseen" }), "ADMIN_TOKEN"],
        [journey({ ADMIN_TOKEN: "ключ, который unseen" }), "ADMIN_TOKEN"]
      ] as const) {
        const { code, stdout, stderr } = yield* given
        assert.notStrictEqual(code, 0)
        assert.include(stderr, setting)
        assert.include(stderr, "xpected")
        assert.notInclude(`${stdout}${stderr}`, "unseen")
      }
    }).pipe(Effect.scoped)
  )

  it.live("events come oldest first", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* called(["events", "--format", "json"])
      assert.strictEqual(code, 0)
      const ids = stdout
        .trim()
        .split("\n")
        .map((text) => JSON.parse(text).id)
      assert.deepStrictEqual(ids, ["older", "newer"])
    })
  )

  it.live("events that have none before them say for how long events are listed, to people", () =>
    Effect.gen(function* () {
      const said = "Events are listed for 30 days"
      assert.include((yield* called(["events"])).stderr, said)
      assert.notInclude((yield* called(["events", "--format", "json"])).stderr, said)
      const part = yield* called(["events", "--limit", "3"])
      assert.deepStrictEqual([part.code, part.stderr], [0, ""])
    })
  )

  it.live("what goes wrong is said in a line", () =>
    Effect.gen(function* () {
      const unknown = yield* called(["journey", unknownId])
      assert.deepStrictEqual([unknown.code, unknown.stderr.trim()], [1, "ERROR\n  nothing is known of this"])
      const stranger = yield* called(["journey", deliveryId], "this is a wrong token")
      assert.deepStrictEqual([stranger.code, stranger.stderr.trim()], [1, "ERROR\n  this is not the admin token"])
      const odd = yield* called(["events", "--limit", "2", "--source", "acme/app"])
      assert.strictEqual(odd.code, 1)
      assert.include(odd.stderr, "does not answer as a dispatcher does")
      const { url: closed } = yield* Effect.scoped(service)
      const silent = yield* called(["journey", deliveryId, "--url", closed])
      assert.strictEqual(silent.code, 1)
      assert.include(silent.stderr, `${closed} does not answer: `)
      assert.notInclude(silent.stderr, "fetch failed")
      const nowhere = yield* called(["events", "--url", "localhost:3000"])
      assert.strictEqual(nowhere.code, 2)
    })
  )

  it.live("a service that is asked in TLS and does not speak it is named so", () =>
    Effect.gen(function* () {
      const url = (yield* service).url.replace("http:", "https:")
      const asked = { cwd: yield* folder(), env: { ADMIN_TOKEN: token, DISPATCHER_URL: url } }
      const { code, stderr } = yield* dispatcher(["events"], asked)
      assert.deepStrictEqual(
        [code, stderr.trim()],
        [1, `ERROR\n  ${url} does not answer: it does not speak TLS; is http:// meant?`]
      )
    }).pipe(Effect.scoped)
  )

  it.live("a number that is none, or too large, is refused with what is expected", () =>
    Effect.gen(function* () {
      for (const command of [["events"], ["dead-letters", "list"]]) {
        for (const given of ["abc", "0", "201", "1.5"]) {
          const { code, stderr } = yield* called([...command, "--limit", given])
          assert.strictEqual(code, 2, stderr)
          assert.include(stderr, `Invalid value for flag --limit: "${given}". Expected a whole number from 1 to 200\n`)
        }
      }
    })
  )
})
