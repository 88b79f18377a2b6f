/**
 * Drafting a plan: reading configs and asking the rules. Asks GitHub, writes nothing.
 *
 * A target that cannot be reached for now is neither allowed nor denied: it stays pending, is asked again later, and holds up none of
 * the others. Only the last attempt makes it a denial.
 */
import { Effect, Option } from "effect"
import type { ConfigAnswer } from "../domain/Config.ts"
import { isCandidate, type Matched, matchRun } from "../domain/Matching.ts"
import { ownerOf, type RepositoryKey, type RepositoryName, repositoryKey } from "../domain/Names.ts"
import { type Order, targetKey } from "../domain/Order.ts"
import type { Plan, SourceConfig } from "../domain/Plan.ts"
import { decide, targetRepositories } from "../domain/Planning.ts"
import type { Acceptance, SourceRun } from "../domain/SourceRun.ts"
import { ConfigSource } from "../ports/ConfigSource.ts"
import { GitHubError, Unavailable } from "../ports/GitHubError.ts"
import type { PlanMessage } from "../ports/WorkQueue.ts"
import { Ledger } from "../store/Ledger.ts"
import { Settings } from "./Settings.ts"

/** A plan with the orders that are new in it, or the reason why there is nothing to plan. */
export interface Draft {
  readonly plan: Plan
  readonly orders: ReadonlyArray<Order>
  readonly ignored: string | undefined
}

const acceptanceOf = ({ deliveryId, acceptedAt, run, generation }: PlanMessage): Acceptance => ({
  deliveryId,
  acceptedAt,
  run,
  generation
})

const installationOf = (run: SourceRun) => ({ owner: ownerOf(run.repository), installationId: run.installationId })

/** GitHub being out of reach, as the answer for each repository. */
const outOfReach = (repositories: ReadonlyArray<RepositoryName>, error: GitHubError) =>
  new Map(
    repositories.map((name): [RepositoryKey, ConfigAnswer] => [
      repositoryKey(name),
      { _tag: "Unreachable", reason: "unavailable", message: error.message, transient: error.isTransient }
    ])
  )

/** The source's own config. Fails while asking again may help and attempts are left. */
const loadSource = Effect.fnUntraced(function* (run: SourceRun, lastAttempt: boolean) {
  const configs = yield* ConfigSource
  const asked = configs.load([run.repository], installationOf(run))
  const answers = yield* lastAttempt
    ? Effect.catch(asked, (error) => Effect.succeed(outOfReach([run.repository], error)))
    : asked
  const answer: ConfigAnswer = answers.get(repositoryKey(run.repository)) ?? { _tag: "Absent" }
  if (answer._tag === "Unreachable" && answer.transient && !lastAttempt) {
    return yield* new GitHubError({ operation: "Plan.source", reason: new Unavailable({ message: answer.message }) })
  }
  return answer
})

/** The targets' configs; the whole request failing is every target being out of reach. */
const loadTargets = Effect.fnUntraced(function* (run: SourceRun, repositories: ReadonlyArray<RepositoryName>) {
  if (repositories.length === 0) return new Map<RepositoryKey, ConfigAnswer>()
  const configs = yield* ConfigSource
  return yield* configs.load(repositories, installationOf(run)).pipe(
    Effect.tapError((error) => Effect.logWarning("target configs cannot be read", error)),
    Effect.catch((error) => Effect.succeed(outOfReach(repositories, error)))
  )
})

/** The workflows that led to this run, itself last: one if GitHub's users started it, more if the dispatcher did. */
const lineageOf = Effect.fnUntraced(function* (run: SourceRun) {
  const ledger = yield* Ledger
  const order = yield* ledger.startedBy(run)
  return [...Option.match(order, { onNone: () => [], onSome: ({ lineage }) => lineage }), targetKey(run)]
})

/** What is still to be decided: everything, or the targets that an earlier draft left pending. */
const undecided = (matched: Matched, earlier: Plan | undefined): Matched => {
  if (earlier === undefined) return matched
  const pending = new Set(earlier.pending.map(repositoryKey))
  return matched.filter((entry) => isCandidate(entry) && pending.has(repositoryKey(entry.target.repository)))
}

const isTransient = (answer: ConfigAnswer | undefined): boolean => answer?._tag === "Unreachable" && answer.transient

/** Decides about whatever can be decided now. */
const decideReachable = Effect.fnUntraced(function* (
  message: PlanMessage,
  matched: Matched,
  lineage: Order["lineage"],
  lastAttempt: boolean
) {
  const repositories = targetRepositories(matched)
  const answers = yield* loadTargets(message.run, repositories)
  const pending = lastAttempt ? [] : repositories.filter((name) => isTransient(answers.get(repositoryKey(name))))
  const waiting = new Set(pending.map(repositoryKey))
  const reachable = matched.filter(
    (entry) => !isCandidate(entry) || !waiting.has(repositoryKey(entry.target.repository))
  )
  return {
    pending,
    ...decide({ acceptance: acceptanceOf(message), matched: reachable, answers, lineage })
  }
})

/** A plan that adds no target: the source's config names none, or says nothing. What was decided earlier stays. */
const withoutTargets = (
  message: PlanMessage,
  earlier: Plan | undefined,
  config: SourceConfig,
  ignored?: string
): Draft =>
  earlier === undefined
    ? {
        plan: { ...acceptanceOf(message), config, decisions: [], pending: [] },
        orders: [],
        ignored
      }
    : { plan: { ...earlier, pending: [] }, orders: [], ignored: undefined }

/** Drafts a plan from the source's rules. */
const draftFromRules = Effect.fnUntraced(function* (
  message: PlanMessage,
  source: Extract<ConfigAnswer, { readonly _tag: "Found" }>,
  earlier: Plan | undefined,
  lastAttempt: boolean
) {
  const { run } = message
  const { policy } = yield* Settings
  const lineage = yield* lineageOf(run)
  const matched = matchRun({ run, config: source.config, file: source.path, policy, lineage })
  if (matched.length === 0) {
    return withoutTargets(message, earlier, { _tag: "Found" }, `no outbound rule names ${run.workflow}`)
  }
  const { decisions, orders, pending } = yield* decideReachable(
    message,
    undecided(matched, earlier),
    lineage,
    lastAttempt
  )
  const plan: Plan = {
    ...(earlier === undefined ? acceptanceOf(message) : earlier),
    config: { _tag: "Found" },
    decisions: [...(earlier?.decisions ?? []), ...decisions],
    pending
  }
  return { plan, orders, ignored: undefined } satisfies Draft
})

/** Drafts the plan of a run, or completes an earlier one. Fails only where the source's own config cannot be read for now. */
export const draftPlan = Effect.fn("Plan.draft")(function* (
  message: PlanMessage,
  earlier: Plan | undefined,
  lastAttempt: boolean
) {
  const { run } = message
  const source = yield* loadSource(run, lastAttempt)
  switch (source._tag) {
    case "Absent":
      return withoutTargets(message, earlier, { _tag: "Absent" }, `${run.repository} has no dispatching.yml`)
    case "Invalid":
      return withoutTargets(message, earlier, { _tag: "Invalid", file: source.path, issues: source.issues })
    case "Unreachable":
      return withoutTargets(message, earlier, { _tag: "Unreachable", message: source.message })
    case "Found":
      return yield* draftFromRules(message, source, earlier, lastAttempt)
  }
})
