/**
 * The question for the configs of many repositories of one account, as one GraphQL query, and what its answer says:
 * pure.
 *
 * A renamed repository is not found under its old name: an old name would be another repository to every rule (consent, loops,
 * allowlists, order ids). Names travel as variables only, so nothing that stands in a `dispatching.yml` can become part of the query.
 */
import { Array as Arr, Option, Result, Schema } from "effect"
import {
  type ConfigAnswer,
  type ConfigPath,
  configPaths,
  type MisnamedPath,
  misnamedHint,
  misnamedPaths,
  type UnreachableReason
} from "../../domain/Config.ts"
import { parseConfig } from "../../domain/ConfigFile.ts"
import { type RepositoryName, shortNameOf } from "../../domain/Names.ts"
import { isLimitMessage } from "./RateLimits.ts"

/** What the files are called in the query. */
const aliases = { "dispatching.yml": "root", ".github/dispatching.yml": "folder" } as const satisfies Record<
  ConfigPath,
  string
>

const misnamedAliases = {
  "dispatching.yaml": "rootYaml",
  ".github/dispatching.yaml": "folderYaml"
} as const satisfies Record<MisnamedPath, string>

const repositoryAlias = (index: number): string => `r${index}`
const nameVariable = (index: number): string => `n${index}`

/** A query for this many repositories. It asks for no lists, so GitHub counts it as 1 point of 5,000 an hour. */
export const configQuery = (count: number): string => {
  const indices = Arr.range(0, count - 1)
  const variables = indices.map((index) => `$${nameVariable(index)}: String!`)
  const repositories = indices.map(
    (index) =>
      `${repositoryAlias(index)}: repository(owner: $owner, name: $${nameVariable(index)}, followRenames: false) { ...Config }`
  )
  const files = configPaths.map((path) => `${aliases[path]}: object(expression: "HEAD:${path}") { ...File }`)
  const misnamed = misnamedPaths.map(
    (path) => `${misnamedAliases[path]}: object(expression: "HEAD:${path}") { __typename }`
  )
  return `query Configs($owner: String!, ${variables.join(", ")}) {
  ${repositories.join("\n  ")}
}
fragment Config on Repository {
  defaultBranchRef { name }
  ${[...files, ...misnamed].join("\n  ")}
}
fragment File on GitObject {
  __typename
  ... on Blob { text isBinary isTruncated }
}`
}

/** The variables that go with {@link configQuery} for these repositories, all of one account. */
export const configVariables = (
  owner: string,
  repositories: ReadonlyArray<RepositoryName>
): Record<string, string> => ({
  owner,
  ...Object.fromEntries(repositories.map((name, index) => [nameVariable(index), shortNameOf(name)]))
})

const Blob = Schema.Struct({
  __typename: Schema.Literal("Blob"),
  text: Schema.NullOr(Schema.String),
  isBinary: Schema.NullOr(Schema.Boolean),
  isTruncated: Schema.Boolean
})
type Blob = typeof Blob.Type
/** A folder or submodule of the file's name. */
const NoFile = Schema.Struct({ __typename: Schema.Literals(["Tree", "Commit", "Tag"]) })
const File = Schema.NullOr(Schema.Union([Blob, NoFile]))

const Misnamed = Schema.optionalKey(Schema.NullOr(Schema.Struct({ __typename: Schema.String })))

const Repository = Schema.Struct({
  defaultBranchRef: Schema.NullOr(Schema.Struct({ name: Schema.String })),
  root: File,
  folder: File,
  rootYaml: Misnamed,
  folderYaml: Misnamed
})
type Repository = typeof Repository.Type

const GraphQlError = Schema.Struct({
  type: Schema.optionalKey(Schema.String),
  message: Schema.String,
  path: Schema.optionalKey(Schema.Array(Schema.Union([Schema.String, Schema.Int])))
})
type GraphQlError = typeof GraphQlError.Type

/** GitHub's answer to {@link configQuery}; without `data` the query was not run. */
export const ConfigResponse = Schema.Struct({
  data: Schema.optionalKey(Schema.NullOr(Schema.Record(Schema.String, Schema.NullOr(Repository)))),
  errors: Schema.optionalKey(Schema.Array(GraphQlError))
})
export type ConfigResponse = typeof ConfigResponse.Type

/** GitHub says both. */
const limitTypes: ReadonlyArray<string | undefined> = ["RATE_LIMITED", "RATE_LIMIT"]

/** Whether the error asks to wait: by its type, or for the secondary limits by its words. */
export const asksToWait = ({ type, message }: GraphQlError): boolean =>
  limitTypes.includes(type) || isLimitMessage(message)

/** The error that is not about a single repository, if there is one. */
export const generalError = ({ errors = [] }: ConfigResponse): GraphQlError | undefined =>
  errors.find(asksToWait) ?? errors.find(({ path }) => path === undefined)

const unreachable = (reason: UnreachableReason, message: string): ConfigAnswer => ({
  _tag: "Unreachable",
  reason,
  message,
  transient: reason === "unavailable"
})

/** `FORBIDDEN` covers missing permissions, SAML enforcement and IP allow lists; what else may happen may pass. */
const answerOfError = ({ type, message }: GraphQlError): ConfigAnswer =>
  unreachable(type === "NOT_FOUND" ? "not_found" : type === "FORBIDDEN" ? "forbidden" : "unavailable", message)

const illegible = (blob: Blob): string | undefined => {
  if (blob.text === null || blob.isBinary === true) return "the file is not text"
  return blob.isTruncated ? "the file is too large: GitHub gives only a part of it" : undefined
}

const answerOfFile = (path: ConfigPath, blob: Blob, defaultBranch: string): ConfigAnswer => {
  const problem = illegible(blob)
  if (problem !== undefined)
    return { _tag: "Invalid", path, issues: [{ line: 1, column: 1, path: "", message: problem }] }
  return Result.match(parseConfig(blob.text ?? ""), {
    onSuccess: (config): ConfigAnswer => ({ _tag: "Found", config, path, defaultBranch }),
    onFailure: (issues): ConfigAnswer => ({ _tag: "Invalid", path, issues })
  })
}

/** A repository without a default branch is empty, so it has no config either. */
const answerOfRepository = (repository: Repository): ConfigAnswer => {
  const defaultBranch = repository.defaultBranchRef?.name
  if (defaultBranch === undefined) return { _tag: "Absent" }
  const found = Arr.findFirst(configPaths, (path) => {
    const file = repository[aliases[path]]
    return file?.__typename === "Blob" ? Option.some(answerOfFile(path, file, defaultBranch)) : Option.none()
  })
  return Option.getOrElse(found, (): ConfigAnswer => {
    const misnamed = misnamedPaths.find((path) => repository[misnamedAliases[path]]?.__typename === "Blob")
    return misnamed === undefined ? { _tag: "Absent" } : { _tag: "Absent", hint: misnamedHint(misnamed) }
  })
}

/** What the response says of each repository, in the order in which they were asked for. */
export const configAnswers = (
  repositories: ReadonlyArray<RepositoryName>,
  response: ConfigResponse
): ReadonlyArray<readonly [RepositoryName, ConfigAnswer]> =>
  repositories.map((name, index) => {
    const alias = repositoryAlias(index)
    const error = response.errors?.find(({ path }) => path?.[0] === alias)
    const repository = response.data?.[alias]
    if (error !== undefined) return [name, answerOfError(error)]
    if (repository === undefined || repository === null) {
      return [
        name,
        unreachable("unavailable", generalError(response)?.message ?? "GitHub left the repository out of its answer")
      ]
    }
    return [name, answerOfRepository(repository)]
  })
