/**
 * A stand-in for the dashboard's server: the built page under its real Content-Security-Policy, sign-in with a cookie, and the API with
 * made-up answers. It can be set to be empty, to fail or to be silent, which a real server cannot.
 */
import { randomUUID } from "node:crypto"
import { mkdtemp, readFile } from "node:fs/promises"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { buildUi } from "../../../scripts/build-ui.ts"
import type { RankedWindow, Window } from "../../../src/domain/Answers.ts"
import type { ChainView } from "../../../src/domain/Chain.ts"
import { RepositoryName } from "../../../src/domain/Names.ts"
import type { Scope } from "../../../src/domain/Scope.ts"
import { rankedWindows, windows } from "../../../src/domain/Vocabulary.ts"
import type { Subject } from "./Desk.ts"
import type { ChainSize } from "./StubChainPlans.ts"
import { makeChains } from "./StubChains.ts"
import { figures, health, isRanking, leaderboard, trend } from "./StubFigures.ts"
import { chainViewOf, choices, deliveryRows, eventRows, foundRuns, journeyOf, searches } from "./StubLists.ts"
import { explained } from "./StubRules.ts"
import { connectionPage, makeTopologies, neighboursOf, type TopologySize } from "./StubTopology.ts"
import { emptyWorld, makeWorld, type World } from "./StubWorld.ts"

/** What the contract says every page is sent with. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

export interface Stub extends Subject {
  /** How the API answers from now on. */
  behave: (behaviour: Behaviour) => void
  /** The first run of the chain of this size, as its key. */
  rootOf: (size: ChainSize) => string
  /** Who starts whom from now on. */
  connect: (size: TopologySize) => void
  /** Ends all sessions. */
  forgetSessions: () => void
}
/** `silent` answers only once it is set otherwise; `failing` with 503; `stopped` has figures of ten minutes ago, `young` none yet; `brief` gives 150 runs of a chain at a time. */
type Behaviour = "usual" | "empty" | "failing" | "silent" | "stopped" | "young" | "well" | "brief"

interface Answer {
  readonly status: number
  readonly body: unknown
}
const ok = (body: unknown): Answer => ({ status: 200, body })
const refused = (status: number, tag: string, message: string, more: object = {}): Answer => ({
  status,
  body: { _tag: tag, message, ...more }
})

const windowIn = (query: URLSearchParams): Window => windows.find((one) => one === query.get("window")) ?? "24h"
const rankedWindowIn = (query: URLSearchParams): RankedWindow =>
  rankedWindows.find((one) => one === query.get("window")) ?? "24h"

const scopeIn = (query: URLSearchParams): Scope => {
  const [source, target] = [query.get("source"), query.get("target")]
  if (source !== null && target !== null) {
    return { _tag: "Pair", source: RepositoryName.make(source), target: RepositoryName.make(target) }
  }
  if (source !== null) return { _tag: "Source", repository: RepositoryName.make(source) }
  return target === null ? { _tag: "Global" } : { _tag: "Target", repository: RepositoryName.make(target) }
}

const page = <Row>(rows: ReadonlyArray<Row>, query: URLSearchParams, rest: object = {}): Answer => {
  const [start, limit] = [Number(query.get("cursor") ?? 0), Number(query.get("limit") ?? 50)]
  const end = start + limit
  return ok({ rows: rows.slice(start, end), cursor: end < rows.length ? `${end}` : null, ...rest })
}

const chainPage = (chain: ChainView, query: URLSearchParams, limit: number): Answer => {
  const start = Number(query.get("cursor") ?? 0)
  const end = start + limit
  return ok({ nodes: chain.nodes.slice(start, end), cursor: end < chain.nodes.length ? `${end}` : null })
}

const answerTo = (
  world: World,
  chainWorld: Pick<World, "facts">,
  path: string,
  query: URLSearchParams,
  nodesPerPage: number
): Answer => {
  const now = Date.now()
  const ranked = query.get("ranking") ?? "sources"
  const pageNumber = Number(query.get("page") ?? 0)
  switch (path) {
    case "/health":
      return ok(health(world, now))
    case "/filters":
      return ok(choices(world))
    case "/figures":
      return ok(figures(world, scopeIn(query), windowIn(query), now))
    case "/trends":
      return ok(trend(world, scopeIn(query), windowIn(query), now))
    case "/repositories":
      return ok(leaderboard(world, isRanking(ranked) ? ranked : "sources", rankedWindowIn(query), pageNumber, now))
    case "/workflows":
      return ok(leaderboard(world, "workflows", rankedWindowIn(query), pageNumber, now))
    case "/deliveries":
      return page(deliveryRows(world, query.get("source")), query)
    case "/find":
      return page(foundRuns(world, query), query)
    case "/events": {
      const rows = eventRows(world, query)
      const message = "No index serves these filters together."
      return rows === undefined
        ? refused(400, "UnsupportedSearch", message, { supported: searches })
        : page(rows, query, { days: 30 })
    }
    default: {
      const [, root] = /^\/chains\/(.+)$/.exec(path) ?? []
      if (root !== undefined) {
        const chain = chainViewOf(world, root) ?? chainViewOf(chainWorld, root)
        return chain !== undefined
          ? chainPage(chain, query, nodesPerPage)
          : refused(404, "NoSuchChain", "No chain began with this run.")
      }
      const [, id] = /^\/(?:deliveries|runs)\/(.+)\/journey$/.exec(path) ?? []
      const journey = id === undefined ? undefined : (journeyOf(world, id) ?? journeyOf(chainWorld, id))
      return journey !== undefined
        ? ok(journey)
        : refused(404, "NoSuchJourney", "There is no such delivery (any more).")
    }
  }
}

type Topologies = ReturnType<typeof makeTopologies>

/** What is answered about the topology; undefined for other paths. */
const topologyAnswer = (connections: Topologies[TopologySize], path: string, query: URLSearchParams) => {
  // Smaller pages than the real server's, so that there are several.
  if (path === "/topology") return ok(connectionPage(connections, query.get("cursor"), 150))
  const [, repository] = /^\/topology\/(.+)$/.exec(path) ?? []
  return repository === undefined ? undefined : ok(neighboursOf(connections, repository))
}

const send = (
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
  headers: Record<string, string> = {}
) => {
  response.writeHead(status, { "content-type": type, "content-security-policy": contentSecurityPolicy, ...headers })
  response.end(body)
}
const redirect = (response: ServerResponse, to: string, cookie?: string) => {
  response.writeHead(303, { location: to, ...(cookie === undefined ? {} : { "set-cookie": cookie }) })
  response.end()
}

const escapeHtml = (unsafe: string): string =>
  unsafe.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;")

const types: Readonly<Record<string, string>> = { "/admin/app.js": "text/javascript", "/admin/app.css": "text/css" }

/** Builds the page and starts the server on a free port. */
export const startStub = async (): Promise<Stub> => {
  const folder = await mkdtemp(join(tmpdir(), "dispatcher-ui-"))
  await buildUi(folder)
  const world = makeWorld(Date.now())
  const chains = makeChains(Date.now())
  const chainWorld = { facts: Object.values(chains).flatMap(({ facts }) => facts) }
  const worlds: Partial<Record<Behaviour, World>> = {
    empty: emptyWorld,
    stopped: { ...world, rolledUpAt: Date.now() - 10 * 60_000, stalled: [] },
    young: { ...world, rolledUpAt: null, stalled: [] },
    well: { ...world, stalled: [] }
  }
  const topologies = makeTopologies(Date.now())
  let size: TopologySize = "twenty"
  const token = "stub-token"
  const sessions = new Set<string>()
  let behaviour: Behaviour = "usual"
  let change = Promise.withResolvers<void>()
  let generation = 0

  const sessionOf = (request: IncomingMessage) =>
    [...sessions].find((session) => request.headers.cookie?.includes(`dispatcher_session=${session}`))
  const signedIn = (request: IncomingMessage): boolean => sessionOf(request) !== undefined

  const signInPage = async (response: ServerResponse, status: number, message: string, next: string) => {
    const html = await readFile(join(folder, "sign-in.html"), "utf8")
    const filled = html.replace("{{message}}", escapeHtml(message)).replace("{{next}}", escapeHtml(next))
    send(response, status, "text/html; charset=utf-8", filled)
  }

  const openSession = async (request: IncomingMessage, response: ServerResponse) => {
    const form = new URLSearchParams(await text(request))
    const next = form.get("next") ?? ""
    if (form.get("token") !== token) return signInPage(response, 401, "That is not the admin token.", next)
    const session = randomUUID()
    sessions.add(session)
    redirect(
      response,
      next.startsWith("/admin") ? next : "/admin",
      `dispatcher_session=${session}; HttpOnly; SameSite=Strict; Path=/admin`
    )
  }

  const replay = (request: IncomingMessage): Answer => {
    generation += 1
    const [, deliveryId] = /deliveries\/([^/]+)\//.exec(request.url ?? "") ?? []
    return { status: 202, body: { deliveryId, generation } }
  }

  const write = async (request: IncomingMessage, path: string): Promise<Answer> => {
    if (request.headers["x-requested-with"] !== "dispatcher")
      return refused(403, "ForgeryRefused", "The header is missing.")
    if (path !== "/explain") return replay(request)
    const explanation = await explained(JSON.parse(await text(request)))
    return explanation === undefined ? refused(400, "InvalidParameter", "That is no run.") : ok(explanation)
  }

  const api = async (request: IncomingMessage, response: ServerResponse, url: URL) => {
    const path = url.pathname.slice("/admin/api".length)
    while (behaviour === "silent") await change.promise
    const answer = !signedIn(request)
      ? refused(401, "Unauthorized", "Sign in first.")
      : behaviour === "failing"
        ? refused(503, "StoreUnavailable", "The store does not answer.")
        : request.method === "POST"
          ? await write(request, path)
          : (topologyAnswer(topologies[size], path, url.searchParams) ??
            answerTo(worlds[behaviour] ?? world, chainWorld, path, url.searchParams, behaviour === "brief" ? 150 : 500))
    send(response, answer.status, "application/json", JSON.stringify(answer.body), { "cache-control": "no-cache" })
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://stub")
    const type = types[url.pathname]
    if (url.pathname.startsWith("/admin/api/")) return api(request, response, url)
    if (type !== undefined)
      return send(response, 200, type, await readFile(join(folder, url.pathname.slice("/admin/".length))))
    if (url.pathname === "/admin/session" && request.method === "POST") return openSession(request, response)
    if (url.pathname === "/admin/sign-out" && request.method === "POST") {
      sessions.delete(sessionOf(request) ?? "")
      return redirect(response, "/admin/sign-in")
    }
    if (url.pathname === "/admin/sign-in") return signInPage(response, 200, "", url.searchParams.get("next") ?? "")
    if (url.pathname !== "/admin") return send(response, 404, "text/plain", "not found")
    if (!signedIn(request)) return signInPage(response, 200, "", `/admin${url.search}`)
    return send(response, 200, "text/html; charset=utf-8", await readFile(join(folder, "index.html")))
  }

  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    rootOf: (size) => chains[size].root,
    behave: (next) => {
      behaviour = next
      change.resolve()
      change = Promise.withResolvers()
    },
    connect: (next) => {
      size = next
    },
    forgetSessions: () => sessions.clear(),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      })
  }
}
