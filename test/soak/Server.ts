/** The real server as a process on one port and one folder, that is killed and started again; its log is kept. */
import { type ChildProcess, spawn } from "node:child_process"
import { appendFileSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Duration, Effect } from "effect"
import type { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { environmentOf } from "../e2e/Processes.ts"
import { root } from "../fixtures/Built.ts"
import { program } from "../fixtures/Programs.ts"

/** A start takes a second or two; a busy machine takes its time. */
const startLimit = Duration.minutes(2)

/** A server that can be killed. */
export interface Server {
  /** Starts it, and waits until it listens; fails where it ended by itself, with its last words. */
  readonly start: Effect.Effect<void>
  /** Begins to start it, and does not wait. */
  readonly launch: Effect.Effect<void>
  /** Sends a signal to the process that runs, without delay. */
  readonly signal: (signal: NodeJS.Signals) => void
  readonly ended: Effect.Effect<void>
  /** How often it ended without having been killed. */
  readonly crashes: () => number
  /** The lines of its log that hold one of these words. */
  readonly log: (words: ReadonlyArray<string>) => ReadonlyArray<string>
  readonly folder: string
}

interface Life {
  readonly child: ChildProcess
  readonly listening: Promise<boolean>
  readonly ended: Promise<void>
}

/** The server beside a sandbox; whatever runs is killed when the scope ends. */
export const makeServer = Effect.fnUntraced(function* (
  sandbox: Sandbox["Service"],
  { port, folder, seed }: { readonly port: number; readonly folder: string; readonly seed: number }
) {
  const logFile = join(folder, "server.log")
  const environment = {
    ...environmentOf(sandbox, port, join(folder, "data")),
    NODE_COMPILE_CACHE: join(tmpdir(), "dispatcher-e2e-compiled"),
    LOG_LEVEL: "info",
    SOAK_SEED: String(seed),
    ADMIN_TOKEN: "the token of the soak"
  }
  const file = yield* Effect.promise(() => program("test/soak/soakedServer.ts"))
  let life: Life | undefined
  let expected = false
  let crashes = 0
  let lives = 0

  const spawned = (): Life => {
    const child = spawn(process.execPath, [file], { cwd: root, env: { ...environment, SOAK_LIFE: String(lives++) } })
    let resolveListening = (_: boolean): void => {}
    const listening = new Promise<boolean>((resolve) => {
      resolveListening = resolve
    })
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding("utf8").on("data", (text: string) => {
        appendFileSync(logFile, text)
        if (text.includes("listening on")) resolveListening(true)
      })
    }
    const ended = new Promise<void>((resolve) =>
      child.once("close", (code, signal) => {
        appendFileSync(logFile, `soak: the server ended (${signal ?? code})\n`)
        if (!expected) crashes += 1
        resolveListening(false)
        resolve()
      })
    )
    return { child, listening, ended }
  }
  const launch = Effect.sync(() => {
    expected = false
    life = spawned()
  })
  const ended = Effect.promise(async () => life?.ended)
  const listens = Effect.promise(async () => life?.listening ?? false)
  const server: Server = {
    folder,
    launch,
    ended,
    crashes: () => crashes,
    start: launch.pipe(
      Effect.andThen(Effect.timeout(listens, startLimit)),
      Effect.flatMap((listening) =>
        listening ? Effect.void : Effect.die(new Error(`the server did not start, see ${logFile}`))
      ),
      Effect.orDie
    ),
    signal: (signal) => {
      if (signal === "SIGKILL" || signal === "SIGTERM") expected = true
      life?.child.kill(signal)
    },
    log: (words) =>
      readFileSync(logFile, "utf8")
        .split("\n")
        .filter((line) => words.some((word) => line.includes(word)))
  }
  yield* Effect.addFinalizer(() =>
    Effect.andThen(
      Effect.sync(() => server.signal("SIGKILL")),
      ended
    )
  )
  return server
})
