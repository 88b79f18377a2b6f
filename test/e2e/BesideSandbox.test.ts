/** The server as people start it, beside a sandbox in a process of its own: the commands of CONTRIBUTING. */
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parseEnv } from "node:util"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { root } from "../fixtures/Built.ts"
import { until } from "./Journeys.ts"
import { run } from "./Processes.ts"
import { freePort, scratchFolder } from "./World.ts"

/** Runs a script from its source; it is killed when the scope ends. */
const script = (path: string, args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(process.execPath, [path, ...args], { cwd: root, stdio: ["ignore", "pipe", "inherit"] })
      let said = ""
      child.stdout.setEncoding("utf8").on("data", (text) => {
        said += text
      })
      return { child, said: Effect.sync(() => said) }
    }),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  )

it.live("a server takes `npm run sandbox` for GitHub, and starts there what a run of it is to start", () =>
  Effect.gen(function* () {
    const port = yield* freePort
    const folder = yield* scratchFolder
    const settings = join(folder, "settings")
    const service = `http://127.0.0.1:${port}`
    const { said } = yield* script("scripts/sandbox.ts", ["--port", "0", "--service", service, "--env", settings])
    const [, github = ""] = /played at (\S+);/.exec(yield* until(said, (text) => text.includes("\n"))) ?? []
    const given = parseEnv(readFileSync(settings, "utf8")) as Record<string, string>
    assert.strictEqual(given.GITHUB_API_URL, github)

    yield* run(["src/entry/server.ts"], { ...given, PORT: String(port), DATA_DIR: folder, LOG_LEVEL: "warn" })
    const answer = (url: string, init?: RequestInit) =>
      Effect.promise(() =>
        fetch(url, init).then(
          (response) => response.text(),
          () => ""
        )
      )
    yield* until(answer(`${service}/ready`), (text) => text.includes("ok"))
    const completed = yield* answer(`${github}/_sandbox/runs`, {
      method: "POST",
      body: JSON.stringify({ repository: "acme/shop", workflow: "ci.yml" })
    })
    assert.include(completed, '"statusCode":202')
    const token = { authorization: `Bearer ${given.ADMIN_TOKEN}` }
    const events = yield* until(answer(`${service}/admin/api/events`, { headers: token }), (text) => text !== "")
    assert.include(events, '"rows":')
    yield* until(answer(`${github}/_sandbox/state`), (text) => /"startedRuns":\[\{[^\]]*acme\/deploy/.test(text))
  })
)
