/**
 * `npm run soak -- --runs 2000 --seed 1`: the promise "exactly once" on the real server, with kills, stops and a GitHub in trouble. Ends
 * with one line, and with 0 if nothing was lost, doubled, unknown, denied wrongly or miscounted,
 * and every result and check run is right.
 *
 * `--aws` the built Lambda functions with emulated queues and tables (needs Java) in place of the server;
 * `--kills 80` how often the server is killed or stopped, at most; `--minutes 10` no run is delivered after that; `--quiet` only the end.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Duration, Effect } from "effect"
import { closingLine, isRight, type Soaked } from "./Soak.ts"

const usage = "npm run soak -- [--runs 2000] [--seed 1] [--kills 80] [--minutes 60] [--aws] [--quiet]"
const given = () => {
  try {
    return parseArgs({
      options: {
        runs: { type: "string", default: "2000" },
        seed: { type: "string", default: "1" },
        kills: { type: "string" },
        minutes: { type: "string", default: "60" },
        aws: { type: "boolean", default: false },
        quiet: { type: "boolean", default: false },
        help: { type: "boolean", default: false }
      }
    })
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}\n`)
    process.exit(2)
  }
}
const { values } = given()
if (values.help) {
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}
const number = (name: string, text: string): number => {
  const value = Number(text)
  if (Number.isFinite(value) && value >= 0) return value
  process.stderr.write(`--${name} wants a number, not ${text}\n`)
  process.exit(2)
}
const runs = number("runs", values.runs)
const seed = number("seed", values.seed)
const kills = values.kills === undefined ? Math.ceil(runs / 25) : number("kills", values.kills)
const limit = Duration.minutes(number("minutes", values.minutes))

/** The last of what the log has about an order or a run, and so many of these. */
const logLines = 20
const shownOffences = 10

const explain = ({ offences, deadLetters, crashes, log }: Soaked): string =>
  [
    ...offences
      .slice(0, shownOffences)
      .flatMap(({ fault, about, standing, started }) => [
        `${fault}: ${about}`,
        `  service: ${standing}`,
        ...started.map((run) => `  GitHub: run ${run.id} of ${new Date(run.createdAt).toISOString()} on ${run.ref}`),
        ...(fault === "miscounted" ? [] : log([about])).slice(-logLines).map((line) => `  log: ${line}`)
      ]),
    ...(offences.length > shownOffences ? [`and ${offences.length - shownOffences} more`] : []),
    ...deadLetters.slice(0, shownOffences).map((letter) => `dead letter: ${JSON.stringify(letter)}`),
    ...(crashes > 0 ? [`the server ended by itself ${crashes} times`] : [])
  ].join("\n")

const folder = mkdtempSync(join(tmpdir(), "dispatcher-soak-"))
const progress = (line: string): void => {
  if (!values.quiet) process.stderr.write(`${line}\n`)
}

const soak = values.aws ? (await import("./OnAws.ts")).soakCloud : (await import("./Machine.ts")).soakMachine

const main = Effect.gen(function* () {
  const soaked = yield* soak({ runs, seed, kills, limit, folder, progress })
  progress([...soaked.blows].map(([blow, count]) => `${blow}: ${count}`).join(", "))
  progress(`the slowest: ${[soaked.slowest, ...soaked.log([soaked.slowest]).slice(-logLines)].join("\n  ")}`)
  if (isRight(soaked)) rmSync(folder, { recursive: true, force: true })
  else {
    // A server writes its log there by itself.
    if (values.aws) writeFileSync(join(folder, "log"), soaked.log([""]).join("\n"))
    process.stdout.write(
      `${explain(soaked)}\n${values.aws ? "the log is" : "data and log are"} in ${folder}; again: npm run soak --${values.aws ? " --aws" : ""} --runs ${runs} --kills ${kills} --seed ${seed}\n`
    )
  }
  process.stdout.write(`${closingLine(soaked, seed)}\n`)
  process.exitCode = isRight(soaked) ? 0 : 1
})

NodeRuntime.runMain(main)
