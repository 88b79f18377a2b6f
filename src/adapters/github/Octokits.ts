/**
 * The Octokits that everything is sent through: one that signs as the App, and one for each installation token.
 *
 * They do nothing of their own accord: no retries, no throttling, no log lines. Time-outs, retries and errors are
 * Requests.ts, tokens are Installations.ts. Every request carries the pinned API version and the signal that ends it.
 */
import { createAppAuth } from "@octokit/auth-app"
import { Octokit } from "@octokit/rest"
import { Redacted } from "effect"
import { type App, apiVersion } from "./App.ts"

/** What is used of an Octokit. GitHub's endpoints are named where they are asked for, so its methods for them are not. */
export type Client = Pick<Octokit, "request">
/** Sends one request: `request("GET /repos/{owner}/{repo}", { owner, repo })`. */
export type Request = Octokit["request"]

// Octokit writes failed requests to the console unless told otherwise; what failed is told by GitHubError.
const ignore = () => {}
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore }

const common = (app: App["Service"], fetch: typeof globalThis.fetch) => ({
  baseUrl: app.apiUrl,
  userAgent: "dispatcher",
  log: silent,
  request: { fetch, log: silent }
})

/** Signs with the App's key (JSON Web Token), for requests that are the App's own. */
export const asApp = (app: App["Service"], fetch: typeof globalThis.fetch): Client =>
  new Octokit({
    ...common(app, fetch),
    authStrategy: createAppAuth,
    auth: { appId: app.id, privateKey: Redacted.value(app.privateKey), log: silent }
  })

/** Uses an installation's access token. */
export const asInstallation = (app: App["Service"], fetch: typeof globalThis.fetch, token: string): Client =>
  new Octokit({ ...common(app, fetch), auth: token })

/** The Octokit's `request`, ended by `signal`. Redirections are answers: what has moved is not what somebody agreed to. */
export const requestUntil = (octokit: Client, signal: AbortSignal): Request =>
  octokit.request.defaults({ headers: { "x-github-api-version": apiVersion }, request: { signal, redirect: "manual" } })
