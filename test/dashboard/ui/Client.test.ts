/** The client: every way in which a question can end is an answer or a failure that the page knows, and nothing is thrown. */
import { assert, describe, it } from "@effect/vitest"
import { makeApiClient } from "../../../src/dashboard/ui/api/Client.ts"
import {
  chainQuestion,
  eventsQuestion,
  filters,
  found,
  healthQuestion,
  journeyQuestion,
  ranking,
  trends
} from "../../../src/dashboard/ui/api/Questions.ts"
import { health as healthAnswer } from "../browser/StubFigures.ts"
import { emptyWorld } from "../browser/StubWorld.ts"

interface Asked {
  readonly url: string
  readonly init: RequestInit
}

/** A client of a server that always answers the same. */
const clientOf = (respond: (init: RequestInit) => Response | Promise<Response>, patience = 1_000) => {
  const asked: Array<Asked> = []
  const seen = { signedOut: 0 }
  const client = makeApiClient({
    onSignedOut: () => {
      seen.signedOut += 1
    },
    base: "/admin",
    patience,
    fetch: async (url, init) => {
      asked.push({ url, init })
      return respond(init)
    }
  })
  return { client, asked, seen }
}
const json = (status: number, body: unknown) => () => new Response(JSON.stringify(body), { status })
const failureOf = async (respond: (init: RequestInit) => Response | Promise<Response>) => {
  const answer = await clientOf(respond).client.ask(healthQuestion)
  assert(answer._tag === "Failed")
  return answer.failure
}

describe("asking", () => {
  it("gives the answer, checked", async () => {
    const { client, asked } = clientOf(json(200, healthAnswer(emptyWorld, 0)))
    const answer = await client.ask(healthQuestion)
    assert(answer._tag === "Answered")
    assert.strictEqual(answer.value.status, "unknown")
    assert.strictEqual(asked[0]?.url, "/admin/api/health")
    assert.strictEqual(asked[0]?.init.credentials, "same-origin")
  })

  it("asks the server itself when something fresh is wanted", async () => {
    const { client, asked } = clientOf(json(200, healthAnswer(emptyWorld, 0)))
    await client.ask(healthQuestion, { fresh: true })
    await client.ask(healthQuestion)
    assert.deepStrictEqual(
      asked.map(({ init }) => init.cache),
      ["no-cache", "default"]
    )
  })

  it("an answer of another shape says where it differs", async () => {
    const failure = await failureOf(json(200, { ...healthAnswer(emptyWorld, 0), backlog: { unplanned: "many" } }))
    assert.strictEqual(failure._tag, "Refused")
    assert.include(failure.message, "answer.backlog.unplanned: expected a number")
  })

  it("no session, nothing there, no server, and refusals are distinguished", async () => {
    assert.strictEqual((await failureOf(json(401, { _tag: "Unauthorized", message: "no" })))._tag, "SignedOut")
    assert.strictEqual((await failureOf(json(404, { _tag: "NoSuchJourney", message: "gone" })))._tag, "Missing")
    assert.strictEqual((await failureOf(json(503, { _tag: "StoreUnavailable", message: "down" })))._tag, "Unreachable")
    assert.strictEqual((await failureOf(() => new Response("<html>bad gateway", { status: 502 })))._tag, "Unreachable")
    assert.strictEqual((await failureOf(json(400, { _tag: "BadCursor", message: "no cursor" })))._tag, "Refused")
    assert.strictEqual((await failureOf(() => new Response("<html>", { status: 200 })))._tag, "Refused")
  })

  it("the end of the session is noticed, whatever was asked", async () => {
    const { client, seen } = clientOf(json(401, { _tag: "Unauthorized", message: "no" }))
    await client.ask(healthQuestion)
    await client.replay("d-1")
    assert.strictEqual(seen.signedOut, 2)
  })

  it("an unsupported search brings the supported ones", async () => {
    const body = { _tag: "UnsupportedSearch", message: "No index.", supported: [["source"], ["source", "target"]] }
    const failure = await failureOf(json(400, body))
    assert.deepStrictEqual(failure, { _tag: "Unsupported", message: "No index.", supported: body.supported })
  })

  it("a lost connection and a silent server are failures", async () => {
    const lost = await failureOf(() => Promise.reject(new TypeError("Failed to fetch")))
    assert.deepStrictEqual(lost, { _tag: "Unreachable", message: "The server cannot be reached." })
    const silent = ({ signal }: RequestInit) =>
      new Promise<Response>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)))
    const answer = await clientOf(silent, 20).client.ask(healthQuestion)
    assert(answer._tag === "Failed")
    assert.include(answer.failure.message, "did not answer")
  })
})

describe("changing", () => {
  it("carries the header that forms and foreign pages cannot send", async () => {
    const { client, asked } = clientOf(json(202, { deliveryId: "d-1", generation: 2 }))
    const answer = await client.replay("d-1")
    assert.deepStrictEqual(answer, { _tag: "Answered", value: { deliveryId: "d-1", generation: 2 } })
    assert.strictEqual(asked[0]?.url, "/admin/api/deliveries/d-1/replay")
    assert.strictEqual(asked[0]?.init.method, "POST")
    assert.deepStrictEqual(asked[0]?.init.headers, { "X-Requested-With": "dispatcher" })
  })

  it("signs out whatever page that leads to", async () => {
    const { client } = clientOf(() => new Response("<html>Sign in"))
    assert.deepStrictEqual(await client.signOut(), { _tag: "Answered", value: undefined })
  })
})

describe("questions", () => {
  it("name only what is asked, in a fixed order", () => {
    assert.strictEqual(trends({ source: undefined, target: undefined }, "24h").path, "/trends?window=24h")
    assert.strictEqual(
      trends({ source: "acme/shop", target: "acme/deploy" }, "1h").path,
      "/trends?source=acme%2Fshop&target=acme%2Fdeploy&window=1h"
    )
    assert.strictEqual(filters.path, "/filters")
    assert.strictEqual(ranking("workflows", "7d", 1).path, "/workflows?window=7d&page=1")
    assert.strictEqual(ranking("movers", "7d", 0).path, "/repositories?window=7d&ranking=movers&page=0")
    assert.strictEqual(journeyQuestion("../x").path, "/deliveries/..%2Fx/journey")
    assert.strictEqual(journeyQuestion("1/2/3").path, "/runs/1/2/3/journey")
    assert.strictEqual(chainQuestion("1/2/3").path, "/chains/1/2/3")
    assert.strictEqual(found({ by: "branch", value: "a/b" }, undefined).path, "/find?by=branch&value=a%2Fb&limit=25")
    const search = {
      source: undefined,
      target: undefined,
      status: "failed",
      reason: undefined,
      from: undefined,
      to: undefined
    } as const
    assert.strictEqual(eventsQuestion(search, "abc").path, "/events?status=failed&cursor=abc&limit=25")
  })
})
