/**
 * `npm run sandbox`: a GitHub on loopback for a server that runs beside it. It holds what the demo's does, or what another scenario says, and
 * writes the settings with which a server takes it for GitHub. What happens there is asked for at `/_sandbox` (src/sandbox/routes/Control.ts).
 */
import { writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect } from "effect"
import * as SandboxModule from "../src/sandbox/Sandbox.ts"
import { Sandbox } from "../src/sandbox/Sandbox.ts"
import { loadScenario } from "../src/sandbox/Scenario.ts"

const { values } = parseArgs({
  options: {
    scenario: { type: "string", default: "src/entry/demo/scenario.yml" },
    port: { type: "string", default: "4000" },
    service: { type: "string", default: "http://127.0.0.1:3000" },
    env: { type: "string", default: ".env.sandbox" }
  }
})

/** The file is for its owner only, like any `.env`. */
const writeSettings = ({ url, app }: Sandbox["Service"]): void => {
  const settings = {
    GITHUB_API_URL: url,
    GITHUB_APP_ID: String(app.id),
    GITHUB_APP_SLUG: app.slug,
    GITHUB_APP_PRIVATE_KEY: Buffer.from(app.privateKeyPem).toString("base64"),
    GITHUB_WEBHOOK_SECRET: app.webhookSecret,
    // For the dashboard, and for commands that ask the server.
    ADMIN_TOKEN: "sandbox-admin-token"
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
  writeFileSync(values.env, lines.join(""), { mode: 0o600 })
}

const serve = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  writeSettings(sandbox)
  process.stdout.write(
    `GitHub is played at ${sandbox.url}; deliveries go to ${values.service}. Its settings: ${values.env}\n`
  )
  return yield* Effect.never
})

const main = Effect.gen(function* () {
  const scenario = yield* loadScenario(values.scenario)
  const webhookUrl = new URL("/webhooks/github", values.service).href
  return yield* Effect.provide(serve, SandboxModule.layer({ scenario, port: Number(values.port), webhookUrl }))
})

NodeRuntime.runMain(Effect.provide(main, NodeFileSystem.layer))
