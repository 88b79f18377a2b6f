/**
 * Drafting a plan: reading configs and asking the rules. Asks GitHub, writes nothing.
 *
 * A target that cannot be reached for now is neither allowed nor denied: it stays pending, is asked again later, and holds up none of
 * the others. Only the last attempt makes it a denial.
 */

import { type Duration, Effect } from "effect"
import type { ConfigAnswer } from "../domain/Config.ts"
import { boundedSkipped, type Candidate, isCandidate, type Matched, type MatchedRules } from "../domain/Decision.ts"
import { asksForNewest, becomesNewest, matchRun, whyIgnored } from "../domain/Matching.ts"
import { ownerOf, type RepositoryKey, type RepositoryName, repositoryKey, sameOwner } from "../domain/Names.ts"
import { type Chain, chainOf, type Order, placeOf } from "../domain/Order.ts"
import type { Plan, SourceConfig } from "../domain/Plan.ts"
import { ask, conclude, type DecideInput, targetRepositories } from "../domain/Planning.ts"
import { withoutFullStop } from "../domain/Sentence.ts"
import { type Acceptance, acceptanceOf, isTooOld, type SourceRun } from "../domain/SourceRun.ts"
import { Ledger } from "../ledger/Ledger.ts"
import type { SeenSources } from "../ledger/Sources.ts"
import { ConfigSource } from "../ports/ConfigSource.ts"
import { GitHubError, Unavailable } from "../ports/GitHubError.ts"
import type { Write } from "../ports/Table.ts"
import { spend } from "./OwnerBudget.ts"
import { type Origin, startedByOf } from "./OwnRuns.ts"
import { Settings } from "./Settings.ts"
import { ProcessTargetMemory } from "./TargetMemory.ts"

/** A plan to store, by what the source's config says of the run. */
export type PlanDraft =
  | DecidedDraft
  /** Nothing is started, and why. */
  | { readonly _tag: "Ignored"; readonly plan: Plan; readonly why: string }
  /** The config is invalid, or GitHub stayed out of reach: the plan says so. */
  | { readonly _tag: "Unusable"; readonly plan: Plan }
/** It names targets: a plan with the orders that are new in it. */
export interface DecidedDraft {
  readonly _tag: "Decided"
  readonly plan: Plan
  readonly orders: ReadonlyArray<Order>
  /** Whom the targets of other owners let in before, as the decisions were made by it. */
  readonly letIn: SeenSources
  /** What is stored with the plan. */
  readonly alongside: ReadonlyArray<Write>
  /** How long GitHub asks to wait before pending targets are asked again, if it does. */
  readonly retryAfter: Duration.Duration | undefined
}

const installationOf = (run: SourceRun) => ({ owner: ownerOf(run.repository), installationId: run.installationId })

/** GitHub being out of reach, as the answer for each repository. */
const outOfReach = (repositories: ReadonlyArray<RepositoryName>, error: GitHubError) =>
  new Map(
    repositories.map((name): [RepositoryKey, ConfigAnswer] => [
      repositoryKey(name),
      { _tag: "Unreachable", reason: "unavailable", message: error.message, transient: error.isTransient }
    ])
  )

type Answers = ReadonlyMap<RepositoryKey, ConfigAnswer>

/**
 * The source's own config, with the answers of all that was asked for with it: what its rules asked for last (`TargetMemory.ts`). Fails while asking
 * again may help and attempts are left.
 */
const loadSource = Effect.fnUntraced(function* (run: SourceRun, lastAttempt: boolean) {
  const configs = yield* ConfigSource
  const memory = yield* ProcessTargetMemory
  const asked = configs.load([run.repository, ...memory.namesFor(run)], installationOf(run))
  const answers = yield* lastAttempt
    ? Effect.catch(asked, (error) => Effect.succeed(outOfReach([run.repository], error)))
    : asked
  const answer: ConfigAnswer = answers.get(repositoryKey(run.repository)) ?? { _tag: "Absent" }
  if (answer._tag === "Unreachable" && answer.transient && !lastAttempt) {
    return yield* new GitHubError({ operation: "Plan.source", reason: new Unavailable({ message: answer.message }) })
  }
  if (answer._tag === "Absent") memory.asked(run, [])
  return { source: answer, answers }
})

type Loaded = {
  readonly answers: Answers
  readonly retryAfter: Duration.Duration | undefined
}

/** Configs of targets; the whole request failing is every target being out of reach. */
const load = Effect.fnUntraced(function* (run: SourceRun, repositories: ReadonlyArray<RepositoryName>) {
  if (repositories.length === 0) return { answers: new Map(), retryAfter: undefined } satisfies Loaded
  const configs = yield* ConfigSource
  const loaded = yield* Effect.result(configs.load(repositories, installationOf(run)))
  if (loaded._tag === "Success") return { answers: loaded.success, retryAfter: undefined } satisfies Loaded
  yield* Effect.logWarning("target configs cannot be read", loaded.failure)
  return { answers: outOfReach(repositories, loaded.failure), retryAfter: loaded.failure.retryAfter } satisfies Loaded
})

const isForeign =
  (run: SourceRun) =>
  (repository: RepositoryName): boolean =>
    !sameOwner(repository, run.repository)

/** The targets' configs, where there is no answer yet; those of other owners only within the source owner's budget. */
const loadTargets = Effect.fnUntraced(function* (
  run: SourceRun,
  wanted: ReadonlyArray<RepositoryName>,
  answered: Answers
) {
  const asked = wanted.filter((name) => !answered.has(repositoryKey(name)))
  const others = asked.filter(isForeign(run))
  const owner = ownerOf(run.repository)
  const wait = yield* spend(owner, new Set(others.map((name) => ownerOf(name).toLowerCase())).size)
  const loaded = yield* load(run, wait === undefined ? asked : asked.filter((name) => !others.includes(name)))
  const answers = new Map([...answered, ...loaded.answers])
  if (wait === undefined) return { ...loaded, answers } satisfies Loaded
  const message = `${owner} has had as many repositories of other owners looked at as it may in a minute`
  const busy = new GitHubError({ operation: "Plan.targets", reason: new Unavailable({ message }) })
  return { answers: new Map([...answers, ...outOfReach(others, busy)]), retryAfter: wait } satisfies Loaded
})

const isTransient = (answer: ConfigAnswer | undefined): boolean => answer?._tag === "Unreachable" && answer.transient

/** Decides one target after the other; between two of them other work has its turn, so that no file holds the process up. */
export const decideInTurns = Effect.fnUntraced(function* (input: Omit<DecideInput, "matched">, matched: Matched) {
  const asked = yield* Effect.forEach(matched, (entry) =>
    isCandidate(entry)
      ? Effect.andThen(
          Effect.yieldNow,
          Effect.sync(() => ask(input, entry))
        )
      : Effect.succeed(ask(input, entry))
  )
  return conclude(input, asked)
})

/** Decides about whatever can be decided now, by answers that are there and what else is to be asked for. */
const decideReachable = Effect.fnUntraced(function* (
  acceptance: Acceptance,
  matched: Matched,
  chain: Chain,
  lastAttempt: boolean,
  answered: Answers = new Map()
) {
  const { run } = acceptance
  const ledger = yield* Ledger
  const repositories = targetRepositories(matched)
  const { answers, retryAfter } = yield* loadTargets(run, repositories, answered)
  const hasFile = (name: RepositoryName) => answers.get(repositoryKey(name))?._tag === "Found"
  const letIn = yield* ledger.letIn(run.repository, repositories.filter(isForeign(run)).filter(hasFile))
  const isPending = (entry: Matched[number]): entry is Candidate =>
    isCandidate(entry) && !lastAttempt && isTransient(answers.get(repositoryKey(entry.target.repository)))
  const decidable = matched.filter((entry) => !isPending(entry))
  const remembered = new Map([...letIn].map(([key, { value }]) => [key, value]))
  const decided = yield* decideInTurns({ acceptance: acceptanceOf(acceptance), answers, chain, remembered }, decidable)
  return { pending: matched.filter(isPending), retryAfter, letIn, ...decided }
})

const hinted = (reason: string, hint: string | undefined): string =>
  hint === undefined ? reason : `${withoutFullStop(reason)}; ${hint}`

/** A plan without targets. */
const withoutTargets = (
  acceptance: Acceptance,
  config: SourceConfig,
  { skipped, alwaysChecked }: Omit<MatchedRules, "matched"> = { skipped: [], alwaysChecked: false }
): Plan => ({
  ...acceptanceOf(acceptance),
  config,
  decisions: [],
  ...boundedSkipped(skipped),
  ...(alwaysChecked ? { check: "always" } : {}),
  pending: []
})

/** The source's config has no targets for the run. */
const ignored = (why: string, ...about: Parameters<typeof withoutTargets>): PlanDraft => ({
  _tag: "Ignored",
  plan: withoutTargets(...about),
  why
})
/** The source's config cannot be used. */
const unusable = (acceptance: Acceptance, config: SourceConfig): PlanDraft => ({
  _tag: "Unusable",
  plan: withoutTargets(acceptance, config)
})

/** Drafts a plan from the source's rules. */
const draftFromRules = Effect.fnUntraced(function* (
  acceptance: Acceptance,
  source: Extract<ConfigAnswer, { readonly _tag: "Found" }>,
  answers: Answers,
  origin: Origin,
  lastAttempt: boolean
) {
  const { run } = acceptance
  const { policy } = yield* Settings
  const memory = yield* ProcessTargetMemory
  const ledger = yield* Ledger
  const chain = chainOf(run, startedByOf(origin))
  const about = { run, config: source.config }
  const isOrdered = asksForNewest(about)
  const newest = isOrdered ? yield* ledger.newest(run) : undefined
  const match = { ...about, file: source.path, policy, chain, newest: newest?.value }
  const { matched, ...rules } = matchRun(match)
  const { skipped } = rules
  // What was asked for last is kept where rules are skipped: those of the next run may not be.
  if (matched.length > 0 || skipped.length === 0) memory.asked(run, targetRepositories(matched))
  if (matched.length === 0) {
    const why = skipped.length === 0 ? `no outbound rule names ${run.workflow}` : whyIgnored(run, skipped)
    return ignored(why, acceptance, { _tag: "Found" }, rules)
  }
  const { decisions, pending, ...rest } = yield* decideReachable(acceptance, matched, chain, lastAttempt, answers)
  const plan: Plan = {
    ...acceptanceOf(acceptance),
    config: { _tag: "Found" },
    decisions,
    ...boundedSkipped(skipped),
    pending
  }
  const alongside = isOrdered && becomesNewest(match) ? yield* ledger.newestWrites(run, newest) : []
  return { _tag: "Decided", ...rest, plan, alongside } satisfies PlanDraft
})

/** Why a recorded delivery that is sent again starts nothing; a replay that a person asks for may be of any age. */
const tooOld = ({ updatedAt }: SourceRun) =>
  `the run ended on ${updatedAt}, more than 3 days before its delivery was accepted; GitHub sends none so late`

const echo = ({ actor }: SourceRun) =>
  `${actor}, the App itself, caused the run and no order did: what the App writes, such as a report, starts nothing`

/** The plan of a run by its repository's config. */
const draftFromConfig = Effect.fnUntraced(function* (acceptance: Acceptance, origin: Origin, lastAttempt: boolean) {
  const { run } = acceptance
  if (acceptance.generation === 0 && isTooOld(run.updatedAt, acceptance.acceptedAt)) {
    return ignored(tooOld(run), acceptance, { _tag: "Absent" })
  }
  if (origin._tag === "Echo") return ignored(echo(run), acceptance, { _tag: "Absent" })
  const { source, answers } = yield* loadSource(run, lastAttempt)
  switch (source._tag) {
    case "Absent":
      return ignored(hinted(`${run.repository} has no dispatching.yml`, source.hint), acceptance, source)
    case "Invalid":
      return unusable(acceptance, { _tag: "Invalid", file: source.path, issues: source.issues })
    case "Unreachable":
      return unusable(acceptance, { _tag: "Unreachable", message: source.message })
    case "Found":
      return yield* draftFromRules(acceptance, source, answers, origin, lastAttempt)
  }
})

/** Drafts the plan of a run, by what caused it. Fails only where the source's own config cannot be read for now. */
export const draftPlan = Effect.fn("Plan.draft")(function* (
  acceptance: Acceptance,
  origin: Origin,
  lastAttempt: boolean
) {
  const draft = yield* draftFromConfig(acceptance, origin, lastAttempt)
  const chain = placeOf(chainOf(acceptance.run, startedByOf(origin)))
  return { ...draft, plan: { ...draft.plan, chain } } satisfies PlanDraft
})

/** Decides about pending targets; what the source's config says by now changes nothing. */
export const completePlan = Effect.fn("Plan.complete")(function* (earlier: Plan, origin: Origin, lastAttempt: boolean) {
  const chain = chainOf(earlier.run, startedByOf(origin))
  const { decisions, pending, ...rest } = yield* decideReachable(earlier, earlier.pending, chain, lastAttempt)
  const plan: Plan = { ...earlier, decisions: [...earlier.decisions, ...decisions], pending }
  return { _tag: "Decided", ...rest, plan, alongside: [] } satisfies PlanDraft
})
