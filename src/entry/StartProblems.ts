/** What is wrong at a start: what stops it, in words that name the variable to change, and what GitHub says of the App, which holds nothing up. */

import { Effect } from "effect"
import { isPublic } from "../adapters/github/GitHubApp.ts"
import { lockedReason, SqliteError } from "../adapters/local/Sqlite.ts"
import { GitHubApp } from "../ports/GitHubApp.ts"
import type { Configuration } from "./Configuration.ts"

/** Why the server cannot listen, by the system's code. */
const listening: Readonly<Record<string, (address: string, port: string) => string>> = {
  EADDRINUSE: (address, port) =>
    `Another process listens on port ${port} of ${address}. Stop it, or set PORT to a port that is free.`,
  EACCES: (address, port) =>
    `This user may not listen on port ${port} of ${address}. Set PORT to a port above 1023, or allow it to this user.`,
  EADDRNOTAVAIL: (address) =>
    `This machine has no address ${address}. Set HOST to one that it has, or to 0.0.0.0 for all.`,
  ENOTFOUND: (address) =>
    `The name ${address} has no address. Set HOST to an address of this machine, or to 0.0.0.0 for all.`
}

const field = (error: Error, name: string): string => String(Reflect.get(error, name) ?? "")

/** An error that says nothing itself, such as the HTTP server's, leaves that to its cause. */
export const describeStartProblem = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (error.message === "" && error.cause !== undefined) return describeStartProblem(error.cause)
  const isListening = field(error, "syscall") === "listen" || field(error, "syscall") === "getaddrinfo"
  const sentence = isListening ? listening[field(error, "code")] : undefined
  if (sentence !== undefined) return sentence(field(error, "address") || field(error, "hostname"), field(error, "port"))
  if (error instanceof SqliteError && error.reason === lockedReason) {
    return `${error.message}\nStop that process, or set DATA_DIR to another folder.`
  }
  return error instanceof SqliteError && error.operation.startsWith("open ")
    ? `${error.message}\nDATA_DIR names the folder of the database; set it to a folder that this user may write to.`
    : error.message
}

type Settings = Pick<Configuration, "GITHUB_APP_SLUG" | "SOURCE_REPO_ALLOWLIST">

/** Warns where the App is called otherwise than GITHUB_APP_SLUG says, and where anybody may install it and be a source. Cost: 2 requests. */
export const checkApp = Effect.fn("checkApp")(
  function* ({ GITHUB_APP_SLUG: slug, SOURCE_REPO_ALLOWLIST: sources }: Settings) {
    const app = yield* GitHubApp
    const name = (yield* app.login).replace(/\[bot\]$/, "")
    if (slug !== undefined && slug.toLowerCase() !== name.toLowerCase()) {
      yield* Effect.logWarning(`GitHub calls the App ${name}, not ${slug} (GITHUB_APP_SLUG)`)
    }
    if (sources === undefined && (yield* isPublic(name))) {
      yield* Effect.logWarning(
        "The App is public: every account that installs it is a source. SOURCE_REPO_ALLOWLIST names those that may be"
      )
    }
  },
  Effect.catch((error) => Effect.logWarning("GitHub could not be asked about the App", { reason: error.message }))
)
