/**
 * A week of a busy organisation, made up: the facts that the stub server's answers are folded from. The same seed gives the same week.
 *
 * It holds on purpose: a repository whose targets mostly fail, targets without consent, a run without any target, a replayed delivery, lost ones,
 * names that are long or look like markup, started runs that go on, fail, succeed in their second attempt or were deleted, and one delivery
 * that was never planned.
 */
import {
  deliveryRedelivered,
  type Fact,
  outcomeFact,
  planFacts,
  replayRequested,
  reportPublished,
  requestAccepted,
  resultFact
} from "../../../src/domain/Fact.ts"
import { whyIgnored } from "../../../src/domain/Matching.ts"
import { RepositoryName, WorkflowFile } from "../../../src/domain/Names.ts"
import { chainOf, type Order, type Target } from "../../../src/domain/Order.ts"
import type { StartedRun } from "../../../src/domain/Outcome.ts"
import type { Plan } from "../../../src/domain/Plan.ts"
import type { RunResult } from "../../../src/domain/RunResult.ts"
import { type Acceptance, DeliveryId, GitHubId, type SourceRun } from "../../../src/domain/SourceRun.ts"
import { decide, outcomeOf, skippedBy } from "./StubDecisions.ts"
import { pick, type Random, randomFrom } from "./StubRandom.ts"

export interface World {
  readonly facts: ReadonlyArray<Fact>
  readonly sources: ReadonlyArray<RepositoryName>
  readonly targets: ReadonlyArray<RepositoryName>
  /** Deliveries that were accepted and not planned. */
  readonly stalled: ReadonlyArray<Acceptance>
  /** When the figures were brought up to date, milliseconds since 1970; null: never; absent: just now. */
  readonly rolledUpAt?: number | null
}

/** A branch that must never become markup. */
export const hostileBranch = `<img src=x onerror="document.title='owned'">`

const hour = 3_600_000
const sourceNames =
  "shop checkout billing search-api identity notifications catalogue warehouse pricing recommendations-and-personalisation-service gateway ledger mobile-bff docs design-system ml-ranking".split(
    " "
  )
const targetNames = "deploy deploy-eu infra-live portal qa-suite release-notes status-page payments".split(" ")

const repository = (name: string) => RepositoryName.make(`acme/${name}`)
const iso = (time: number): string => new Date(time).toISOString()

const sourceRun = (random: Random, index: number): SourceRun => {
  // Squaring makes the first repositories the busy ones.
  const place = Math.floor(random() ** 2 * sourceNames.length)
  const branch =
    index === 9
      ? hostileBranch
      : random() < 0.92
        ? "main"
        : pick(random, ["release/2.4", "feature/faster-search", "fix/null-basket"])
  const runId = 19_000_000_000 + index * 7_919
  const name = repository(sourceNames[place] ?? "shop")
  return {
    repository: name,
    repositoryId: GitHubId.make(String(1_000 + place)),
    installationId: GitHubId.make("77"),
    defaultBranch: "main",
    workflow: WorkflowFile.make(random() < 0.85 ? "ci.yml" : "nightly.yml"),
    runId: GitHubId.make(String(runId)),
    runNumber: 4_000 - index,
    attempt: random() < 0.04 ? 2 : 1,
    branch,
    sha: `${runId.toString(16)}${"c0ffee".repeat(6)}`.slice(0, 40),
    event: random() < 0.9 ? "push" : "schedule",
    conclusion: random() < 0.97 ? "success" : "failure",
    actor: pick(random, ["octocat", "hubot", "mona", "renovate[bot]"]),
    url: `https://github.com/${name}/actions/runs/${runId}`,
    fork: false
  }
}

const deliveryId = (index: number) =>
  DeliveryId.make(`${(0x5ca1ab1e + index).toString(16)}-8f2e-11f1-9d7c-${index.toString(16).padStart(12, "0")}`)

const targetsOf = (random: Random): ReadonlyArray<Target> => {
  const number = 1 + Math.floor(random() * 3.4)
  const first = Math.floor(random() * targetNames.length)
  return Array.from({ length: number }, (_, place) => ({
    repository: repository(targetNames[(first + place * 3) % targetNames.length] ?? "deploy"),
    workflow: WorkflowFile.make("cd.yml"),
    ref: "main"
  }))
}

/** How a started run ended, in most cases well; some go on, some needed a second attempt. */
const resultFacts = (
  random: Random,
  order: Order,
  started: StartedRun,
  from: number,
  publisher: { readonly appVersion: string }
): ReadonlyArray<Fact> => {
  const ends = pick(random, ["success", "success", "success", "success", "failure", "again", "running", "deleted"])
  const completed = (conclusion: string, attempt: number) => {
    const duration = Math.round(20_000 + random() * 200_000)
    const at = from + attempt * 240_000
    const result: RunResult = { _tag: "Completed", conclusion, attempt, completedAt: iso(at), duration }
    return resultFact(order, started, { result, at }, publisher)
  }
  const lost: RunResult = { _tag: "Lost", message: "GitHub has no such run any more: Not Found" }
  if (ends === "running") return []
  if (ends === "deleted") return [resultFact(order, started, { result: lost, at: from + 3_600_000 }, publisher)]
  return ends === "again" ? [completed("failure", 1), completed("success", 2)] : [completed(ends, 1)]
}

/** The facts of one planning of one delivery. */
const factsOf = (random: Random, acceptance: Acceptance, begun: number, appVersion: string): ReadonlyArray<Fact> => {
  const { run } = acceptance
  const planned = begun + 90 + random() * 700
  const publisher = { appVersion }
  const plan: Plan = {
    ...acceptance,
    config: { _tag: "Found" },
    decisions: targetsOf(random).map((target, place) => decide(random, run, target, place)),
    pending: [],
    plannedAt: iso(planned)
  }
  const skipped = skippedBy(run)
  if (skipped !== undefined) {
    const ignored = { ...plan, decisions: [], skipped: [skipped], ignored: whyIgnored(run, [skipped]) }
    return [...planFacts(ignored, publisher)]
  }
  const outcomes = plan.decisions.flatMap((decision) => {
    if (decision._tag === "Denied") return []
    const order: Order = {
      ...acceptance,
      id: decision.orderId,
      target: decision.target,
      inputs: { sha: run.sha },
      chain: chainOf(run)
    }
    const slow = random() < 0.08 ? 30_000 : 2_500
    const outcome = outcomeOf(random, run.repository, decision.target)
    const at = Math.round(planned + 200 + random() ** 2 * slow)
    const started = outcome._tag === "Dispatched" ? outcome.started : null
    const results = started === null ? [] : resultFacts(random, order, started, at, publisher)
    return [outcomeFact(order, { outcome, at }, publisher), ...results]
  })
  const issue = { number: 12, url: `https://github.com/${run.repository}/issues/12` }
  const reported = reportPublished(plan, { at: planned + 34_000, issue }, publisher)
  return [...planFacts(plan, publisher), ...outcomes, reported]
}

const journeyFacts = (
  random: Random,
  acceptance: Acceptance,
  index: number,
  ageInDays: number
): ReadonlyArray<Fact> => {
  const version = ageInDays > 2 ? "0.9.4" : "1.0.0"
  const accepted = Date.parse(acceptance.acceptedAt)
  const publisher = { appVersion: version }
  const first = requestAccepted(acceptance, publisher)
  const unplanned = { ...acceptance, decisions: [], pending: [], plannedAt: iso(accepted + 240) }
  if (index % 53 === 7) {
    const { deliveryId, run } = acceptance
    const lost = { deliveryId, run, lostAt: accepted - 4 * 60_000, asked: 1, at: accepted - 2_000 }
    return [deliveryRedelivered(lost, publisher), first, ...factsOf(random, acceptance, accepted, version)]
  }
  if (index % 23 === 5) {
    const ignored = `${acceptance.run.repository} has no rule for ${acceptance.run.workflow}.`
    return [first, ...planFacts({ ...unplanned, config: { _tag: "Found" }, ignored }, publisher)]
  }
  if (index % 67 === 11 || index % 67 === 12) {
    const config: Plan["config"] =
      index % 2 === 0
        ? { _tag: "Unreachable", message: "GitHub answered 404" }
        : {
            _tag: "Invalid",
            file: "dispatching.yml",
            issues: [{ line: 3, column: 1, path: "outbound", message: "outbound is not a list" }]
          }
    return [first, ...planFacts({ ...unplanned, config }, publisher)]
  }
  const once = [first, ...factsOf(random, acceptance, accepted, version)]
  if (index % 41 !== 3) return once
  const again = { ...acceptance, generation: 1 }
  const asked = accepted + hour / 4
  const request = replayRequested(again, { by: "session 4f1c", at: iso(asked) }, publisher)
  return [...once, request, ...factsOf(random, again, asked, version)]
}

/** How busy an hour of the day is, 0 to 1. */
const busy = (time: number): number =>
  0.25 + 0.75 * Math.max(0, Math.sin(((new Date(time).getUTCHours() - 5) / 14) * Math.PI))

/** A week up to `now`, in milliseconds since 1970. */
export const makeWorld = (now: number, deliveries = 1_600): World => {
  const random = randomFrom(20_261_123)
  const facts: Array<Fact> = []
  const stalled: Array<Acceptance> = []
  for (let index = 0; index < deliveries; index++) {
    // Deliveries lie closer together towards now, and fewer at night.
    const age = (index / deliveries) ** 1.3 * 168 * hour + random() * 120_000
    const time = now - 4_000 - age
    const isStalled = index === 6 || index === 13
    if (random() > busy(time) && index > 40 && !isStalled) continue
    const acceptance: Acceptance = {
      deliveryId: deliveryId(index),
      acceptedAt: iso(time),
      run: sourceRun(random, index),
      generation: 0
    }
    if (isStalled) {
      facts.push(requestAccepted(acceptance, { appVersion: "1.0.0" }))
      stalled.push(acceptance)
    } else facts.push(...journeyFacts(random, acceptance, index, age / (24 * hour)))
  }
  const past = facts.filter(({ time }) => Date.parse(time) <= now)
  return {
    facts: past.toSorted((a, b) => b.time.localeCompare(a.time)),
    sources: sourceNames.map(repository).toSorted(),
    targets: targetNames.map(repository).toSorted(),
    stalled
  }
}

/** A service to which nothing has happened. */
export const emptyWorld: World = { facts: [], sources: [], targets: [], stalled: [] }
