/** The dashboard on the local server: sockets, a client's own idea of cookies and redirects, and what a Lambda uses instead. */
import { createServer } from "node:http"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Redacted, References } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { layer } from "../../src/dashboard/Dashboard.ts"
import { AdminToken } from "../../src/dashboard/Session.ts"
import { DeadLetters } from "../../src/flow/DeadLetters.ts"
import { layerUnread } from "../../src/flow/Explain.ts"
import { Replays } from "../../src/flow/Replay.ts"
import { layerSettings } from "../../src/flow/Settings.ts"
import { fixed } from "../../src/ports/Renewed.ts"
import { form, layerQueries, origin, pageFiles, pageFolder, replayPath, token } from "./support.ts"

const services = Layer.mergeAll(
  layerQueries([]),
  Layer.succeed(Replays, { replay: () => Effect.succeed({ generation: 1 }) }),
  Layer.succeed(DeadLetters, {
    list: () => Effect.succeed([]),
    show: () => Effect.succeed(Option.none()),
    redrive: () => Effect.succeed(0)
  }),
  Layer.succeed(AdminToken, fixed(Redacted.make(token))),
  layerUnread,
  layerSettings()
)
const quiet = Layer.succeed(References.MinimumLogLevel, "None")
const routes = Layer.unwrap(Effect.map(pageFolder, (folder) => layer({ folder }))).pipe(Layer.provide(services))

const server = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
  Layer.provideMerge(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" })),
  Layer.provide(quiet)
)

const request = (url: string, init: RequestInit = {}) =>
  Effect.promise(() => fetch(url, { redirect: "manual", ...init }))

describe("over sockets", () => {
  it.live("a person signs in, looks, replays, and signs out", () =>
    Effect.gen(function* () {
      const { address } = yield* HttpServer.HttpServer
      const url = HttpServer.formatAddress(address)

      const first = yield* request(`${url}/admin?range=7d`)
      assert.strictEqual(first.status, 303)
      const signInPage = yield* request(new URL(first.headers.get("location") ?? "", url).href)
      assert.include(yield* Effect.promise(() => signInPage.text()), 'value="/admin?range=7d"')

      const posted = form({ token, next: "/admin?range=7d" }, { origin: url, "sec-fetch-site": "same-origin" })
      const signedIn = yield* request(`${url}/admin/session`, posted)
      assert.strictEqual(signedIn.status, 303)
      const cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? ""

      const page = yield* request(new URL(signedIn.headers.get("location") ?? "", url).href, { headers: { cookie } })
      assert.strictEqual(yield* Effect.promise(() => page.text()), pageFiles["index.html"])
      const script = yield* request(`${url}/admin/app.js`)
      assert.strictEqual(yield* Effect.promise(() => script.text()), pageFiles["app.js"])
      const answer = yield* request(`${url}/admin/api/health`, { headers: { cookie } })
      assert.include(yield* Effect.promise(() => answer.text()), '"status":"amber"')

      const headers = { cookie, "x-requested-with": "dispatcher", origin: url }
      const replayed = yield* request(url + replayPath, { method: "POST", headers })
      assert.strictEqual(replayed.status, 202)
      const forged = yield* request(url + replayPath, { method: "POST", headers: { ...headers, origin } })
      assert.strictEqual(forged.status, 403)

      const signedOut = yield* request(`${url}/admin/sign-out`, { method: "POST", headers: { cookie, origin: url } })
      assert.match(signedOut.headers.getSetCookie()[0] ?? "", /^dispatcher_session=; Max-Age=0;/)
    }).pipe(Effect.provide(server))
  )

  it.live("wrong tokens are counted for the address of the connection", () =>
    Effect.gen(function* () {
      const url = HttpServer.formatAddress((yield* HttpServer.HttpServer).address)
      const wrong = (index: number) =>
        request(`${url}/admin/api/health`, {
          headers: { authorization: "Bearer x", "x-forwarded-for": `10.0.0.${index}` }
        })
      const statuses = yield* Effect.forEach([1, 2, 3, 4, 5, 6], (index) =>
        Effect.map(wrong(index), ({ status }) => status)
      )
      assert.deepStrictEqual(statuses, [401, 401, 401, 401, 401, 429])
    }).pipe(Effect.provide(server))
  )
})

describe("without a socket", () => {
  it.live("the same routes are a function from a web request to its answer", () =>
    Effect.gen(function* () {
      const { handler } = yield* Effect.acquireRelease(
        Effect.sync(() => HttpRouter.toWebHandler(Layer.provideMerge(routes, quiet), { disableLogger: true })),
        ({ dispose }) => Effect.promise(dispose)
      )
      const ask = (path: string, init?: RequestInit) => Effect.promise(() => handler(new Request(origin + path, init)))
      const signedIn = yield* ask("/admin/session", form({ token }))
      const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? ""
      assert.strictEqual((yield* ask("/admin/api/figures", { headers: { cookie } })).status, 200)
      assert.strictEqual((yield* ask("/admin/api/figures")).status, 401)
    })
  )
})
