/** The framework for GitHub Apps: Probot's middleware on Node's server. It stores nothing. */
import { generateKeyPairSync } from "node:crypto"
import { createServer, type RequestListener } from "node:http"
import { createRequire } from "node:module"
import { secret } from "./Payload.ts"

/** The little of Probot that is used. Its own types would change those of `process.env` everywhere. */
interface Probot {
  readonly createProbot: (options: { readonly overrides: object }) => object
  readonly createNodeMiddleware: (
    app: (app: { readonly on: (event: string, handler: () => void) => void }) => void,
    options: { readonly probot: object; readonly webhooksPath: string }
  ) => Promise<RequestListener>
}
const require = createRequire(import.meta.url)
const { createNodeMiddleware, createProbot } = require("probot") as Probot

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
  publicKeyEncoding: { type: "pkcs1", format: "pem" }
})
const probot = createProbot({ overrides: { appId: 1, privateKey, secret, logLevel: "fatal" } })
const middleware = await createNodeMiddleware((app) => app.on("workflow_run.completed", () => undefined), {
  probot,
  webhooksPath: "/webhooks/github"
})
const server = createServer((request, response) => void middleware(request, response))
server.listen(0, "127.0.0.1", () => process.send?.(server.address()))
