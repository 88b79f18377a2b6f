/** Runs the scripts of a deployment with stand-ins for the programs that they call, and notes those calls. */
import { spawn } from "node:child_process"
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { root } from "../Files.ts"

interface Result {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}
interface Options {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** What AWS's command line says when it fails, and how it exits. Text for a stand-in. */
export const awsError = (code: string): string =>
  `echo "An error occurred (${code}) when calling the operation: as the test wants it" >&2; exit 254`

/** A folder for stand-ins, which come before all other programs. */
export const makeScripts = () => {
  const folder = mkdtempSync(join(tmpdir(), "deploy-"))
  const calls = join(folder, "calls")
  return {
    folder,
    remove: () => rmSync(folder, { recursive: true, force: true }),

    /** Runs a script with nothing in its environment but what is given. */
    run: (script: string, args: ReadonlyArray<string>, { env = {}, input = "" }: Options = {}) =>
      new Promise<Result>((resolve) => {
        const PATH = `${folder}:${process.env.PATH}`
        const child = spawn(join(root, "infrastructure", script), args, { env: { PATH, HOME: folder, ...env } })
        let stdout = ""
        let stderr = ""
        child.stdout.on("data", (chunk) => {
          stdout += chunk
        })
        child.stderr.on("data", (chunk) => {
          stderr += chunk
        })
        child.on("close", (status) => resolve({ status, stdout, stderr }))
        // A script that reads nothing may be gone before it is written to.
        child.stdin.on("error", () => {})
        child.stdin.end(input)
      }),

    /** A program that notes how it was called, and then does this. */
    program: (name: string, script: string): void => {
      writeFileSync(join(folder, name), `#!/usr/bin/env bash\necho "${name} $*" >> ${calls}\n${script}\n`)
      chmodSync(join(folder, name), 0o755)
    },

    /** The calls since the last time that {@link forget} was called, one a line. */
    called: (): ReadonlyArray<string> => readFileSync(calls, "utf8").split("\n").filter(Boolean),
    forget: (): void => writeFileSync(calls, "")
  }
}
