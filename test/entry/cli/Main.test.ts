/** What all commands have in common. */
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { dispatcher, folder } from "./support.ts"

const binary = join(import.meta.dirname, "../../../bin/dispatcher.js")

describe("dispatcher", () => {
  it.live("ends without a word where its reader has had enough", () =>
    Effect.gen(function* () {
      const problems = `outbound:\n${"  - {}\n".repeat(100)}`
      const cwd = yield* folder({ "bad.yml": problems })
      // More than the socket between the two holds, so that something is left to write.
      const files = Array.from({ length: 200 }, () => "bad.yml")
      const { code, stderr } = yield* Effect.callback<{ code: number | null; stderr: string }>((resume) => {
        const child = spawn(process.execPath, [binary, "validate", ...files], { cwd, env: {} })
        let stderr = ""
        child.stdout.once("data", () => child.stdout.destroy())
        child.stderr.on("data", (chunk) => {
          stderr += chunk
        })
        child.on("close", (code) => resume(Effect.succeed({ code, stderr })))
        return Effect.sync(() => child.kill("SIGKILL"))
      })
      assert.deepStrictEqual([code, stderr], [141, ""])
    })
  )

  it.live("an older Node says which one is needed, in place of a SyntaxError", () =>
    Effect.gen(function* () {
      const older = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'18.20.1'})"
      const { code, stderr } = yield* dispatcher(["--version"], {
        cwd: yield* folder(),
        env: { NODE_OPTIONS: `--import=${older}` }
      })
      assert.strictEqual(code, 1)
      assert.match(stderr, /^dispatcher needs Node\.js 24\.9 or newer; this is 18\.20\.1/)
      assert.notMatch(readFileSync(binary, "utf8"), /^\s*(await|import \{ enable)/m)
    })
  )

  it.live("a wrong repository is named with what was expected, once", () =>
    Effect.gen(function* () {
      const args = ["explain", "--source", "shop", "--workflow", "ci.yml", "--config", "."]
      const { code, stderr } = yield* dispatcher(args, { cwd: yield* folder() })
      assert.strictEqual(code, 2)
      assert.include(stderr, 'Invalid value for flag --source: "shop". Expected a repository as owner/name')
    })
  )

  it.live("what is called wrongly is named with what was expected, in plain words", () =>
    Effect.gen(function* () {
      const explained = ["explain", "--source", "acme/shop", "--workflow", "ci.yml"]
      const calls: ReadonlyArray<readonly [args: ReadonlyArray<string>, said: RegExp, code: number]> = [
        [["redeliver", "--since", "4d"], /--since: "4d"\. Expected a number and s, m, h or d, at most 3d\n/, 2],
        [[...explained, "--config", "nowhere"], /--config: "nowhere"\. There is no \S+nowhere\n/, 2],
        [
          [...explained, "--config", ".", "--default-ref", "a..b"],
          /--default-ref: "a\.\.b"\. Expected what git takes/,
          2
        ],
        [["replay", "../x"], /<delivery>: "\.\.\/x"\. Expected a delivery's GUID\n/, 2],
        [
          ["rebuild", "--aws"],
          /LEDGER_TABLE is missing\n +EVENTS_TABLE is missing\n +PROJECTIONS_TABLE is missing\n/,
          1
        ]
      ]
      const cwd = yield* folder()
      for (const [args, said, expected] of calls) {
        const { code, stderr } = yield* dispatcher(args, { cwd })
        assert.match(stderr, said)
        assert.strictEqual(code, expected)
      }
    })
  )

  it.live("a folder named .env is not ours", () =>
    Effect.gen(function* () {
      const cwd = yield* folder({ ".env/pyvenv.cfg": "" })
      const { code, stderr } = yield* dispatcher(["--version"], { cwd })
      assert.deepStrictEqual([code, stderr], [0, ""])
    })
  )

  it.live("completes commands, and files where files are named", () =>
    Effect.gen(function* () {
      const cwd = yield* folder()
      const bash = yield* dispatcher(["--completions", "bash"], { cwd })
      assert.strictEqual(bash.code, 0)
      assert.include(bash.stdout, "complete -F _dispatcher dispatcher")
      assert.include(bash.stdout, "validate explain schema")
      const validate = bash.stdout.slice(bash.stdout.indexOf("_dispatcher_validate()"))
      assert.match(validate.slice(0, validate.indexOf("\n}\n")), /_dispatcher--paths -f/)
    })
  )
})
