/** What a journey is about: its source run, as its row says, or, while the run is only known to have been lost, as its facts do. */
import { entryOf } from "../../../../domain/FactTable.ts"
import { conclusions } from "../../../../domain/Vocabulary.ts"
import type { FactView, FactViewOf, JourneyView } from "../../api/Sent.ts"
import type { HypotheticalInput } from "../../state/HypotheticalInput.ts"

export interface JourneyRun {
  readonly deliveryId: string
  readonly repository: string
  readonly workflow: string
  readonly runId: string
  readonly attempt: number
  /** When the run was accepted; while it did not {@link arrived arrive}, when it was lost. */
  readonly acceptedAt: string
  readonly arrived: boolean
  readonly accepted: FactViewOf<"dispatch.request.accepted">["data"] | undefined
}

/** The run of a journey; undefined if there are no facts. */
export const journeyRunOf = ({ facts }: JourneyView): JourneyRun | undefined => {
  const accepted = facts.find((fact) => fact.type === "dispatch.request.accepted")
  const fact = accepted ?? facts.find(({ type }) => type !== "dispatch.delivery.redelivered") ?? facts[0]
  if (fact === undefined) return undefined
  const { deliveryId, sourceRepository, sourceWorkflow, runId, attempt, acceptedAt } = fact.data
  return {
    deliveryId,
    repository: sourceRepository,
    workflow: sourceWorkflow,
    runId,
    attempt,
    acceptedAt,
    arrived: fact.type !== "dispatch.delivery.redelivered",
    accepted: accepted?.data
  }
}

/** `owner/name file@ref` of the target that a fact is about; undefined where it is about the run. */
export const journeyTargetOf = (fact: FactView): string | undefined => {
  if (!("target" in fact.data)) return undefined
  const { repository, workflow, ref } = fact.data.target
  return `${repository} ${workflow}@${ref}`
}

interface FactWords {
  readonly reason: string | null
  readonly message: string | null
  readonly url: string | null
}
const nothing: FactWords = { reason: null, message: null, url: null }

/** What the fact table says of a fact: why, in words, and where to look. */
export const factWords = (fact: FactView): FactWords => {
  if (fact.type === "other") return nothing
  const { reason, message, url } = entryOf(fact.type)
  // The page's decoder has checked what the words of exactly this type are made of.
  const data = fact.data as never
  return { reason: reason(data), message: message(data), url: url(data) }
}

const isOfFork = (fact: FactView): boolean => {
  const checks = "checks" in fact.data ? fact.data.checks : []
  const skipped = "skipped" in fact.data ? fact.data.skipped : []
  return [...checks, ...(skipped ?? []).map(({ check }) => check)].some(
    ({ name, passed }) => name === "source_fork" && !passed
  )
}

/** The run of a journey as one to ask about: what became of it then, and what would now, are two things. */
export const supposedOf = (
  { repository, workflow, accepted }: JourneyRun,
  facts: ReadonlyArray<FactView>
): HypotheticalInput => ({
  repository,
  workflow,
  branch: accepted?.branch ?? undefined,
  conclusion: conclusions.find((one) => one === accepted?.conclusion && one !== "success"),
  event: accepted === undefined || accepted.event === "push" ? undefined : accepted.event,
  // No fact says it, but the rule that asks for it does.
  fork: facts.some(isOfFork)
})
