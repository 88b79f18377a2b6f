/**
 * What would become of a run that has not happened, by the same rules, for people who write a `dispatching.yml`.
 *
 * The command line and the dashboard's API both take a `HypotheticalRun` and give an `Explanation`.
 */
import { Schema } from "effect"
import { Decision, Skipped } from "./Decision.ts"
import { RepositoryName, WorkflowFile, wellFormed } from "./Names.ts"
import { SourceConfig } from "./Plan.ts"
import { Conclusion } from "./SourceRun.ts"

/** A hypothetical run; what is left out is an ordinary, successful push to the default branch. */
export const HypotheticalRun = Schema.Struct({
  repository: RepositoryName,
  /** In any form that people write: file name, path or path@ref. */
  workflow: Schema.NonEmptyString.check(wellFormed),
  /** Default: the repository's default branch. */
  branch: Schema.optionalKey(Schema.NonEmptyString.check(wellFormed)),
  /** Default: `success`. */
  conclusion: Schema.optionalKey(Conclusion),
  /** Default: `push`. */
  event: Schema.optionalKey(Schema.NonEmptyString.check(wellFormed)),
  /** Whether the code comes from a fork. Default: false. */
  fork: Schema.optionalKey(Schema.Boolean)
})
export interface HypotheticalRun extends Schema.Schema.Type<typeof HypotheticalRun> {}

/** What would become of one target. */
export const ExplainedTarget = Schema.Struct({
  decision: Decision,
  /** The inputs it would be started with, what only GitHub knows of the run made up; null if it is denied. */
  inputs: Schema.NullOr(Schema.Record(Schema.String, Schema.String))
})
export interface ExplainedTarget extends Schema.Schema.Type<typeof ExplainedTarget> {}

/** What would become of a run. */
export const Explanation = Schema.Struct({
  /** The run, with everything that was not said. */
  run: Schema.Struct({
    repository: RepositoryName,
    workflow: WorkflowFile,
    branch: Schema.String,
    conclusion: Conclusion,
    event: Schema.String,
    fork: Schema.Boolean
  }),
  /** What the source's own config turned out to be. */
  config: SourceConfig,
  /** Workflows that the source's outbound rules are about, to recognise a misspelt workflow by; each once. */
  workflows: Schema.Array(WorkflowFile),
  /** The rules for the run's workflow that are not about the run, in the order of the file. */
  skipped: Schema.Array(Skipped),
  /** The targets of the rules that are about the run, in the order of the file. */
  targets: Schema.Array(ExplainedTarget),
  /** What the other configs that were looked at or given turned out to be, with all problems; names are in lower case. */
  configs: Schema.Array(Schema.Struct({ repository: RepositoryName, config: SourceConfig }))
})
export interface Explanation extends Schema.Schema.Type<typeof Explanation> {}
