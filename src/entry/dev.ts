/**
 * `npm run dev`: the server, started again whenever its code changes; what stops it is shown, and the next change tries again. With
 * `WEBHOOK_PROXY_URL` (a channel of https://smee.io) it receives deliveries from GitHub on a machine that GitHub cannot reach.
 *
 * We end after the server has: nothing is left running, and nothing is said after the prompt has come back.
 */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Config, Deferred, Effect, Option } from "effect"
import { ownOrigin } from "./cli/Environment.ts"

const server = fileURLToPath(new URL("server.ts", import.meta.url))

/** The server's process: waits for its end, or, given up, ends it and waits. */
const watched = Effect.gen(function* () {
  const ended = yield* Deferred.make<number>()
  const child = yield* Effect.sync(() =>
    spawn(process.execPath, ["--watch", "--watch-preserve-output", server], { stdio: "inherit" })
  )
  child.once("exit", (code) => Deferred.doneUnsafe(ended, Effect.succeed(code ?? 1)))
  return yield* Effect.onInterrupt(Deferred.await(ended), () => {
    child.kill("SIGTERM")
    return Deferred.await(ended)
  })
})

const main = Effect.gen(function* () {
  const proxy = yield* Config.option(Config.URL("WEBHOOK_PROXY_URL"))
  if (Option.isNone(proxy)) return yield* watched
  // For those who need it, and have it: it comes with the development dependencies.
  const { relayAll } = yield* Effect.promise(() => import("./dev/WebhookProxy.ts"))
  const relaying = relayAll(proxy.value.href, `${yield* ownOrigin}/webhooks/github`)
  return yield* Effect.raceFirst(watched, relaying)
})

NodeRuntime.runMain(
  Effect.tap(main, (code) =>
    Effect.sync(() => {
      process.exitCode = code
    })
  )
)
