/**
 * `dispatcher explain`: what would become of a run that has not happened, by the rules of files in a folder or by those on GitHub. Reads,
 * and changes nothing.
 */
import { Console, Effect, Layer, Option, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import * as FileConfigSource from "../../adapters/local/FileConfigSource.ts"
import { Ref } from "../../domain/ConfigRefs.ts"
import { Explanation, HypotheticalRun } from "../../domain/Explanation.ts"
import { RepositoryName } from "../../domain/Names.ts"
import { conclusions } from "../../domain/Vocabulary.ts"
import { explain } from "../../flow/Explain.ts"
import { layerSettings } from "../../flow/Settings.ts"
import { layerGitHub } from "../SettingsLayers.ts"
import { appVariables, environment, policyVariables } from "./Environment.ts"
import { explanationLines } from "./ExplainText.ts"
import { failed, ProblemsFound } from "./Failures.ts"
import { during } from "./Terminal.ts"

/** Where the rules are, and how they are given. */
export interface ExplainOptions {
  /** A folder of `owner/name/dispatching.yml`; undefined: GitHub. */
  readonly folder: string | undefined
  /** In the place of `DEFAULT_DISPATCH_REF`. */
  readonly defaultRef: string | undefined
  readonly format: "text" | "json"
}

/** Without credentials the files serve. */
const credentials = Effect.mapError(environment(appVariables), ({ message }) =>
  failed({ message: `${message}\nTo explain by files instead of by what is on GitHub: --config FOLDER` })
)

const layerConfigs = (folder: string | undefined) =>
  folder === undefined ? Layer.unwrap(Effect.map(credentials, layerGitHub)) : FileConfigSource.layer(folder)

const layerPolicy = (defaultRef: string | undefined) =>
  Layer.unwrap(
    Effect.map(environment(policyVariables), (given) =>
      layerSettings({
        policy: {
          defaultRef: defaultRef ?? given.DEFAULT_DISPATCH_REF,
          sourceAllowlist: given.SOURCE_REPO_ALLOWLIST,
          targetAllowlist: given.TARGET_REPO_ALLOWLIST,
          maxTargets: given.DISPATCH_MAX_TARGETS_PER_RUN,
          maxChainDepth: given.DISPATCH_MAX_CHAIN_DEPTH,
          maxChainStarts: given.DISPATCH_MAX_CHAIN_STARTS,
          maxOtherOwners: given.DISPATCH_MAX_OTHER_OWNERS
        }
      })
    )
  )

const encode = Schema.encodeSync(Explanation)

/** Prints what would become of the run; a source config that cannot be used is a problem found. */
export const explainRun = Effect.fn("cli.explain")(function* (run: HypotheticalRun, options: ExplainOptions) {
  const explanation = yield* explain(run).pipe(
    Effect.provide(Layer.merge(layerConfigs(options.folder), layerPolicy(options.defaultRef))),
    Effect.mapError(failed),
    during("reading the rules on GitHub", options.format)
  )
  const lines =
    options.format === "json" ? [JSON.stringify(encode(explanation), null, 2)] : explanationLines(explanation)
  yield* Console.log(lines.join("\n"))
  if (explanation.config._tag !== "Found") return yield* new ProblemsFound({ count: 1 })
})

const optional = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.withSchema(Schema.NonEmptyString), Flag.optional)

export const command = Command.make(
  "explain",
  {
    source: Flag.String("source").pipe(
      Flag.withDescription("The repository whose workflow runs, as owner/name"),
      Flag.withSchema(RepositoryName)
    ),
    workflow: Flag.String("workflow").pipe(
      Flag.withDescription("The workflow that completes, such as ci.yml"),
      Flag.withSchema(HypotheticalRun.fields.workflow)
    ),
    branch: optional("branch", "The run's branch. Default: the default branch"),
    conclusion: Flag.Literals("conclusion", conclusions).pipe(
      Flag.withDescription("How the run ends. Default: success"),
      Flag.withDefault("success")
    ),
    event: Flag.String("event").pipe(
      Flag.withDescription("What started the run. Default: push"),
      Flag.withSchema(Schema.NonEmptyString),
      Flag.withDefault("push")
    ),
    fork: Flag.Boolean("fork").pipe(Flag.withDescription("The run is of a fork's code"), Flag.withDefault(false)),
    defaultRef: Flag.String("default-ref").pipe(
      Flag.withDescription("Ref for targets that name none. Default: DEFAULT_DISPATCH_REF, or main"),
      Flag.withSchema(Ref),
      Flag.optional
    ),
    config: Flag.Directory("config", { mustExist: true }).pipe(
      Flag.withDescription("Read FOLDER/owner/name/dispatching.yml instead of asking GitHub"),
      Flag.optional
    ),
    format: Flag.Literals("format", ["text", "json"]).pipe(
      Flag.withDescription("text for people, json for tools. Default: text"),
      Flag.withDefault("text")
    )
  },
  ({ source, workflow, branch, conclusion, event, fork, defaultRef, config, format }) =>
    explainRun(
      {
        repository: source,
        workflow,
        conclusion,
        event,
        fork,
        ...Option.match(branch, { onNone: () => ({}), onSome: (name) => ({ branch: name }) })
      },
      { folder: Option.getOrUndefined(config), defaultRef: Option.getOrUndefined(defaultRef), format }
    )
).pipe(
  Command.withDescription("Show what a workflow run would start, and rule by rule why; nothing is started"),
  Command.withExamples([
    {
      command: "dispatcher explain --source acme/shop --workflow ci.yml",
      description: "By the rules that are on GitHub"
    },
    {
      command: "dispatcher explain --source acme/shop --workflow ci.yml --branch release/1 --config .",
      description: "By the files ./acme/shop/dispatching.yml, ./acme/deploy/dispatching.yml…"
    }
  ])
)
