/** What commands take from the environment (only the variables that a command needs, all their problems at once). */
import { statSync } from "node:fs"
import { loadEnvFile } from "node:process"
import { Effect } from "effect"
import { readConfiguration, type Variables, variables } from "../Configuration.ts"
import { variables as proxyVariables } from "../Proxies.ts"
import { failed } from "./Failures.ts"

/** Takes what `.env` of the current folder says besides the environment. A folder of that name is Python's. */
export const loadDotEnv = (): void => {
  if (statSync(".env", { throwIfNoEntry: false })?.isFile() !== true) return
  try {
    loadEnvFile(".env")
  } catch (error) {
    process.stderr.write(`warn: .env cannot be read: ${error instanceof Error ? error.message : error}\n`)
  }
}

/** Reads variables; the problems are the command's failure. */
export const environment = <Given extends Variables>(given: Given) => Effect.mapError(readConfiguration(given), failed)

/** What it takes to speak to GitHub as the App. */
export const appVariables = {
  GITHUB_APP_ID: variables.GITHUB_APP_ID,
  GITHUB_APP_PRIVATE_KEY: variables.GITHUB_APP_PRIVATE_KEY,
  GITHUB_API_URL: variables.GITHUB_API_URL,
  ...proxyVariables
} as const

/** What the operator decides for all repositories. */
export const policyVariables = {
  DEFAULT_DISPATCH_REF: variables.DEFAULT_DISPATCH_REF,
  SOURCE_REPO_ALLOWLIST: variables.SOURCE_REPO_ALLOWLIST,
  TARGET_REPO_ALLOWLIST: variables.TARGET_REPO_ALLOWLIST,
  DISPATCH_MAX_TARGETS_PER_RUN: variables.DISPATCH_MAX_TARGETS_PER_RUN,
  DISPATCH_MAX_CHAIN_DEPTH: variables.DISPATCH_MAX_CHAIN_DEPTH,
  DISPATCH_MAX_CHAIN_STARTS: variables.DISPATCH_MAX_CHAIN_STARTS,
  DISPATCH_MAX_OTHER_OWNERS: variables.DISPATCH_MAX_OTHER_OWNERS
} as const

/** Where the service of this environment listens: `http://HOST:PORT`. */
export const ownOrigin = Effect.map(
  environment({ HOST: variables.HOST, PORT: variables.PORT }),
  ({ HOST, PORT }) => `http://${HOST.includes(":") ? `[${HOST}]` : HOST}:${PORT}`
)
