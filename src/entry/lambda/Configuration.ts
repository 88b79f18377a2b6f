/**
 * The environment of the functions: the server's variables under the same names, and what AWS has in place of a folder and a port. A
 * function reads what it needs and no more, so that it need not be given more; all of its problems are reported at once.
 *
 * Secrets may be given by the ARN of a secret in Secrets Manager instead, in the variable of the same name with `_ARN` (`Secrets.ts`).
 */
import { Config } from "effect"
import { busVariable, queueVariables, tableVariables } from "../../adapters/aws/AwsResources.ts"
import { variables as server, type Variables } from "../Configuration.ts"
import { variables as otlp } from "../Otlp.ts"
import { variables as proxies } from "../Proxies.ts"

/** What is only checked here is read by the adapter that needs it. */
const names = <const Name extends string>(...all: ReadonlyArray<Name>) =>
  Object.fromEntries(all.map((name) => [name, Config.NonEmptyString(name)])) as {
    readonly [_ in Name]: Config.Config<string>
  }

const { plan, order, report, fact } = queueVariables
const tables = names(tableVariables.ledger, tableVariables.events, tableVariables.projections)
const bus = names(busVariable)

const { LOG_LEVEL, APP_VERSION } = server
/** The name of this deployment in CloudWatch, where several have metrics. */
const DEPLOYMENT = Config.NonEmptyString("DEPLOYMENT").pipe(Config.withDefault("dispatcher"))
/** Variables that other programs have, too; each may be missing. */
export const standard = { ...otlp, ...proxies }
/** Every function logs what it does, and may have to go out through a proxy. */
const common = { LOG_LEVEL, APP_VERSION, DEPLOYMENT, ...standard }
/** The variables that every function has. */
export type Common = typeof common

/** Who we are to GitHub. */
const app = {
  GITHUB_APP_ID: server.GITHUB_APP_ID,
  GITHUB_APP_PRIVATE_KEY: server.GITHUB_APP_PRIVATE_KEY,
  GITHUB_API_URL: server.GITHUB_API_URL
}

/** What is asked of GitHub, by the policy. */
export const stages = {
  ...app,
  DEFAULT_DISPATCH_REF: server.DEFAULT_DISPATCH_REF,
  CREATE_CHECKS: server.CREATE_CHECKS,
  CREATE_ISSUES: server.CREATE_ISSUES,
  PUBLIC_URL: server.PUBLIC_URL,
  CLOSE_ISSUES: server.CLOSE_ISSUES,
  SOURCE_REPO_ALLOWLIST: server.SOURCE_REPO_ALLOWLIST,
  TARGET_REPO_ALLOWLIST: server.TARGET_REPO_ALLOWLIST,
  DISPATCH_MAX_TARGETS_PER_RUN: server.DISPATCH_MAX_TARGETS_PER_RUN,
  DISPATCH_MAX_CHAIN_DEPTH: server.DISPATCH_MAX_CHAIN_DEPTH,
  DISPATCH_MAX_CHAIN_STARTS: server.DISPATCH_MAX_CHAIN_STARTS,
  DISPATCH_MAX_OTHER_OWNERS: server.DISPATCH_MAX_OTHER_OWNERS
}

/** The variables of each function. */
export const functions = {
  ingress: {
    ...common,
    ...names(plan.url),
    GITHUB_WEBHOOK_SECRET: server.GITHUB_WEBHOOK_SECRET,
    GITHUB_WEBHOOK_SECRET_PREVIOUS: server.GITHUB_WEBHOOK_SECRET_PREVIOUS
  },
  planner: { ...common, ...tables, ...bus, ...stages, ...names(plan.url, plan.deadLetterUrl, order.url, report.url) },
  dispatcher: {
    ...common,
    ...tables,
    ...bus,
    ...stages,
    ...names(order.url, order.deadLetterUrl, report.url, report.deadLetterUrl)
  },
  facts: {
    ...common,
    ...tables,
    ...names(fact.url, fact.deadLetterUrl)
  },
  rollup: {
    ...common,
    ...tables,
    // It notes what they hold.
    ...names(plan.url, plan.deadLetterUrl, order.url, order.deadLetterUrl),
    ...names(report.url, report.deadLetterUrl, fact.url, fact.deadLetterUrl)
  },
  sweeper: {
    ...common,
    ...tables,
    ...bus,
    ...app,
    ...names(report.url),
    REDELIVERY_SWEEP: server.REDELIVERY_SWEEP
  },
  admin: {
    ...common,
    ...tables,
    ...stages,
    ...names(plan.url, plan.deadLetterUrl, order.url, order.deadLetterUrl),
    ...names(report.url, report.deadLetterUrl, fact.url, fact.deadLetterUrl),
    /** Without it, there is no dashboard. */
    ADMIN_TOKEN: server.ADMIN_TOKEN
  }
} satisfies Record<string, Variables>
