/** Each endpoint: what it reads for which question, that it returns what was stored, and how it fails. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { NoSuchDelivery } from "../../src/flow/Replay.ts"
import { Invalid, TableError, TableUnavailable } from "../../src/ports/Table.ts"
import { QueueError } from "../../src/ports/WorkQueue.ts"
import { BadCursor, UnsupportedSearch } from "../../src/readmodel/DashboardQueries.ts"
import { deliveryId, repository } from "../fixtures/Runs.ts"
import * as Answers from "./Answers.ts"
import { bearer, bodyOf, type Call, dashboard, endpoints, explainPath, redrivePath, replayPath } from "./support.ts"

const everything = { _tag: "Global" } as const
const app = repository("acme/app")
const deploy = repository("acme/deploy")
const source = { _tag: "Source", repository: app } as const
const target = { _tag: "Target", repository: deploy } as const
const pair = { _tag: "Pair", source: app, target: deploy } as const

interface Case {
  readonly ask: string
  /** The only reading. */
  readonly reads: Call
  readonly answer: unknown
}
const cases: ReadonlyArray<Case> = [
  { ask: "health", reads: ["health"], answer: Answers.health },
  { ask: "figures", reads: ["figures", everything, "24h"], answer: Answers.figures(everything, "24h") },
  { ask: "figures?source=acme/app", reads: ["figures", source, "24h"], answer: Answers.figures(source, "24h") },
  {
    ask: "figures?target=acme/deploy&window=30d",
    reads: ["figures", target, "30d"],
    answer: Answers.figures(target, "30d")
  },
  {
    ask: "figures?source=acme/app&target=acme/deploy&window=15m",
    reads: ["figures", pair, "15m"],
    answer: Answers.figures(pair, "15m")
  },
  { ask: "trends", reads: ["trend", everything, "24h"], answer: Answers.trend(everything, "24h") },
  {
    ask: "trends?source=acme/app&target=acme/deploy&window=90d",
    reads: ["trend", pair, "90d"],
    answer: Answers.trend(pair, "90d")
  },
  {
    ask: "repositories",
    reads: ["leaderboard", "sources", "24h", 0],
    answer: Answers.leaderboard("sources", "24h", 0)
  },
  {
    ask: "repositories?ranking=movers&window=7d&page=2",
    reads: ["leaderboard", "movers", "7d", 2],
    answer: Answers.leaderboard("movers", "7d", 2)
  },
  {
    ask: "workflows?window=1h&page=1",
    reads: ["leaderboard", "workflows", "1h", 1],
    answer: Answers.leaderboard("workflows", "1h", 1)
  },
  { ask: "filters", reads: ["choices"], answer: Answers.choices },
  { ask: "deliveries", reads: ["deliveries", undefined, { limit: 50 }], answer: Answers.deliveries },
  {
    ask: "deliveries?source=acme/app&limit=200&cursor=older",
    reads: ["deliveries", app, { limit: 200, cursor: "older" }],
    answer: Answers.deliveries
  },
  {
    ask: "find?by=run&value=https://github.com/acme/app/actions/runs/2",
    reads: ["find", "run", "https://github.com/acme/app/actions/runs/2", { limit: 50 }],
    answer: Answers.found
  },
  {
    ask: "find?by=branch&value=release%2F1%20a&limit=2&cursor=older",
    reads: ["find", "branch", "release/1 a", { limit: 2, cursor: "older" }],
    answer: Answers.found
  },
  { ask: `deliveries/${deliveryId}/journey`, reads: ["journey", deliveryId], answer: Answers.journey },
  { ask: "runs/1296269/30433642/2/journey", reads: ["runJourney", "1296269/30433642/2"], answer: Answers.journey },
  { ask: "chains/1296269/30433642/2", reads: ["chain", "1296269/30433642/2", { limit: 500 }], answer: Answers.chain },
  {
    ask: "chains/1296269/30433642/2?limit=2&cursor=further",
    reads: ["chain", "1296269/30433642/2", { limit: 2, cursor: "further" }],
    answer: Answers.chain
  },
  { ask: "topology", reads: ["connections", { limit: 500 }], answer: Answers.connections },
  {
    ask: "topology?limit=2&cursor=further",
    reads: ["connections", { limit: 2, cursor: "further" }],
    answer: Answers.connections
  },
  { ask: "topology/acme/app", reads: ["neighbours", app], answer: Answers.neighbours },
  { ask: "events", reads: ["events", {}, { limit: 50 }], answer: Answers.events },
  { ask: "events?status=failed", reads: ["events", { status: "failed" }, { limit: 50 }], answer: Answers.events },
  {
    ask: "events?type=dispatch.trigger.failed",
    reads: ["events", { status: "failed" }, { limit: 50 }],
    answer: Answers.events
  },
  {
    ask: "events?type=dispatch.trigger.failed&status=failed",
    reads: ["events", { status: "failed" }, { limit: 50 }],
    answer: Answers.events
  },
  {
    ask: "events?source=acme/app&target=acme/deploy&reason=inbound_not_allowed&limit=1&cursor=c",
    reads: ["events", { source: app, target: deploy, reason: "inbound_not_allowed" }, { limit: 1, cursor: "c" }],
    answer: Answers.events
  },
  {
    ask: "events?from=2024-05-01T12:00:00%2B02:00&to=2024-05-02T00:00:00.5Z",
    reads: ["events", { from: "2024-05-01T10:00:00.000Z", to: "2024-05-02T00:00:00.500Z" }, { limit: 50 }],
    answer: Answers.events
  }
]

const broken = (
  reason: TableUnavailable | Invalid = new TableUnavailable({ message: "disk on fire at /data/secret" })
) => Effect.fail(new TableError({ operation: "get", reason }))
const brokenQueries = {
  health: broken(),
  figures: () => broken(),
  trend: () => broken(),
  leaderboard: () => broken(),
  deliveries: () => broken(),
  find: () => broken(),
  journey: () => broken(),
  runJourney: () => broken(),
  chain: () => broken(),
  connections: () => broken(),
  neighbours: () => broken(),
  events: () => broken(),
  choices: broken()
}

describe("handlers", () => {
  it.effect.each(cases)("$ask: one reading, returned as it is", ({ ask: question, reads, answer }) =>
    Effect.gen(function* () {
      const { ask, calls } = yield* dashboard()
      const response = yield* ask(`/admin/api/${question}`, bearer())
      assert.strictEqual(response.status, 200)
      assert.deepStrictEqual(yield* bodyOf(response), JSON.parse(JSON.stringify(answer)))
      assert.deepStrictEqual(calls, [reads])
    })
  )

  it.effect.each(endpoints)("%s: 503 when the store does not answer, without what the store said", (path) =>
    Effect.gen(function* () {
      const { ask, calls, logs } = yield* dashboard({ queries: brokenQueries })
      const response = yield* ask(path, bearer())
      assert.strictEqual(response.status, 503)
      assert.deepStrictEqual(yield* bodyOf(response), {
        _tag: "StoreUnavailable",
        message: "the store does not answer; try again soon"
      })
      assert.strictEqual(calls.length, 1)
      assert.include(logs.join(), "disk on fire")
    })
  )

  it.effect.each([
    ["window", "figures?window=2h"],
    ["window", "trends?window="],
    ["range", "trends?range=15m"],
    ["window", "repositories?window=30d"],
    ["by", "find?by=author&value=x"],
    ["value", "find?by=branch"],
    ["value", "find?by=branch&value="],
    ["ranking", "repositories?ranking=best"],
    ["source", "figures?source=acme"],
    ["target", "trends?target=acme/../etc"],
    ["page", "repositories?page=-1"],
    ["page", "workflows?page=0.5"],
    ["page", "workflows?page=two"],
    ["limit", "deliveries?limit=0"],
    ["limit", "deliveries?limit=201"],
    ["limit", "events?limit=1.5"],
    ["limit", "events?limit=NaN"],
    ["limit", "events?limit=1&limit=2"],
    ["cursor", "deliveries?cursor="],
    ["status", "events?status=gone"],
    ["type", "events?type=push"],
    ["reason", "events?reason="],
    ["from", "events?from=yesterday"],
    ["from", "events?from=2024-13-01T00:00:00Z"],
    ["from", "events?from=2026-02-31T00:00:00Z"],
    ["to", "events?to=2025-02-29T23:59:59%2B01:00"],
    ["to", "events?to=2024-05-01"],
    ["to", "events?to=1"],
    ["from", "events?from=2026-02-03T00:00:00Z&to=2026-02-02T23:59:59.999Z"],
    ["stauts", "events?stauts=failed"],
    ["source", "repositories?source=acme/app"],
    ["id", "deliveries/no_such.form/journey"],
    ["repositoryId", "runs/0/1/1/journey"],
    ["runId", "runs/1/x/1/journey"],
    ["repositoryId", "chains/1e3/2/3"],
    ["repositoryId", "chains/01/2/3"],
    ["attempt", "runs/1/1/1.5/journey"]
  ] as const)("400 that names %s: %s", ([name, question]) =>
    Effect.gen(function* () {
      const { ask, calls } = yield* dashboard()
      const response = yield* ask(`/admin/api/${question}`, bearer())
      const body = yield* bodyOf(response)
      assert.strictEqual(response.status, 400)
      assert.include(body, { _tag: "InvalidParameter" })
      assert.deepStrictEqual(
        (body as { parameters: Array<{ name: string }> }).parameters.map(({ name }) => name),
        [name]
      )
      assert.match((body as { message: string }).message, new RegExp(`^${name}: \\S`))
      assert.deepStrictEqual(calls, [])
    })
  )

  it.effect("a parameter that is given twice is named", () =>
    Effect.gen(function* () {
      const { ask, calls } = yield* dashboard()
      const twice = ["limit=1&limit=2", "status=failed&status=denied", "source=acme/app&source=acme/app"]
      for (const query of twice) {
        const response = yield* ask(`/admin/api/events?${query}`, bearer())
        const [name = ""] = query.split("=")
        const message = "is given more than once"
        assert.deepStrictEqual(yield* bodyOf(response), {
          _tag: "InvalidParameter",
          message: `${name}: ${message}`,
          parameters: [{ name, message }]
        })
      }
      assert.deepStrictEqual(calls, [])
    })
  )

  it.effect("addresses of the API say which methods they take", () =>
    Effect.gen(function* () {
      const { ask, calls } = yield* dashboard()
      const others = [
        ["PUT", "/admin/api/events", "GET, HEAD"],
        ["POST", "/admin/api/openapi.json", "GET, HEAD"],
        ["DELETE", replayPath, "POST"],
        ["OPTIONS", "/admin/api/events", "GET, HEAD"],
        ["GET", explainPath, "POST"],
        ["PATCH", "/admin/api/topology/acme/app", "GET, HEAD"]
      ] as const
      for (const [method, path, allow] of others) {
        const response = yield* ask(path, { ...bearer(), method })
        assert.strictEqual(response.status, 405, `${method} ${path}`)
        assert.strictEqual(response.headers.get("allow"), allow)
        assert.strictEqual(response.headers.get("cache-control"), "no-store")
        assert.deepStrictEqual(yield* bodyOf(response), {
          _tag: "MethodNotAllowed",
          message: `this address takes ${allow} only`
        })
      }
      assert.strictEqual((yield* ask("/admin/api/nothing", { ...bearer(), method: "PUT" })).status, 404)
      assert.deepStrictEqual(calls, [])
    })
  )

  it.effect("all wrong parameters are named at once", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const body = yield* bodyOf(yield* ask("/admin/api/events?limit=0&status=gone&source=x&odd=1", bearer()))
      const names = (body as { parameters: Array<{ name: string }> }).parameters.map(({ name }) => name)
      assert.deepStrictEqual(names.toSorted(), ["limit", "odd", "source", "status"])
    })
  )

  it.effect("a stretch of time that ends before it begins is refused with these words, and a moment is none", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const body = yield* bodyOf(
        yield* ask("/admin/api/events?from=2026-02-03T00:00:00Z&to=2026-02-02T23:59:59.999Z", bearer())
      )
      assert.include(body, { message: "from: is after to" })
      const moment = "from=2026-02-03T00:00:00Z&to=2026-02-03T01:00:00%2B01:00"
      assert.strictEqual((yield* ask(`/admin/api/events?${moment}`, bearer())).status, 200)
    })
  )

  it.effect("a parameter that is missing is named", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      const body = yield* bodyOf(yield* ask("/admin/api/find?by=branch", bearer()))
      assert.include(body, { _tag: "InvalidParameter", message: "value: is missing" })
    })
  )

  it.effect("events are not searched by what makes none: that would look as if it had not happened", () =>
    Effect.gen(function* () {
      const { ask, calls } = yield* dashboard()
      for (const asked of ["status=accepted", "type=dispatch.request.accepted", "status=queued"]) {
        assert.strictEqual((yield* ask(`/admin/api/events?${asked}`, bearer())).status, 400, asked)
      }
      assert.deepStrictEqual(calls, [])
    })
  )

  it.effect("a type and a status that contradict each other are refused before anything is read", () =>
    Effect.gen(function* () {
      const { ask, calls } = yield* dashboard()
      const response = yield* ask("/admin/api/events?type=dispatch.target.denied&status=failed", bearer())
      assert.strictEqual(response.status, 400)
      assert.deepStrictEqual(yield* bodyOf(response), {
        _tag: "UnsupportedSearch",
        message: "events of type dispatch.target.denied have the status denied, so none is failed; give one of both",
        supported: [["type"], ["status"]]
      })
      assert.deepStrictEqual(calls, [])
    })
  )

  it.effect("a search that no index serves says which ones are", () =>
    Effect.gen(function* () {
      const supported = [[], ["source"], ["source", "status"]]
      const { ask } = yield* dashboard({
        queries: { events: () => Effect.fail(new UnsupportedSearch({ asked: ["target", "reason"], supported })) }
      })
      const response = yield* ask("/admin/api/events?target=acme/deploy&reason=x", bearer())
      assert.strictEqual(response.status, 400)
      assert.deepStrictEqual(yield* bodyOf(response), {
        _tag: "UnsupportedSearch",
        message: "events cannot be searched by target + reason; supported are: none; source; source + status",
        supported
      })
    })
  )

  it.effect.each([
    "deliveries?cursor=mine",
    "events?cursor=mine",
    "find?by=actor&value=x&cursor=mine",
    "topology?cursor=mine"
  ])("%s: a cursor that no page gave is a 400", (question) =>
    Effect.gen(function* () {
      const refused = () => Effect.fail(new BadCursor({ message: "this cursor is not from here" }))
      const { ask } = yield* dashboard({
        queries: { deliveries: refused, events: refused, find: refused, connections: refused }
      })
      const response = yield* ask(`/admin/api/${question}`, bearer())
      assert.strictEqual(response.status, 400)
      assert.deepStrictEqual(yield* bodyOf(response), { _tag: "BadCursor", message: "this cursor is not from here" })
    })
  )

  it.effect.each([`deliveries/${deliveryId}/journey`, "runs/1/2/3/journey"])(
    "%s: 404 if nothing is known",
    (question) =>
      Effect.gen(function* () {
        const { ask } = yield* dashboard({
          queries: { journey: () => Effect.succeedNone, runJourney: () => Effect.succeed(Option.none()) }
        })
        const response = yield* ask(`/admin/api/${question}`, bearer())
        assert.strictEqual(response.status, 404)
        assert.include(yield* bodyOf(response), { _tag: "NoSuchJourney" })
      })
  )

  it.effect("chains/1/2/3: 404 if no chain began with it", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard({ queries: { chain: () => Effect.succeed(Option.none()) } })
      const response = yield* ask("/admin/api/chains/1/2/3", bearer())
      assert.strictEqual(response.status, 404)
      assert.include(yield* bodyOf(response), { _tag: "NoSuchChain" })
    })
  )

  it.effect("an answer that does not fit the contract is a 500 that says nothing", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard({
        queries: { health: Effect.succeed({ ...Answers.health, successRate: NaN }) }
      })
      const response = yield* ask("/admin/api/health", bearer())
      assert.strictEqual(response.status, 500)
      assert.strictEqual(yield* Effect.promise(() => response.text()), "")
      assert.isNotNull(response.headers.get("content-security-policy"))
    })
  )
})

describe("dead letters", () => {
  const redrive = (payload: object): RequestInit => ({
    method: "POST",
    headers: { ...bearer().headers, "content-type": "application/json" },
    body: JSON.stringify(payload)
  })
  it.effect("are listed and shown", () =>
    Effect.gen(function* () {
      const { ask, calls } = yield* dashboard()
      const list = yield* ask("/admin/api/dead-letters?queue=order&limit=7", bearer())
      assert.deepStrictEqual(yield* bodyOf(list), { letters: [Answers.letter] })
      assert.deepStrictEqual(yield* bodyOf(yield* ask("/admin/api/dead-letters/order/7", bearer())), Answers.letter)
      assert.strictEqual((yield* ask("/admin/api/dead-letters/order/8", bearer())).status, 404)
      assert.strictEqual((yield* ask("/admin/api/dead-letters?queue=no", bearer())).status, 400)
      assert.deepStrictEqual(calls.slice(0, 2), [
        ["list", "order", 7],
        ["show", "order", "7"]
      ])
    })
  )
  it.effect("are put back by a person with a name, one or all of a queue", () =>
    Effect.gen(function* () {
      const { ask, calls } = yield* dashboard()
      const one = yield* ask(redrivePath, redrive({ queue: "order", id: "7" }))
      assert.deepStrictEqual([one.status, yield* bodyOf(one)], [202, { queue: "order", redriven: 1 }])
      assert.strictEqual((yield* ask(redrivePath, redrive({ queue: "plan" }))).status, 202)
      assert.strictEqual((yield* ask(redrivePath, redrive({ queue: "order", id: "8" }))).status, 404)
      assert.strictEqual(
        (yield* ask(redrivePath, redrive({ queue: "order", ids: ["8"] }))).status,
        400,
        "not all of it"
      )
      assert.strictEqual((yield* ask(redrivePath, { ...redrive({ queue: "plan" }), headers: {} })).status, 401)
      assert.deepStrictEqual(calls, [
        ["redrive", "order", "7", "admin token"],
        ["redrive", "plan", "all", "admin token"],
        ["redrive", "order", "8", "admin token"]
      ])
    })
  )
})

describe("replay", () => {
  const post = { ...bearer(), method: "POST" }

  it.effect("is accepted, and says by whom", () =>
    Effect.gen(function* () {
      const { ask, calls } = yield* dashboard({ replay: () => Effect.succeed({ generation: 3 }) })
      const response = yield* ask(replayPath, post)
      assert.strictEqual(response.status, 202)
      assert.deepStrictEqual(yield* bodyOf(response), { deliveryId, generation: 3 })
      assert.deepStrictEqual(calls, [["replay", deliveryId, "admin token"]])
      assert.strictEqual(response.headers.get("cache-control"), "no-store")
      assert.isNull(response.headers.get("etag"))
    })
  )

  it.effect("of an unknown delivery is a 404", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard({ replay: () => Effect.fail(new NoSuchDelivery({ message: "gone" })) })
      const response = yield* ask(replayPath, post)
      assert.strictEqual(response.status, 404)
      assert.include(yield* bodyOf(response), { _tag: "NoSuchJourney" })
    })
  )

  it.effect.each([
    ["table", new TableError({ operation: "get", reason: new Invalid({ message: "too large" }) })],
    ["queue", new QueueError({ queue: "plans", operation: "offer", message: "full" })]
  ] as const)("is a 503 when the %s does not answer", ([, error]) =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard({ replay: () => Effect.fail(error) })
      const response = yield* ask(replayPath, post)
      assert.strictEqual(response.status, 503)
      assert.include(yield* bodyOf(response), { _tag: "StoreUnavailable" })
    })
  )

  it.effect("needs a POST", () =>
    Effect.gen(function* () {
      const { ask, calls } = yield* dashboard()
      assert.strictEqual((yield* ask(replayPath, bearer())).status, 405)
      assert.deepStrictEqual(calls, [])
    })
  )
})
