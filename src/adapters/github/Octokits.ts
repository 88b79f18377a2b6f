/**
 * What everything is sent through: one client that signs as the App, and one for each installation token.
 *
 * Octokit does nothing of its own accord here: no retries, no throttling, no log lines. Time-outs, retries and errors are Requests.ts,
 * tokens are Installations.ts. Every request carries the pinned API version and the signal that ends it.
 */
import { Octokit } from "@octokit/rest"
import { Effect, Equal, Redacted } from "effect"
import githubAppJwt from "universal-github-app-jwt"
import { quoteLongIntegers } from "../../domain/Json.ts"
import { type App, apiVersion } from "./App.ts"
import type { Connection } from "./Connection.ts"
import type { FetchAnswer, FetchRequest, SendGate } from "./Fetch.ts"

/** Sends one request: `request("GET /repos/{owner}/{repo}", { owner, repo })`. */
export type OctokitRequest = Octokit["request"]

/** An identity in whose name requests are made. GitHub's endpoints are named where they are asked for. */
export interface OctokitClient {
  /** A request that `signal` ends and that `gate` may withhold. Redirections are answers: a token goes to no other host. */
  readonly requestUntil: (signal: AbortSignal, gate: SendGate) => OctokitRequest
  /** The base of REST addresses. */
  readonly apiUrl: string
  /** Looks for newer credentials after GitHub refused these: whether there are any. */
  readonly renewed: Effect.Effect<boolean>
}

// Octokit writes failed requests to the console otherwise; what failed is said by GitHubError.
const ignore = () => {}
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore }

/** Octokit parses the text of JSON answers by itself; it gets ids beyond 2^53 in quotes. */
const withoutRounding = (response: FetchAnswer): FetchAnswer => {
  const read = response.text.bind(response)
  return Object.defineProperty(response, "text", { value: async () => quoteLongIntegers(await read()) })
}

const clientOf = (app: App["Service"], connection: Connection["Service"], octokit: Octokit): OctokitClient => ({
  apiUrl: app.apiUrl,
  renewed: Effect.succeed(false),
  requestUntil: (signal, gate) =>
    octokit.request.defaults({
      headers: { "x-github-api-version": apiVersion },
      request: {
        signal,
        redirect: "manual",
        fetch: async (url: string, asked: FetchRequest) => withoutRounding(await connection.send(url, asked, gate))
      }
    })
})

const common = ({ apiUrl }: App["Service"]) => ({
  baseUrl: apiUrl,
  userAgent: "dispatcher",
  log: silent,
  request: { log: silent }
})

/**
 * Signs with the App's key (JSON Web Token), for requests that are the App's own: by GitHub's time where it is known, else by ours.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
export const asApp = (app: App["Service"], connection: Connection["Service"]): OctokitClient => {
  const octokit = new Octokit(common(app))
  let used: Redacted.Redacted | undefined
  octokit.hook.before("request", async (options) => {
    const seconds = Math.floor(connection.now() / 1000)
    used = await Effect.runPromise(app.privateKey.get)
    const { token } = await githubAppJwt({ id: app.id, privateKey: Redacted.value(used), now: seconds })
    options.headers.authorization = `bearer ${token}`
  })
  const renewed = Effect.suspend(() => {
    const refused = used
    return Effect.map(app.privateKey.renew, (key) => refused !== undefined && !Equal.equals(key, refused))
  })
  return { ...clientOf(app, connection, octokit), renewed }
}

/** Uses an installation's access token. */
export const asInstallation = (app: App["Service"], connection: Connection["Service"], token: string): OctokitClient =>
  clientOf(app, connection, new Octokit({ ...common(app), auth: token }))

/** Without credentials: sees what is public. */
export const asNobody = (app: App["Service"], connection: Connection["Service"]): OctokitClient =>
  clientOf(app, connection, new Octokit(common(app)))
