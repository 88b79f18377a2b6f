/**
 * The environment, read once; a variable that is set to nothing is not set. Every problem of every variable is reported at once, by the variable's name and without its value; the
 * README's table and `.env.example` list the same variables (a test holds them together).
 */
import { Array as Arrays, Config, ConfigProvider, Effect, Option, Result, Schema, SchemaIssue } from "effect"
import packageJson from "../../package.json" with { type: "json" }
import { variables as githubVariables } from "../adapters/github/App.ts"
import { whole } from "../dashboard/api/Fields.ts"
import { adminToken } from "../dashboard/Session.ts"
import { Ref } from "../domain/ConfigRefs.ts"
import { parseAllowlist } from "../domain/Pattern.ts"
import { maxTargetsLimit } from "../domain/Policy.ts"
import { variables as otlpVariables } from "./Otlp.ts"
import { variables as proxyVariables } from "./Proxies.ts"
import { typed, variableProblem } from "./Typed.ts"

const optional = <A>(config: Config.Config<A>): Config.Config<A | undefined> =>
  Config.map(Config.option(config), Option.getOrUndefined)

const allowlist = (variable: string) =>
  optional(
    Config.String(variable).pipe(
      Config.mapEffect((text) =>
        Result.match(parseAllowlist(text), {
          onSuccess: Effect.succeed,
          onFailure: (problems) => Effect.fail(variableProblem(variable, problems.join("; ")))
        })
      )
    )
  )

const count = (variable: string, byDefault: number, most: number) =>
  Config.schema(whole(1, most), variable).pipe(Config.withDefault(byDefault))
const appSlug = Schema.String.check(
  Schema.isPattern(/^[a-z0-9][a-z0-9-]*$/i, {
    expected: "the App's slug, the last part of its github.com/apps/… address"
  })
)
/** Where people reach the dashboard; in links on GitHub, so without what only some of them may know. */
const publicUrl = Schema.String.check(
  Schema.makeFilter(
    (text) => {
      if (!URL.canParse(text)) return false
      const { protocol, username, password, search, hash } = new URL(text)
      return protocol === "https:" && [username, password, search, hash].every((part) => part === "")
    },
    { expected: "an https address without query, such as https://dispatcher.example.com" }
  )
)
const secret = (variable: string) =>
  Config.schema(
    Schema.Redacted(Schema.NonEmptyString.check(Schema.isMinLength(8, { expected: "at least 8 characters" }))),
    variable
  )

const levels = {
  all: "All",
  trace: "Trace",
  debug: "Debug",
  info: "Info",
  warn: "Warn",
  error: "Error",
  fatal: "Fatal",
  none: "None"
} as const
const logLevel = Config.String("LOG_LEVEL").pipe(
  Config.withDefault("info"),
  Config.mapEffect((text) => {
    const level = Object.entries(levels).find(([name]) => name === text.toLowerCase())?.[1]
    return level === undefined
      ? Effect.fail(variableProblem("LOG_LEVEL", `Expected one of ${Object.keys(levels).join(", ")}`))
      : Effect.succeed(level)
  })
)

/** All variables of the local server by name; each stands alone, so that a missing one hides no other. */
export const variables = {
  PORT: count("PORT", 3000, 65_535),
  HOST: Config.NonEmptyString("HOST").pipe(Config.withDefault("127.0.0.1")),
  GITHUB_APP_ID: githubVariables.id,
  GITHUB_APP_SLUG: optional(Config.schema(appSlug, "GITHUB_APP_SLUG")),
  GITHUB_APP_PRIVATE_KEY: githubVariables.privateKey,
  GITHUB_WEBHOOK_SECRET: secret("GITHUB_WEBHOOK_SECRET"),
  GITHUB_WEBHOOK_SECRET_PREVIOUS: optional(secret("GITHUB_WEBHOOK_SECRET_PREVIOUS")),
  GITHUB_API_URL: githubVariables.apiUrl,
  ...proxyVariables,
  DEFAULT_DISPATCH_REF: Config.schema(Ref, "DEFAULT_DISPATCH_REF").pipe(Config.withDefault("main")),
  CREATE_CHECKS: Config.Boolean("CREATE_CHECKS").pipe(Config.withDefault(true)),
  CREATE_ISSUES: Config.Boolean("CREATE_ISSUES").pipe(Config.withDefault(true)),
  CLOSE_ISSUES: Config.Boolean("CLOSE_ISSUES").pipe(Config.withDefault(true)),
  SOURCE_REPO_ALLOWLIST: allowlist("SOURCE_REPO_ALLOWLIST"),
  TARGET_REPO_ALLOWLIST: allowlist("TARGET_REPO_ALLOWLIST"),
  DISPATCH_MAX_TARGETS_PER_RUN: count("DISPATCH_MAX_TARGETS_PER_RUN", 25, maxTargetsLimit),
  DISPATCH_MAX_CHAIN_DEPTH: count("DISPATCH_MAX_CHAIN_DEPTH", 5, 100),
  DISPATCH_MAX_CHAIN_STARTS: count("DISPATCH_MAX_CHAIN_STARTS", 200, 100_000),
  DISPATCH_MAX_OTHER_OWNERS: count("DISPATCH_MAX_OTHER_OWNERS", 10, 500),
  DATA_DIR: Config.NonEmptyString("DATA_DIR").pipe(Config.withDefault("./data")),
  REDELIVERY_SWEEP: Config.Boolean("REDELIVERY_SWEEP").pipe(Config.withDefault(true)),
  ADMIN_TOKEN: optional(adminToken),
  PUBLIC_URL: optional(Config.schema(publicUrl, "PUBLIC_URL")),
  LOG_LEVEL: logLevel,
  APP_VERSION: Config.NonEmptyString("APP_VERSION").pipe(Config.withDefault(packageJson.version)),
  ...otlpVariables
} as const

/** Environment variables by name. */
export type Variables = Readonly<Record<string, Config.Config<unknown>>>
/** The values of variables. */
export type Values<Given extends Variables> = { readonly [Name in keyof Given]: Config.Success<Given[Name]> }
/** The values of all variables of the local server. */
export type Configuration = Values<typeof variables>

/** Environment variables that are missing or malformed. */
export class ConfigurationError extends Schema.TaggedError<ConfigurationError>()("ConfigurationError", {
  problems: Schema.Array(Schema.Struct({ variable: Schema.String, message: Schema.String }))
}) {
  override get message() {
    const width = Math.max(...this.problems.map(({ variable }) => variable.length))
    const lines = this.problems.map(({ variable, message }) => `${variable.padEnd(width)}  ${message}`)
    return [
      ...lines,
      "",
      "Set them in the environment or in .env; .env.example explains each of them.",
      "To see the dispatcher work without any of them: npm run demo"
    ].join("\n")
  }
}

const formatIssue = SchemaIssue.makeFormatterStandardSchemaV1()

/** What is wrong, in one line, never with the value: it may be a secret. */
const describe = ({ cause }: Config.ConfigError): string =>
  cause._tag === "SchemaError"
    ? formatIssue(cause.issue)
        .issues.map(({ message }) => message)
        .join("; ")
    : cause.message

/** One variable: its value, or what is wrong with it. */
const readVariable = Effect.fnUntraced(function* (variable: string, config: Config.Config<unknown>) {
  const readConfiguration = yield* Effect.result(Config.option(config))
  if (Result.isFailure(readConfiguration))
    return Result.fail({ variable, message: describe(readConfiguration.failure) })
  return Option.isSome(readConfiguration.success)
    ? Result.succeed([variable, readConfiguration.success.value] as const)
    : Result.fail({ variable, message: "is missing" })
})

/** What is in the environment under these names, as it is meant; a variable that is set to nothing is not there. */
const readTyped = Effect.fnUntraced(function* (names: ReadonlyArray<string>) {
  const provider = yield* ConfigProvider.ConfigProvider
  // Proxies are named in small letters, too.
  const found = yield* Effect.forEach(new Set(names.flatMap((name) => [name, name.toLowerCase()])), (variable) =>
    Effect.map(Effect.option(Config.String(variable).parse(provider)), (text) =>
      Option.map(text, (given) => ({ variable, ...typed(variable, given) }))
    )
  )
  const all = Arrays.getSomes(found).filter(({ value }) => value !== "")
  yield* Effect.forEach(all, ({ variable, warning }) =>
    warning === undefined ? Effect.void : Effect.logWarning(`${variable} ${warning}`)
  )
  return {
    provider: ConfigProvider.fromUnknown(Object.fromEntries(all.map(({ variable, value }) => [variable, value]))),
    problems: all.flatMap(({ variable, problem: message }) => (message === undefined ? [] : [{ variable, message }]))
  }
})

/** Reads variables; fails with all their problems at once. */
export const readConfiguration = Effect.fnUntraced(function* <Given extends Variables>(given: Given) {
  const { provider, problems: mistyped } = yield* readTyped(Object.keys(given))
  const found = yield* Effect.forEach(Object.entries(given), ([variable, config]) =>
    readVariable(variable, config)
  ).pipe(Effect.provideService(ConfigProvider.ConfigProvider, provider))
  const [values, others] = Arrays.separate(found)
  const problems = [...mistyped, ...others.filter((one) => mistyped.every(({ variable }) => variable !== one.variable))]
  if (problems.length > 0) return yield* new ConfigurationError({ problems })
  return Object.fromEntries(values) as unknown as Values<Given>
})

/** The local server's configuration. */
export const configuration: Effect.Effect<Configuration, ConfigurationError> = readConfiguration(variables)
