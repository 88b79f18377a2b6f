/** The command line as its users have it: the real binary in a folder of its own, or one command's function with what it prints. */
import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { type Cause, Effect, Exit, Layer } from "effect"
import { TestConsole } from "effect/testing"
import { teardown } from "../../../src/entry/cli/Failures.ts"
import { commandLine } from "../../fixtures/Programs.ts"

/** A folder with these files, gone when the scope is. */
export const folder = (files: Readonly<Record<string, string>> = {}) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const path = mkdtempSync(join(tmpdir(), "dispatcher-cli-"))
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(path, name)), { recursive: true })
        writeFileSync(join(path, name), text)
      }
      return path
    }),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )

/** How a process ended, and what it said. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the binary as it is in an installed package; its environment is what is given, and nothing of ours. */
export const dispatcher = (
  args: ReadonlyArray<string>,
  {
    cwd,
    stdin = "",
    env = {}
  }: { readonly cwd: string; readonly stdin?: string; readonly env?: Record<string, string> }
) =>
  Effect.flatMap(Effect.promise(commandLine), (binary) =>
    Effect.callback<Ended>((resume) => {
      const child = spawn(process.execPath, [binary, ...args], { cwd, env })
      const said = { stdout: "", stderr: "" }
      child.stdout.on("data", (chunk) => {
        said.stdout += chunk
      })
      child.stderr.on("data", (chunk) => {
        said.stderr += chunk
      })
      child.on("close", (code) => resume(Effect.succeed({ code, ...said })))
      child.stdin.on("error", () => {})
      child.stdin.end(stdin)
      return Effect.sync(() => child.kill("SIGKILL"))
    })
  )

const exitCode = <A, E>(exit: Exit.Exit<A, E>): number => {
  let ended = 0
  teardown(exit, (code) => {
    ended = code
  })
  return ended
}

/** What a command's function printed, the error that it failed with, and the exit code that would be the process's. */
export const outcomeOf = <A, E, R>(command: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const exit = yield* Effect.exit(command)
    const lines = (yield* TestConsole.logLines).map(String)
    return { code: exitCode(exit), lines, text: lines.join("\n"), message: Exit.isFailure(exit) ? say(exit.cause) : "" }
  }).pipe(Effect.provide([NodeServices.layer, Layer.fresh(TestConsole.layer)]))

const say = (cause: Cause.Cause<unknown>): string =>
  cause.reasons
    .map((reason) => ("error" in reason && reason.error instanceof Error ? reason.error.message : String(reason)))
    .join("\n")
