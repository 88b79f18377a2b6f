/**
 * Explain: what would become of a run that has not happened, by the same rules as Plan (`Matching.ts`, `Planning.ts`).
 *
 * Reads configs and nothing else: no ledger, no queue, no fact. So it knows of no earlier run either, and a chain of dispatches is hypothetical
 * to begin with this one.
 */
import { DateTime, Effect, Layer, Result } from "effect"
import type { ConfigAnswer } from "../domain/Config.ts"
import { parseConfig } from "../domain/ConfigFile.ts"
import type { ExplainedTarget, Explanation, HypotheticalRun } from "../domain/Explanation.ts"
import { matchRun } from "../domain/Matching.ts"
import {
  normalizeWorkflow,
  type RepositoryKey,
  RepositoryName,
  repositoryKey,
  WorkflowFile,
  workflowKey
} from "../domain/Names.ts"
import { chainOf } from "../domain/Order.ts"
import type { SourceConfig } from "../domain/Plan.ts"
import { targetRepositories } from "../domain/Planning.ts"
import { DeliveryId, GitHubId, type SourceRun } from "../domain/SourceRun.ts"
import { ConfigSource, type KnownInstallation } from "../ports/ConfigSource.ts"
import { decideInTurns } from "./PlanDraft.ts"
import { Settings } from "./Settings.ts"

/** No account is called "", so every installation is looked up. */
const nothingKnown: KnownInstallation = { owner: "", installationId: GitHubId.make("1") }

/** What GitHub would send and no rule asks for; they show where they would go in inputs, as does the time, which is now. */
const placeholders = {
  repositoryId: GitHubId.make("1"),
  installationId: GitHubId.make("1"),
  runId: GitHubId.make("1"),
  attempt: 1,
  runNumber: 1,
  sha: "0".repeat(40),
  actor: "octocat"
} as const

const runOf = (hypothetical: HypotheticalRun, defaultBranch: string) => ({
  repository: hypothetical.repository,
  workflow: WorkflowFile.make(normalizeWorkflow(hypothetical.workflow)),
  branch: hypothetical.branch ?? defaultBranch,
  conclusion: hypothetical.conclusion ?? ("success" as const),
  event: hypothetical.event ?? "push",
  fork: hypothetical.fork ?? false
})

const load = Effect.fnUntraced(function* (repositories: ReadonlyArray<RepositoryName>) {
  if (repositories.length === 0) return new Map<RepositoryKey, ConfigAnswer>()
  const configs = yield* ConfigSource
  return yield* configs.load(repositories, nothingKnown)
})

/** What the source's rules and their targets' say about the run, and the configs that were asked. */
const explainTargets = Effect.fnUntraced(function* (
  hypothetical: SourceRun,
  { config, path }: Extract<ConfigAnswer, { readonly _tag: "Found" }>
) {
  const now = DateTime.formatIso(yield* DateTime.now)
  // GitHub has whole seconds.
  const run = { ...hypothetical, createdAt: now.replace(/\.\d+/, "") }
  const { policy } = yield* Settings
  const chain = chainOf(run)
  const { matched, skipped } = matchRun({ run, config, file: path, policy, chain })
  const answers = yield* load(targetRepositories(matched))
  const acceptance = { deliveryId: DeliveryId.make("hypothetical"), acceptedAt: now, run, generation: 0 }
  const { decisions, orders } = yield* decideInTurns(
    { acceptance, answers, chain, remembered: "hypothetical" },
    matched
  )
  const targets = decisions.map((decision): ExplainedTarget => {
    const order = orders.find(({ id }) => decision._tag === "Allowed" && decision.orderId === id)
    return { decision, inputs: order?.inputs ?? null }
  })
  return { targets, skipped, answers }
})

const configOf = (answer: ConfigAnswer): SourceConfig => {
  switch (answer._tag) {
    case "Found":
      return { _tag: "Found" }
    case "Absent":
      return answer
    case "Invalid":
      return { _tag: "Invalid", file: answer.path, issues: answer.issues }
    case "Unreachable":
      return { _tag: "Unreachable", message: answer.message }
  }
}

/**
 * Explains what would become of a run. What cannot be read is part of the explanation; fails only where GitHub cannot be asked at all.
 * Costs what the first plan of a source costs: one request per installation for up to 100 repositories, twice.
 */
export const explain = Effect.fn("Explain.explain")(function* (hypothetical: HypotheticalRun) {
  const answers = yield* load([hypothetical.repository])
  const source: ConfigAnswer = answers.get(repositoryKey(hypothetical.repository)) ?? { _tag: "Absent" }
  const defaultBranch = source._tag === "Found" ? source.defaultBranch : "main"
  const run = runOf(hypothetical, defaultBranch)
  const url = `https://github.com/${run.repository}/actions/runs/${placeholders.runId}`
  const found = source._tag === "Found" ? source : undefined
  const {
    targets,
    skipped,
    answers: asked
  } = found === undefined
    ? { targets: [], skipped: [], answers: new Map<RepositoryKey, ConfigAnswer>() }
    : yield* explainTargets({ ...placeholders, ...run, defaultBranch, url }, found)
  const others = new Map([...answers, ...asked])
  others.delete(repositoryKey(hypothetical.repository))
  const outbound = found?.config.outbound.map(({ source: { workflow } }) => workflow) ?? []
  return {
    run,
    config: configOf(source),
    workflows: [...new Map(outbound.map((file) => [workflowKey(file), file])).values()],
    skipped,
    targets,
    configs: Array.from(others, ([key, answer]) => ({ repository: RepositoryName.make(key), config: configOf(answer) }))
  } satisfies Explanation
})

/** The answer of a repository that would have this text as its `dispatching.yml`. */
export const pastedAnswer = (text: string, defaultBranch: string): ConfigAnswer =>
  Result.match(parseConfig(text), {
    onSuccess: (config): ConfigAnswer => ({ _tag: "Found", config, path: "dispatching.yml", defaultBranch }),
    onFailure: (issues): ConfigAnswer => ({ _tag: "Invalid", path: "dispatching.yml", issues })
  })

/** Configs that the caller gives as text take the place of the repositories' own; the others are read as ever. */
export const layerPasted = (
  texts: ReadonlyMap<RepositoryName, string>,
  defaultBranch: string
): Layer.Layer<ConfigSource, never, ConfigSource> => {
  const pasted = new Map([...texts].map(([name, text]) => [repositoryKey(name), pastedAnswer(text, defaultBranch)]))
  return Layer.effect(
    ConfigSource,
    Effect.map(ConfigSource, (others) => ({
      load: Effect.fnUntraced(function* (repositories: ReadonlyArray<RepositoryName>, known: KnownInstallation) {
        const unknown = repositories.filter((name) => !pasted.has(repositoryKey(name)))
        const read = unknown.length === 0 ? [] : yield* others.load(unknown, known)
        return new Map([...pasted, ...read])
      })
    }))
  )
}

/** For where the App's key is not at hand: every repository is out of reach, so that only pasted configs are explained. */
export const layerUnread: Layer.Layer<ConfigSource> = Layer.succeed(ConfigSource, {
  load: (repositories) =>
    Effect.succeed(
      new Map(
        repositories.map((name): [RepositoryKey, ConfigAnswer] => [
          repositoryKey(name),
          {
            _tag: "Unreachable",
            reason: "unavailable",
            message: "configs are not read here; paste it",
            transient: false
          }
        ])
      )
    )
})
