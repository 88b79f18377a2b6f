/**
 * The dashboard's server as its callers have it, without a socket: requests and answers of the web, the whole pipeline between, queries
 * that are made up and remember what was asked of them. Time is the test's.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Context, Effect, Layer, Logger, Option, Redacted, type Scope } from "effect"
import { HttpEffect, HttpRouter, HttpServerRequest } from "effect/http"
import { type DashboardOptions, layer } from "../../src/dashboard/Dashboard.ts"
import { AdminToken } from "../../src/dashboard/Session.ts"
import { DeadLetters } from "../../src/flow/DeadLetters.ts"
import { Replays } from "../../src/flow/Replay.ts"
import { layerSettings } from "../../src/flow/Settings.ts"
import type { ConfigSource } from "../../src/ports/ConfigSource.ts"
import { DashboardQueries } from "../../src/readmodel/DashboardQueries.ts"
import { layerMemory } from "../../src/testing/fakes/ConfigSource.ts"
import * as Answers from "./Answers.ts"

export const token = "correct horse battery staple"
export const origin = "http://dispatcher.test"

/** What stands for the built page. */
export const pageFiles = {
  "index.html": "<!doctype html><title>Dispatcher</title>",
  "app.js": `console.log("${"page ".repeat(400)}")`,
  "app.css": "body { margin: 0 }",
  "sign-in.html":
    '<!doctype html><p>{{message}}</p><form method="post"><input name="next" value="{{next}}">{{other}}</form>'
}

/** A folder with a page in it, gone when the scope is. */
export const pageFolder = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = mkdtempSync(join(tmpdir(), "dispatcher-page-"))
    for (const [name, text] of Object.entries(pageFiles)) writeFileSync(join(folder, name), text)
    return folder
  }),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** What was asked of a service: the method's name and its arguments. */
export type Call = readonly [method: string, ...args: ReadonlyArray<unknown>]

/** Queries that answer what is in `Answers.ts`, unless something else is given, and note each call. */
export const layerQueries = (calls: Array<Call>, given: Partial<DashboardQueries["Service"]> = {}) => {
  const noted = <A, E>(call: Call, answer: Effect.Effect<A, E>) =>
    Effect.suspend(() => {
      calls.push(call)
      return answer
    })
  const answers: DashboardQueries["Service"] = {
    health: Effect.succeed(Answers.health),
    figures: (...asked) => Effect.succeed(Answers.figures(...asked)),
    trend: (...asked) => Effect.succeed(Answers.trend(...asked)),
    leaderboard: (...asked) => Effect.succeed(Answers.leaderboard(...asked)),
    deliveries: () => Effect.succeed(Answers.deliveries),
    find: () => Effect.succeed(Answers.found),
    journey: () => Effect.succeed(Answers.someJourney),
    runJourney: () => Effect.succeed(Answers.someJourney),
    chain: () => Effect.succeed(Option.some(Answers.chain)),
    connections: () => Effect.succeed(Answers.connections),
    neighbours: () => Effect.succeed(Answers.neighbours),
    events: () => Effect.succeed(Answers.events),
    choices: Effect.succeed(Answers.choices),
    ...given
  }
  return Layer.succeed(DashboardQueries, {
    health: noted(["health"], answers.health),
    figures: (...asked) => noted(["figures", ...asked], answers.figures(...asked)),
    trend: (...asked) => noted(["trend", ...asked], answers.trend(...asked)),
    leaderboard: (...asked) => noted(["leaderboard", ...asked], answers.leaderboard(...asked)),
    deliveries: (...asked) => noted(["deliveries", ...asked], answers.deliveries(...asked)),
    find: (...asked) => noted(["find", ...asked], answers.find(...asked)),
    journey: (...asked) => noted(["journey", ...asked], answers.journey(...asked)),
    runJourney: (...asked) => noted(["runJourney", ...asked], answers.runJourney(...asked)),
    chain: (...asked) => noted(["chain", ...asked], answers.chain(...asked)),
    connections: (...asked) => noted(["connections", ...asked], answers.connections(...asked)),
    neighbours: (...asked) => noted(["neighbours", ...asked], answers.neighbours(...asked)),
    events: (...asked) => noted(["events", ...asked], answers.events(...asked)),
    choices: noted(["choices"], answers.choices)
  })
}

/** What may be different from the ordinary. */
export interface Given {
  readonly token?: string
  /** The token once it is read again. */
  readonly latestToken?: string
  readonly options?: Partial<DashboardOptions>
  readonly queries?: Partial<DashboardQueries["Service"]>
  readonly replay?: Replays["Service"]["replay"]
  readonly configs?: Layer.Layer<ConfigSource>
}

/** The dashboard of a test: ask it, and see what it asked in turn. The header `x-test-address` is where a request comes from. */
export const dashboard = Effect.fnUntraced(function* (given: Given = {}) {
  const calls: Array<Call> = []
  const noted = <A>(call: Call, answer: Effect.Effect<A>) =>
    Effect.andThen(
      Effect.sync(() => calls.push(call)),
      answer
    )
  const services = Layer.mergeAll(
    layerQueries(calls, given.queries),
    Layer.succeed(Replays, {
      replay: (...asked) =>
        Effect.suspend(() => {
          calls.push(["replay", ...asked])
          return given.replay === undefined ? Effect.succeed({ generation: 1 }) : given.replay(...asked)
        })
    }),
    Layer.succeed(DeadLetters, {
      list: (...asked) => noted(["list", ...asked], Effect.succeed([Answers.letter])),
      show: (queue, id) =>
        noted(["show", queue, id], Effect.succeed(id === "7" ? Option.some(Answers.letter) : Option.none())),
      redrive: (...asked) => noted(["redrive", ...asked], Effect.succeed(asked[1] === "8" ? 0 : 1))
    }),
    Layer.succeed(AdminToken, {
      get: Effect.succeed(Redacted.make(given.token ?? token)),
      renew: Effect.succeed(Redacted.make(given.latestToken ?? given.token ?? token))
    }),
    given.configs ?? layerMemory(new Map()),
    layerSettings()
  )
  const routed = yield* HttpRouter.toHttpEffect(
    layer({ folder: yield* pageFolder, ...given.options }).pipe(Layer.provide(services))
  )
  const fromAddress = Effect.updateService(routed, HttpServerRequest.HttpServerRequest, (request) =>
    request.modify({ remoteAddress: Option.fromNullishOr(request.headers["x-test-address"]) })
  )
  const logs: Array<string> = []
  const logger = Logger.make((entry) => logs.push(Logger.formatJson.log(entry)))
  const handler = HttpEffect.toWebHandlerWith<never, HttpServerRequest.HttpServerRequest | Scope.Scope>(
    Context.add(yield* Effect.context<never>(), Logger.CurrentLoggers, new Set([logger]))
  )(fromAddress)
  const ask = (path: string, init: RequestInit = {}) =>
    Effect.promise(() => handler(new Request(new URL(path, origin), init)))
  return { ask, calls, logs }
})

/** With the token. */
export const bearer = (presented: string = token): RequestInit => ({
  headers: { authorization: `Bearer ${presented}` }
})

/** Posts a form as the sign-in page does. */
export const form = (fields: Record<string, string>, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  body: new URLSearchParams(fields),
  headers: { origin, ...headers }
})

type Ask = (path: string, init?: RequestInit) => Effect.Effect<Response>

/** Signs in; the cookie as a browser sends it. */
export const signIn = Effect.fnUntraced(function* (ask: Ask) {
  const response = yield* ask("/admin/session", form({ token }))
  return response.headers.get("set-cookie")?.split(";")[0] ?? ""
})

export const bodyOf = (response: Response) => Effect.promise((): Promise<unknown> => response.json())
export const textOf = (response: Response) => Effect.promise(() => response.text())

const delivery = "72d3162e-cc78-11e3-81ab-4c9367dc0958"

/** Every GET endpoint of the API that is answered by what is stored, as it is asked without any filter. */
export const endpoints = [
  "/admin/api/health",
  "/admin/api/figures",
  "/admin/api/trends",
  "/admin/api/repositories",
  "/admin/api/workflows",
  "/admin/api/filters",
  "/admin/api/deliveries",
  "/admin/api/find?by=branch&value=main",
  `/admin/api/deliveries/${delivery}/journey`,
  "/admin/api/runs/1296269/30433642/1/journey",
  "/admin/api/chains/1296269/30433642/1",
  "/admin/api/topology",
  "/admin/api/topology/acme/app",
  "/admin/api/events"
] as const
/** Those that ask the queues, not what is stored. */
export const letterPaths = ["/admin/api/dead-letters", "/admin/api/dead-letters/order/7"] as const
export const explainPath = "/admin/api/explain"
export const redrivePath = "/admin/api/dead-letters/redrive"
export const replayPath = `/admin/api/deliveries/${delivery}/replay`
