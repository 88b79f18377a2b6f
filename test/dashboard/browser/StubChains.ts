/**
 * Chains of 2, 20 and 200 runs, made up, as the facts of each of their runs: folded by the domain's own fold, like the made-up week. They
 * stand apart from it, so that lists and figures are not theirs.
 */
import { type Fact, outcomeFact, planFacts, requestAccepted, resultFact } from "../../../src/domain/Fact.ts"
import { RepositoryName, WorkflowFile } from "../../../src/domain/Names.ts"
import { chainOf, type Order, orderId, placeOf, type Target } from "../../../src/domain/Order.ts"
import type { Outcome, StartedRun } from "../../../src/domain/Outcome.ts"
import type { Plan } from "../../../src/domain/Plan.ts"
import type { RunResult } from "../../../src/domain/RunResult.ts"
import {
  type Acceptance,
  DeliveryId,
  GitHubId,
  type RunKey,
  runKey,
  type SourceRun
} from "../../../src/domain/SourceRun.ts"
import { type ChainSize, type End, plans, type Step } from "./StubChainPlans.ts"
import { decide } from "./StubDecisions.ts"

const minute = 60_000
const publisher = { appVersion: "1.0.0" }
const iso = (time: number): string => new Date(time).toISOString()

interface Begun {
  readonly step: Step
  /** The number of the run among all. */
  readonly runId: number
  readonly at: number
  readonly startedBy?: Order
}

const outcomeOf = (end: End, started: StartedRun): Outcome | undefined => {
  if (end === "open") return undefined
  if (end !== "unstartable") return { _tag: "Dispatched", started }
  return { _tag: "Failed", code: "not_found", message: "Not Found: the workflow is not on the default branch." }
}

const resultOf = ({ end = "success", repository }: Step, at: number): RunResult | undefined => {
  if (end === "deleted") return { _tag: "Lost", message: "GitHub has no such run any more: Not Found" }
  if (end !== "success" && end !== "failure" && end !== "cancelled") return undefined
  return {
    _tag: "Completed",
    conclusion: end,
    attempt: 1,
    completedAt: iso(at),
    duration: 21_000 + repository.length * 7_300
  }
}

/** Gives each repository and each run its number. */
const numbered = () => {
  const repositories = new Map<string, number>()
  let runs = 21_000_000_000
  return {
    repository: (name: string) => {
      if (!repositories.has(name)) repositories.set(name, 3_000 + repositories.size)
      return GitHubId.make(`${repositories.get(name)}`)
    },
    run: () => {
      runs += 7
      return runs
    }
  }
}
type Numbers = ReturnType<typeof numbered>

const runOf = ({ step: { repository, end }, runId }: Begun, numbers: Numbers): SourceRun => ({
  repository: RepositoryName.make(`acme/${repository}`),
  repositoryId: numbers.repository(repository),
  installationId: GitHubId.make("77"),
  defaultBranch: "main",
  workflow: WorkflowFile.make("ci.yml"),
  runId: GitHubId.make(`${runId}`),
  runNumber: runId % 1_000,
  attempt: 1,
  branch: "main",
  sha: "c0ffee".repeat(7).slice(0, 40),
  event: "push",
  conclusion: end === "failure" || end === "cancelled" ? end : "success",
  actor: "octocat",
  url: `https://github.com/acme/${repository}/actions/runs/${runId}`,
  fork: false
})

/** The facts of a run and of all runs that follow from it. */
const factsOf = (begun: Begun, numbers: Numbers): ReadonlyArray<Fact> => {
  const {
    step: { starts = [] },
    at,
    startedBy
  } = begun
  const run = runOf(begun, numbers)
  const acceptance: Acceptance = {
    deliveryId: DeliveryId.make(`c4a1${run.runId.slice(-4)}-8f2e-11f1-9d7c-${run.runId.padStart(12, "0")}`),
    acceptedAt: iso(at),
    run,
    generation: 0
  }
  const chain = chainOf(run, startedBy)
  const target = (to: Step): Target => ({
    repository: RepositoryName.make(`acme/${to.repository}`),
    workflow: WorkflowFile.make("ci.yml"),
    ref: "main"
  })
  const plan: Plan = {
    ...acceptance,
    chain: placeOf(chain),
    config: { _tag: "Found" },
    decisions: starts.map((to, place) => decide(() => 0, run, target(to), place)),
    pending: [],
    plannedAt: iso(at + 900),
    ...(starts.length === 0 ? { ignored: `${run.repository} has no rule for ci.yml.` } : {})
  }
  const followed = starts.flatMap((to, place): ReadonlyArray<Fact> => {
    if (plan.decisions[place]?._tag !== "Allowed") return []
    const runId = numbers.run()
    const order: Order = { ...acceptance, id: orderId(run, target(to)), target: target(to), inputs: {}, chain }
    const url = `https://github.com/acme/${to.repository}/actions/runs/${runId}`
    const started: StartedRun = { id: GitHubId.make(`${runId}`), url }
    const [begins, ends] = [at + 2_000, at + 2 * minute]
    const outcome = outcomeOf(to.end ?? "success", started)
    const result = resultOf(to, ends)
    return [
      ...(outcome === undefined ? [] : [outcomeFact(order, { outcome, at: begins }, publisher)]),
      ...(result === undefined ? [] : [resultFact(order, started, { result, at: ends }, publisher)]),
      ...(result?._tag === "Completed" ? factsOf({ step: to, runId, at: ends, startedBy: order }, numbers) : [])
    ]
  })
  return [requestAccepted(acceptance, publisher), ...planFacts(plan, publisher), ...followed]
}

export interface StubChain {
  readonly root: RunKey
  readonly facts: ReadonlyArray<Fact>
}

/** All chains, begun a while before `now`, in milliseconds since 1970. */
export const makeChains = (now: number): Readonly<Record<ChainSize, StubChain>> => {
  const numbers = numbered()
  const make = (size: ChainSize): StubChain => {
    const begun = { step: plans[size], runId: numbers.run(), at: now - 12 * minute }
    return { root: runKey(runOf(begun, numbers)), facts: factsOf(begun, numbers) }
  }
  return { two: make("two"), twenty: make("twenty"), twoHundred: make("twoHundred") }
}
