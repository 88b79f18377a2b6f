/**
 * What the sandbox's tests share: a scenario with two organisations, and clients as the service has them.
 */
import { createServer, type IncomingHttpHeaders } from "node:http"
import type { AddressInfo } from "node:net"
import { createAppAuth } from "@octokit/auth-app"
import { Octokit } from "@octokit/rest"
import { Effect } from "effect"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import type { ScenarioInput } from "../../src/sandbox/Scenario.ts"

const dispatchable = `
name: Deploy
on:
  workflow_dispatch:
    inputs:
      sha: { required: true }
      environment: { type: choice, options: [staging, production], default: staging }
      dry_run: { type: boolean, default: false }
jobs: {}
`

export const scenario: ScenarioInput = {
  app: { id: 4711, slug: "dispatcher-app", webhookSecret: "hush" },
  installations: [
    { id: 101, account: "acme" },
    { id: 102, account: "globex", repositories: ["open"] },
    { id: 103, account: "initech", suspended: true },
    { id: 104, account: "hooli", accountType: "User", permissions: { metadata: "read", contents: "read" } }
  ],
  repositories: [
    {
      name: "acme/source",
      files: {
        "dispatching.yml": "outbound: []\n",
        ".github/workflows/ci.yml": "name: CI\non: [push]\njobs: {}\n",
        "docs/guide.md": "# Guide\n",
        "big.txt": "x".repeat(600_000),
        "picture.bin": "a\0b"
      }
    },
    {
      name: "acme/target",
      id: 424242,
      branches: { experimental: { ".github/workflows/cd.yml": "name: CD\non: push\njobs: {}\n" } },
      tags: ["v1"],
      disabledWorkflows: ["off.yml"],
      files: {
        ".github/workflows/cd.yml": dispatchable,
        ".github/workflows/word.yml": "on: workflow_dispatch\njobs: {}\n",
        ".github/workflows/list.yml": "on: [push, workflow_dispatch]\njobs: {}\n",
        ".github/workflows/bare.yml": "on:\n  workflow_dispatch:\njobs: {}\n",
        ".github/workflows/push.yml": "on: push\njobs: {}\n",
        ".github/workflows/broken.yml": "on: [push\njobs: {}\n",
        ".github/workflows/off.yml": "on: workflow_dispatch\njobs: {}\n"
      }
    },
    { name: "acme/frozen", archived: true, files: { ".github/workflows/cd.yml": dispatchable } },
    { name: "acme/quiet", actions: false, issues: false, files: { ".github/workflows/cd.yml": dispatchable } },
    { name: "acme/empty" },
    { name: "globex/open", files: { ".github/workflows/cd.yml": dispatchable } },
    { name: "globex/closed", files: { "dispatching.yml": "" } },
    { name: "hooli/tv", files: { "README.md": "tv", ".github/workflows/cd.yml": dispatchable } },
    { name: "absent/home", files: { "README.md": "out of reach" } }
  ]
}

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** The App's own client, authenticated by JWT. */
export const appClient = Effect.map(
  Sandbox,
  ({ url, app }) =>
    new Octokit({
      baseUrl: url,
      log: quiet,
      authStrategy: createAppAuth,
      auth: { appId: app.id, privateKey: app.privateKeyPem }
    })
)

/** A client of one installation; its tokens are made and renewed as in the service. */
export const installationClient = (installationId: number) =>
  Effect.map(
    Sandbox,
    ({ url, app }) =>
      new Octokit({
        baseUrl: url,
        log: quiet,
        authStrategy: createAppAuth,
        auth: { appId: app.id, privateKey: app.privateKeyPem, installationId }
      })
  )

/** What GitHub said no with. */
export interface Refused {
  readonly status: number
  readonly message: string
}

/** Runs a client call that is to be refused. */
export const refusal = (call: () => Promise<unknown>): Effect.Effect<Refused> =>
  Effect.promise(async () => {
    try {
      const answer = await call()
      return { status: 0, message: `not refused: ${JSON.stringify(answer)}` }
    } catch (error) {
      const { status, response } = error as { status: number; response?: { data?: { message?: string } } }
      return { status, message: response?.data?.message ?? String(error) }
    }
  })

/** A plain request, for what Octokit would not send. */
export const rawRequest = (path: string, init: RequestInit = {}) =>
  Effect.flatMap(Sandbox, ({ url }) =>
    Effect.promise(async () => {
      const response = await fetch(`${url}${path}`, init)
      const text = await response.text()
      return { status: response.status, headers: response.headers, text, body: parsed(text) }
    })
  )

const parsed = (text: string): Readonly<Record<string, unknown>> => {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

/** A fresh access token of an installation. */
export const token = (installationId: number) =>
  Effect.flatMap(appClient, (client) =>
    Effect.promise(async () => {
      const { data } = await client.rest.apps.createInstallationAccessToken({ installation_id: installationId })
      return data.token
    })
  )

/** An Authorization header with a fresh token. */
export const bearer = (installationId: number) => Effect.map(token(installationId), (text) => `Bearer ${text}`)

/** One webhook request. */
export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A receiver that answers as a test says and keeps what it got. */
export const receiver = Effect.acquireRelease(
  Effect.promise(async () => {
    const received: Array<Received> = []
    let status = 202
    let beforeAnswer = async (): Promise<void> => {}
    const server = createServer((request, response) => {
      const chunks: Array<Buffer> = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", () => {
        received.push({ headers: request.headers, body: Buffer.concat(chunks).toString("utf8") })
        beforeAnswer().then(() => response.writeHead(status).end('{"status":"accepted"}'))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/github`
    const answer = (next: number) => {
      status = next
    }
    const whileAnswering = (act: () => Promise<void>) => {
      beforeAnswer = act
    }
    return { url, received, answer, whileAnswering, server }
  }),
  ({ server }) => Effect.sync(() => server.close().closeAllConnections())
)
