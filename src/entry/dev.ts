/**
 * `npm run dev`: the server, started again whenever its code changes. With `WEBHOOK_PROXY_URL` (a channel of https://smee.io) it receives
 * deliveries from GitHub on a machine that GitHub cannot reach.
 */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Config, Effect, Option } from "effect"
import { FetchHttpClient } from "effect/http"
import { relayAll } from "./dev/WebhookProxy.ts"

const server = fileURLToPath(new URL("server.ts", import.meta.url))

/** The server's process, until it ends or we do. */
const watched = Effect.callback<void>((resume) => {
  const child = spawn(process.execPath, ["--watch", "--watch-preserve-output", server], { stdio: "inherit" })
  child.on("exit", () => resume(Effect.void))
  return Effect.sync(() => child.kill("SIGTERM"))
})

const settings = Config.all({
  proxy: Config.option(Config.URL("WEBHOOK_PROXY_URL")),
  port: Config.Port("PORT").pipe(Config.withDefault(3000))
})

const main = Effect.gen(function* () {
  const { proxy, port } = yield* settings
  const relaying = Option.match(proxy, {
    onNone: () => Effect.never,
    onSome: ({ href }) => relayAll(href, `http://127.0.0.1:${port}/webhooks/github`)
  })
  yield* Effect.raceFirst(watched, relaying)
})

NodeRuntime.runMain(Effect.provide(main, FetchHttpClient.layer))
