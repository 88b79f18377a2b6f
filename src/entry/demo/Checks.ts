/** Whether an episode came out as it must: the difference between what was expected and what the facts say. */
import type { Fact } from "../../domain/Fact.ts"
import { type Ending, type Episode, shop } from "./Narration.ts"

const target = (fact: Extract<Fact, { readonly data: { readonly target: unknown } }>): string =>
  `${fact.data.target.repository} ${fact.data.target.workflow}`

/** How the targets of an episode ended, by its facts. */
const endings = (facts: ReadonlyArray<Fact>): ReadonlyArray<string> =>
  facts.flatMap((fact) => {
    switch (fact.type) {
      case "dispatch.trigger.succeeded":
        return [describe([target(fact), "dispatched"])]
      case "dispatch.trigger.failed":
        return [describe([target(fact), "failed", fact.data.code])]
      case "dispatch.target.denied":
        return [describe([target(fact), "denied", fact.data.code])]
      case "dispatch.request.ignored":
        return [describe([fact.data.sourceRepository, "ignored"])]
      default:
        return []
    }
  })

const describe = ([name, result, code]: Ending): string => `${name}: ${result}${code === undefined ? "" : ` (${code})`}`

/** Whether a fact is about a run of the episodes' own repository; what its runs start elsewhere goes on beside them. */
const isOfStory = ({ subject }: Fact): boolean => subject === shop.repository

/** What is missing and what is too much, in words; nothing if all is as expected. */
export const differences = (episode: Episode, facts: ReadonlyArray<Fact>): ReadonlyArray<string> => {
  const expected = episode.endings.map(describe)
  const actual = endings(facts.filter(isOfStory))
  const missing = expected.filter((ending) => !actual.includes(ending))
  const surplus = actual.filter((ending) => !expected.includes(ending))
  return [
    ...missing.map((ending) => `"${episode.title}": expected ${ending}`),
    ...surplus.map((ending) => `"${episode.title}": did not expect ${ending}`)
  ]
}

/** Whether everything that an episode will cause has happened: it is ignored, or was planned and each order has ended. */
export const isEpisodeOver = (episode: Episode, all: ReadonlyArray<Fact>): boolean => {
  if (episode.endings.length === 0) return true
  const facts = all.filter(isOfStory)
  if (facts.some(({ type }) => type === "dispatch.request.ignored")) return true
  const plan = facts.find((fact) => fact.type === "dispatch.plan.created")
  if (plan === undefined || endings(facts).length < plan.data.allowed + plan.data.denied) return false
  return plan.data.allowed === 0 || facts.some((fact) => fact.type === "dispatch.report.published")
}
