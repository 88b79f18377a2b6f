/**
 * What the tests of the GitHub adapter share: the adapter over a sandbox (real HTTP) or over answers made up on the
 * spot.
 */
import { generateKeyPairSync } from "node:crypto"
import { Effect, Layer, Redacted, References } from "effect"
import * as App from "../../../src/adapters/github/App.ts"
import * as Connection from "../../../src/adapters/github/Connection.ts"
import { Fetch, fromFetch, layer as layerFetch } from "../../../src/adapters/github/Fetch.ts"
import * as GitHub from "../../../src/adapters/github/GitHub.ts"
import * as Installations from "../../../src/adapters/github/Installations.ts"
import type { Proxies } from "../../../src/adapters/Proxies.ts"
import { RepositoryName, WorkflowFile } from "../../../src/domain/Names.ts"
import { chainOf, type Order, orderId } from "../../../src/domain/Order.ts"
import { DeliveryId, GitHubId, type SourceRun } from "../../../src/domain/SourceRun.ts"
import type { GitHubError, GitHubErrorReason } from "../../../src/ports/GitHubError.ts"
import * as Sandbox from "../../../src/sandbox/Sandbox.ts"
import type { ScenarioInput } from "../../../src/sandbox/Scenario.ts"

/** A key as GitHub hands it out. */
export const pkcs1 = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" }
}).privateKey

const workflow = (inputs = "") => `name: Deploy\non:\n  workflow_dispatch:\n${inputs}jobs: {}\n`

/** Two organisations and a user with the App, one organisation that suspended it, one without. */
/** Names of workflow files that git and GitHub take, and that an address must not. */
export const oddWorkflows = ["deploy prod.yml", "ci.yml@x.yml", "50% #1?.yaml", "a&b=c+d.yml", "über;v1.yml", "..yml"]

export const scenario: ScenarioInput = {
  app: { id: 4711, slug: "dispatcher-app", webhookSecret: "hush" },
  installations: [
    { id: 101, account: "acme" },
    { id: 102, account: "globex", repositories: ["target"] },
    { id: 103, account: "hooli", accountType: "User" },
    { id: 104, account: "initech", suspended: true }
  ],
  repositories: [
    {
      name: "acme/source",
      files: {
        "dispatching.yml":
          "outbound:\n  - source: { workflow: ci.yml }\n    targets: [{ repository: target, workflow: cd.yml }]\n"
      }
    },
    {
      name: "acme/target",
      defaultBranch: "trunk",
      branches: ["main"],
      tags: ["v1"],
      files: {
        ".github/dispatching.yml": "inbound: []\n",
        ".github/workflows/cd.yml": workflow("    inputs:\n      sha: { required: true }\n"),
        ".github/workflows/plain.yml": workflow(),
        ".github/workflows/ci.yml": "on: push\njobs: {}\n"
      }
    },
    { name: "acme/bare", files: { "README.md": "nothing to see" } },
    { name: "acme/empty" },
    { name: "acme/broken", files: { "dispatching.yml": "outbound: [\n" } },
    { name: "acme/large", files: { "dispatching.yml": `# ${"x".repeat(70_000)}\n` } },
    { name: "acme/huge", files: { "dispatching.yml": `# ${"x".repeat(600_000)}\n` } },
    { name: "acme/binary", files: { "dispatching.yml": "a\0b" } },
    {
      name: "acme/odd-names",
      files: Object.fromEntries(oddWorkflows.map((file) => [`.github/workflows/${file}`, workflow()]))
    },
    { name: "acme/archived", archived: true, files: { ".github/workflows/plain.yml": workflow() } },
    { name: "acme/silent", issues: false, files: { "README.md": "" } },
    { name: "globex/target", files: { "dispatching.yml": "", ".github/workflows/plain.yml": workflow() } },
    { name: "globex/closed", files: { "dispatching.yml": "" } },
    { name: "hooli/target", files: { "dispatching.yml": "", ".github/workflows/plain.yml": workflow() } },
    { name: "initech/target", files: { "dispatching.yml": "" } },
    { name: "absent/target", files: { "dispatching.yml": "" } }
  ]
}

/** The adapter beside a sandbox of its own, with nothing cached. */
export const overSandbox = (changes: Partial<ScenarioInput> = {}) =>
  GitHub.layer.pipe(
    Layer.provide(
      Layer.unwrap(
        Effect.map(Sandbox.Sandbox, ({ app, url }) =>
          App.layer({ id: app.id, privateKey: Redacted.make(app.privateKeyPem), apiUrl: url })
        )
      )
    ),
    Layer.provideMerge(Sandbox.layer({ scenario: { ...scenario, ...changes } })),
    Layer.provideMerge(Layer.succeed(References.MinimumLogLevel, "Error"))
  )

/** The methods and paths of the requests that reached the sandbox, but for who we are: that is asked once in a process. */
export const requestsSeen = Effect.gen(function* () {
  const { requests } = yield* Sandbox.Sandbox
  return (yield* requests).filter(({ path }) => path !== "/app").map(({ method, path }) => `${method} ${path}`)
})

/** Plays GitHub: gets each request, with its number from 1, and answers it. */
export type Play = (request: Request, count: number) => Response | Promise<Response>

/** A `fetch` that `play` answers, and the requests that it got; but for who we are, which needs no answer of its own. */
export const played = (play: Play) => {
  const requests: Array<Request> = []
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    if (request.url.endsWith("/app")) return json(200, { slug: "dispatcher-app" })
    requests.push(request)
    return play(request, requests.length)
  }
  return { fetch, requests }
}

/** GitHub's own answer. */
export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  Response.json(body, { status, headers: { "x-github-request-id": "5A4D:1", ...headers } })

/** A token that lives for so many seconds from the start of the test clock. */
export const tokenAnswer = (token: string, seconds = 3600): Response =>
  json(201, { token, expires_at: new Date(seconds * 1000).toISOString() })

export const appOptions = { id: 4711, privateKey: Redacted.make(pkcs1) }

/** Ports and installations over the network, as it is or through proxies. */
export const overNetwork = (apiUrl: string, proxies: Proxies = {}) =>
  Layer.mergeAll(GitHub.layer, Installations.layer, Connection.layer).pipe(
    Layer.provide(App.layer({ ...appOptions, apiUrl })),
    Layer.provide(layerFetch(proxies))
  )

/** Ports and installations over a `fetch`. */
export const overFetch = (fetch: typeof globalThis.fetch, apiUrl = "https://github.test") =>
  Layer.mergeAll(GitHub.layer, Installations.layer, Connection.layer).pipe(
    Layer.provide(App.layer({ ...appOptions, apiUrl })),
    Layer.provide(Layer.succeed(Fetch, fromFetch(fetch)))
  )

export const repository = (name: string): RepositoryName => RepositoryName.make(name)

/** The reason of a call that is to fail. */
export const reasonOfFailure = <A, R>(call: Effect.Effect<A, GitHubError, R>): Effect.Effect<GitHubErrorReason, A, R> =>
  Effect.map(Effect.flip(call), ({ reason }) => reason)

const sourceRun: SourceRun = {
  repository: repository("acme/source"),
  repositoryId: GitHubId.make("1"),
  installationId: GitHubId.make("101"),
  defaultBranch: "main",
  workflow: WorkflowFile.make("ci.yml"),
  runId: GitHubId.make("1"),
  attempt: 1,
  branch: "main",
  sha: "a".repeat(40),
  event: "push",
  conclusion: "success",
  actor: "octocat",
  url: "https://github.test/acme/source/actions/runs/1",
  fork: false
}

/** An order that starts `cd.yml` in the repository. */
export const orderFor = (
  name: string,
  { workflow = "cd.yml", ref = "main", inputs = {} }: { workflow?: string; ref?: string; inputs?: Order["inputs"] } = {}
): Order => {
  const target = { repository: repository(name), workflow: WorkflowFile.make(workflow), ref }
  return {
    id: orderId(sourceRun, target),
    deliveryId: DeliveryId.make("0f0e"),
    run: sourceRun,
    target,
    inputs,
    chain: chainOf(sourceRun),
    acceptedAt: "2026-11-01T00:00:00.000Z",
    generation: 0
  }
}
