/**
 * A journey as a person reads it: who ran what, then round by round (the first, and one for each replay) what was decided and what
 * became of every target. Made from the facts alone; no fact is left out.
 */
import type { CheckView, FactOf, FactView } from "../../api/Facts.ts"
import { conclusionNames, type Status } from "../../format/Words.ts"
import type { Supposed } from "../../state/Supposed.ts"

type Accepted = FactOf<"dispatch.request.accepted">
type Decided = FactOf<"dispatch.target.queued"> | FactOf<"dispatch.target.denied">
type Settled =
  | FactOf<"dispatch.trigger.succeeded">
  | FactOf<"dispatch.trigger.failed">
  | FactOf<"dispatch.trigger.withdrawn">
  | FactOf<"dispatch.trigger.unknown">

/** All that became of one target in one round. */
export interface TargetStory {
  readonly key: string
  readonly repository: string
  readonly workflow: string
  readonly ref: string
  readonly status: Status
  /** Why it was denied, failed, had its consent withdrawn, or is unknown. */
  readonly code: string | undefined
  readonly message: string | undefined
  /** When it was decided; undefined if the journey does not tell. */
  readonly decidedAt: string | undefined
  readonly settledAt: string | undefined
  readonly startedUrl: string | undefined
  readonly elapsed: number | undefined
  readonly checks: ReadonlyArray<CheckView>
}

/** One time that the delivery was planned. */
export interface Round {
  /** 0, then one for each replay. */
  readonly generation: number
  /** What happened to the run as a whole, in order. */
  readonly facts: ReadonlyArray<Exclude<FactView, Decided | Settled>>
  readonly targets: ReadonlyArray<TargetStory>
}

export interface Story {
  readonly deliveryId: string
  readonly repository: string
  readonly workflow: string
  readonly runId: string
  readonly attempt: number
  /** When the delivery was accepted; while none of it {@link arrived}, when it was lost. */
  readonly acceptedAt: string
  readonly arrived: boolean
  readonly accepted: Accepted["data"] | undefined
  readonly versions: ReadonlyArray<string>
  readonly rounds: ReadonlyArray<Round>
}

const isDecision = (fact: FactView): fact is Decided =>
  fact.type === "dispatch.target.queued" || fact.type === "dispatch.target.denied"
const isOutcome = (fact: FactView): fact is Settled =>
  fact.type === "dispatch.trigger.succeeded" ||
  fact.type === "dispatch.trigger.failed" ||
  fact.type === "dispatch.trigger.withdrawn" ||
  fact.type === "dispatch.trigger.unknown"
/** What happened before the delivery was accepted. */
const isBefore = ({ type }: FactView): boolean => type === "dispatch.delivery.redelivered"
const ofRun = (fact: FactView): fact is Round["facts"][number] => !isDecision(fact) && !isOutcome(fact)

const statusOf = (decision: Decided | undefined, outcome: Settled | undefined): Status => {
  if (outcome?.type === "dispatch.trigger.succeeded") return "dispatched"
  if (outcome?.type === "dispatch.trigger.failed") return "failed"
  if (outcome?.type === "dispatch.trigger.withdrawn") return "withdrawn"
  if (outcome?.type === "dispatch.trigger.unknown") return "unknown"
  return decision?.type === "dispatch.target.denied" ? "denied" : "queued"
}

const targetStory = (
  decision: Decided | undefined,
  outcome: Settled | undefined,
  told: Decided | Settled
): TargetStory => {
  const why = outcome ?? decision
  const success = outcome?.type === "dispatch.trigger.succeeded" ? outcome.data : undefined
  return {
    key: told.id,
    ...told.data.target,
    status: statusOf(decision, outcome),
    code: why !== undefined && "code" in why.data ? why.data.code : undefined,
    message: why !== undefined && "message" in why.data ? why.data.message : undefined,
    decidedAt: decision?.time,
    settledAt: outcome?.time,
    startedUrl: success?.started?.url,
    elapsed: success?.elapsed,
    checks: decision?.data.checks ?? []
  }
}

/** Targets in the order in which they were decided; an outcome joins its decision by the order that both name. */
const targetStories = (facts: ReadonlyArray<FactView>): ReadonlyArray<TargetStory> => {
  const outcomes = facts.filter(isOutcome)
  const decisions = facts.filter(isDecision)
  const orders = new Set(
    decisions.filter(({ type }) => type === "dispatch.target.queued").map(({ data }) => data.orderId)
  )
  const decided = decisions.map((decision) => {
    const queued = decision.type === "dispatch.target.queued"
    const outcome = queued ? outcomes.findLast(({ data }) => data.orderId === decision.data.orderId) : undefined
    return targetStory(decision, outcome, decision)
  })
  const undecided = outcomes.filter(({ data }) => !orders.has(data.orderId))
  return [...decided, ...undecided.map((outcome) => targetStory(undefined, outcome, outcome))]
}

const round = (generation: number, facts: ReadonlyArray<FactView>): Round => {
  const own = facts.filter(({ data }) => data.generation === generation)
  return { generation, facts: own.filter(ofRun), targets: targetStories(own) }
}

/** Tells the story of a journey's facts; undefined if there are none. */
export const storyOf = (facts: ReadonlyArray<FactView>): Story | undefined => {
  const [first] = facts
  if (first === undefined) return undefined
  const arrived = facts.find((fact) => !isBefore(fact))
  const generations = [...new Set(facts.map(({ data }) => data.generation))].toSorted((a, b) => a - b)
  return {
    deliveryId: first.data.deliveryId,
    repository: first.data.sourceRepository,
    workflow: first.data.sourceWorkflow,
    runId: first.data.runId,
    attempt: first.data.attempt,
    acceptedAt: (arrived ?? first).data.acceptedAt,
    arrived: arrived !== undefined,
    accepted: facts.find((fact) => fact.type === "dispatch.request.accepted")?.data,
    versions: [...new Set(facts.map(({ appversion }) => appversion))],
    rounds: generations.map((generation) => round(generation, facts))
  }
}

/** How many targets ended in each way, over the last round that decided about each. */
export const targetCounts = (targets: ReadonlyArray<TargetStory>): ReadonlyMap<Status, number> => {
  const counts = new Map<Status, number>()
  for (const { status } of targets) counts.set(status, (counts.get(status) ?? 0) + 1)
  return counts
}

/** The run of a journey as one to ask about: what became of it then, and what would now, are two things. */
export const supposedOf = ({ repository, workflow, accepted, rounds }: Story): Supposed => ({
  repository,
  workflow,
  branch: accepted?.branch ?? undefined,
  conclusion: conclusionNames.find((one) => one === accepted?.conclusion && one !== "success"),
  event: accepted === undefined || accepted.event === "push" ? undefined : accepted.event,
  // Facts do not tell it, but the rule that asks for it does.
  fork: rounds.some(({ targets }) =>
    targets.some(({ checks }) => checks.some(({ name, passed }) => name === "source_fork" && !passed))
  )
})
