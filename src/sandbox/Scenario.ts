/**
 * The scenario file: what the sandbox GitHub holds when it starts. People write it by hand, so it is decoded strictly
 * and every problem is reported at once, each with the place where it stands.
 */
import { Effect, FileSystem, Schema, SchemaIssue } from "effect"
import { parseDocument } from "yaml"
import { FaultSpec } from "./Fault.ts"
import { Permissions } from "./Permissions.ts"
import { StartedRunsSeed } from "./RunCourse.ts"

const optionalWith = <S extends Schema.Constraint>(schema: S, value: S["Encoded"]) =>
  Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(schema)

/** Paths from the repository's root, each with the file's text. */
const Files = Schema.Record(Schema.String, Schema.String)

const AppSeed = Schema.Struct({
  id: Schema.Int,
  slug: Schema.String,
  webhookSecret: Schema.String,
  /** Where deliveries go; may also be set later. */
  webhookUrl: Schema.optionalKey(Schema.String),
  /** PEM; one is made for the process if it is missing. */
  privateKey: Schema.optionalKey(Schema.String),
  /** The account that registered the App. */
  owner: optionalWith(Schema.String, "sandbox-owner")
})

const InstallationSeed = Schema.Struct({
  id: Schema.Int,
  /** The user or organisation that installed the App. */
  account: Schema.String,
  accountType: optionalWith(Schema.Literals(["Organization", "User"]), "Organization"),
  permissions: optionalWith(Permissions, {
    metadata: "read",
    contents: "read",
    actions: "write",
    issues: "write",
    checks: "write"
  }),
  /** `all` of the account's repositories, or the names of those selected (without owner). */
  repositories: optionalWith(Schema.Union([Schema.Literal("all"), Schema.Array(Schema.String)]), "all"),
  suspended: optionalWith(Schema.Boolean, false)
})

const FullName = Schema.String.check(
  Schema.isPattern(/^[\w.-]+\/[\w.-]+$/, { message: "Expected a repository as owner/name" })
)

const RepositorySeed = Schema.Struct({
  name: FullName,
  id: Schema.optionalKey(Schema.Int),
  defaultBranch: optionalWith(Schema.String, "main"),
  /** Further branches: names, or names with the files that differ there (`null`: not there). */
  branches: optionalWith(
    Schema.Union([
      Schema.Array(Schema.String),
      Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.NullOr(Schema.String)))
    ]),
    []
  ),
  /** Tags of the default branch. */
  tags: optionalWith(Schema.Array(Schema.String), []),
  files: optionalWith(Files, {}),
  private: optionalWith(Schema.Boolean, true),
  archived: optionalWith(Schema.Boolean, false),
  /** Whether GitHub Actions is enabled. */
  actions: optionalWith(Schema.Boolean, true),
  /** Whether the repository has issues. */
  issues: optionalWith(Schema.Boolean, true),
  /** File names of workflows that are switched off. */
  disabledWorkflows: optionalWith(Schema.Array(Schema.String), [])
})

/** One hourly allowance; GitHub gives an installation 5,000 of each. */
const Allowance = Schema.Struct({
  limit: optionalWith(Schema.Int, 5000),
  remaining: Schema.optionalKey(Schema.Int)
})

/** The scenario with all defaults filled in. */
export const Scenario = Schema.Struct({
  app: AppSeed,
  /**
   * `return_run_details` of a workflow dispatch: understood, or refused as GitHub Enterprise Server before 3.21 does,
   * with 422 or with 400.
   */
  returnRunDetails: optionalWith(Schema.Literals(["supported", "refused422", "refused400"]), "supported"),
  /** Lifetime of installation tokens; GitHub's is an hour. */
  tokenLifetimeSeconds: optionalWith(Schema.Int, 3600),
  /** Whether anybody may see and install the App. */
  publicApp: optionalWith(Schema.Boolean, false),
  /** Seconds by which GitHub's clock is ahead of this machine's. */
  clockAheadSeconds: optionalWith(Schema.Int, 0),
  /** What becomes of the runs that the App starts, with webhooks: by workflow, and by default. RunCourse.ts has an example. */
  startedRuns: optionalWith(StartedRunsSeed, {}),
  /**
   * How a dispatched run of which `startedRuns` says nothing goes on by itself, counted from its start, without a webhook; `null`: it
   * stays queued until a test completes it.
   */
  runs: optionalWith(Schema.NullOr(Schema.Struct({ startAfterMillis: Schema.Int, completeAfterMillis: Schema.Int })), {
    startAfterMillis: 1000,
    completeAfterMillis: 5000
  }),
  /** Milliseconds after its start by which a run shows up in lists; each run takes its own part of them. */
  listRunsWithinMillis: optionalWith(Schema.Int, 0),
  rateLimits: optionalWith(
    Schema.Struct({ core: optionalWith(Allowance, {}), graphql: optionalWith(Allowance, {}) }),
    {}
  ),
  installations: Schema.Array(InstallationSeed),
  repositories: Schema.Array(RepositorySeed),
  faults: optionalWith(Schema.Array(FaultSpec), [])
})
export type Scenario = typeof Scenario.Type
/** A scenario as people write it: what is left out is the default. */
export type ScenarioInput = typeof Scenario.Encoded
/** A repository of a scenario. */
export type RepositorySeed = typeof RepositorySeed.Type
/** An installation of a scenario. */
export type InstallationSeed = typeof InstallationSeed.Type

/** A scenario that cannot be used; `problems` has one readable line each. */
export class ScenarioError extends Schema.TaggedError<ScenarioError>()("ScenarioError", {
  origin: Schema.String,
  problems: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `The sandbox scenario ${this.origin} cannot be used:\n${this.problems.map((line) => `  - ${line}`).join("\n")}`
  }
}

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** Schema issues as lines `where.it.stands: what is wrong`. */
export const explainIssues = (issue: SchemaIssue.Issue): ReadonlyArray<string> =>
  format(issue).issues.map(({ path, message }) => {
    const place = (path ?? []).map((key) => String(typeof key === "object" ? key.key : key)).join(".")
    return place === "" ? message : `${place}: ${message}`
  })

const repeated = (
  names: ReadonlyArray<string>,
  keys = names.map((name) => name.toLowerCase())
): ReadonlyArray<string> => names.filter((_, index) => keys.indexOf(keys[index] ?? "") !== index)

type WorkflowSeed = Scenario["startedRuns"]["workflows"][number]

/** Repositories are compared without case, files with it, as GitHub does. */
const wrongWorkflows = (workflows: ReadonlyArray<WorkflowSeed>, known: ReadonlySet<string>): ReadonlyArray<string> => [
  ...repeated(
    workflows.map(({ repository, workflow }) => `${repository} ${workflow}`),
    workflows.map(({ repository, workflow }) => `${repository.toLowerCase()} ${workflow}`)
  ).map((name) => `startedRuns.workflows: ${name} is listed twice`),
  ...workflows
    .filter(({ repository }) => !known.has(repository.toLowerCase()))
    .map(({ repository }) => `startedRuns.workflows: there is no repository ${repository}`)
]

/** What the types cannot say: names that are given twice or that point nowhere. */
const contradictions = ({ installations, repositories, startedRuns }: Scenario): ReadonlyArray<string> => {
  const known = new Set(repositories.map((repository) => repository.name.toLowerCase()))
  return [
    ...repeated(repositories.map(({ name }) => name)).map((name) => `repositories: ${name} is listed twice`),
    ...repeated(installations.map(({ account }) => account)).map(
      (account) => `installations: ${account} has two installations, GitHub allows one per account`
    ),
    ...repeated(installations.map(({ id }) => String(id))).map((id) => `installations: id ${id} is used twice`),
    ...installations.flatMap(({ account, repositories: selected }) =>
      selected === "all"
        ? []
        : selected
            .filter((name) => !known.has(`${account}/${name}`.toLowerCase()))
            .map((name) => `installations: ${account} selects ${name}, but there is no repository ${account}/${name}`)
    ),
    ...wrongWorkflows(startedRuns.workflows, known)
  ]
}

/** Checks a value against the scenario's form and fills in the defaults. `origin` is named in the error. */
export const decodeScenario = Effect.fnUntraced(function* (value: unknown, origin = "value") {
  const scenario = yield* Schema.decodeUnknownEffect(Scenario)(value, {
    onExcessProperty: "error",
    errors: "all"
  }).pipe(Effect.mapError((error) => new ScenarioError({ origin, problems: explainIssues(error.issue) })))
  const problems = contradictions(scenario)
  return problems.length === 0 ? scenario : yield* new ScenarioError({ origin, problems })
})

/** Reads a scenario from a YAML file. */
export const loadScenario = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const text = yield* files
    .readFileString(path)
    .pipe(Effect.mapError((error) => new ScenarioError({ origin: path, problems: [error.message] })))
  const document = parseDocument(text, { prettyErrors: true })
  if (document.errors.length > 0) {
    return yield* new ScenarioError({ origin: path, problems: document.errors.map((error) => error.message) })
  }
  return yield* decodeScenario(document.toJS(), path)
})
