/** Programs of ours as processes of their own: what they say, how they end, and ending them. */
import { spawn } from "node:child_process"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { root } from "../fixtures/Built.ts"
import { program } from "../fixtures/Programs.ts"
import { until } from "./Journeys.ts"

/** How a process ended: by itself, or by a signal. */
export type Ending = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** A process of ours. */
export interface Program {
  /** What it has said so far, on both of its outputs. */
  readonly said: Effect.Effect<string>
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  /** Waits for its end. */
  readonly ended: Effect.Effect<Ending>
}

/** Compiled code is kept between the starts of processes: most of a start is compiling. */
const compileCache = { NODE_COMPILE_CACHE: join(tmpdir(), "dispatcher-e2e-compiled") }

/**
 * Runs a program, named by its entry point, with exactly this environment; it is killed when the scope ends, if it has not ended by then.
 */
export const run = (
  [entry, ...options]: readonly [entry: string, ...options: ReadonlyArray<string>],
  environment: Readonly<Record<string, string>> = {}
) =>
  Effect.acquireRelease(
    Effect.map(
      Effect.promise(() => program(entry)),
      (file) => {
        const child = spawn(process.execPath, [file, ...options], {
          cwd: root,
          env: { ...compileCache, ...environment }
        })
        let said = ""
        for (const output of [child.stdout, child.stderr]) {
          output.setEncoding("utf8").on("data", (text) => {
            said += text
          })
        }
        const ended = new Promise<Ending>((resolve) => child.once("close", (code, signal) => resolve({ code, signal })))
        const running: Program = {
          said: Effect.sync(() => said),
          signal: (signal) => Effect.sync(() => child.kill(signal)),
          ended: Effect.promise(() => ended)
        }
        return running
      }
    ),
    ({ signal, ended }) => Effect.andThen(signal("SIGKILL"), ended)
  )

/** The environment of a service that takes the sandbox for GitHub. */
export const environmentOf = (sandbox: Sandbox["Service"], port: number, dataDir: string): Record<string, string> => ({
  PORT: String(port),
  DATA_DIR: dataDir,
  LOG_LEVEL: "warn",
  GITHUB_APP_ID: String(sandbox.app.id),
  GITHUB_APP_SLUG: sandbox.app.slug,
  GITHUB_APP_PRIVATE_KEY: sandbox.app.privateKeyPem,
  GITHUB_WEBHOOK_SECRET: sandbox.app.webhookSecret,
  GITHUB_API_URL: sandbox.url
})

/** Waits until a program has said something. */
export const says = (program: Program, text: string) => until(program.said, (said) => said.includes(text))

/** Runs a service beside the sandbox and waits until it listens: `service.ts` unless stated otherwise. */
export const runService = Effect.fnUntraced(function* (
  place: { readonly port: number; readonly dataDir: string },
  { entry = "test/e2e/service.ts", ...environment }: Readonly<Record<string, string>> = {}
) {
  const sandbox = yield* Sandbox
  const service = yield* run([entry], { ...environmentOf(sandbox, place.port, place.dataDir), ...environment })
  yield* Effect.raceFirst(
    says(service, "listening on"),
    Effect.flatMap(service.ended, () =>
      Effect.flatMap(service.said, (said) => Effect.die(new Error(`the service ended: ${said}`)))
    )
  )
  yield* sandbox.setWebhookUrl(`http://127.0.0.1:${place.port}/webhooks/github`)
  return service
})
