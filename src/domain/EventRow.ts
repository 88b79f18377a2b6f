/** A fact as one line of a list of events: what a person scans; its journey has the rest. */
import type { Fact } from "./Fact.ts"
import { counterOf, reasonOf } from "./Measure.ts"
import type { Target } from "./Order.ts"
import { counted } from "./Question.ts"
import type { EventRow } from "./Views.ts"

const longestMessage = 300
const short = (text: string): string =>
  text.length > longestMessage ? `${text.slice(0, longestMessage - 1).toWellFormed()}…` : text

/** `owner/name file@ref`, as people read it. */
export const targetLabel = ({ repository, workflow, ref }: Target): string => `${repository} ${workflow}@${ref}`

const messageOf = (fact: Fact): string | null => {
  switch (fact.type) {
    case "dispatch.target.denied":
    case "dispatch.trigger.failed":
    case "dispatch.trigger.withdrawn":
    case "dispatch.trigger.unknown":
      return short(fact.data.message)
    case "dispatch.config.invalid":
      return short(`${fact.data.file}:${fact.data.line}: ${fact.data.message}`)
    case "dispatch.config.unreachable":
      return short(fact.data.message)
    case "dispatch.request.ignored":
      return short(fact.data.reason)
    case "dispatch.replay.requested":
      return short(`by ${fact.data.by}`)
    case "dispatch.delivery.redelivered":
      return `lost at ${fact.data.acceptedAt}; asked for ${counted(fact.data.asked, "time")}`
    default:
      return null
  }
}

const urlOf = (fact: Fact): string | null => {
  switch (fact.type) {
    case "dispatch.request.accepted":
      return fact.data.runUrl
    case "dispatch.trigger.succeeded":
      return fact.data.started?.url ?? null
    case "dispatch.report.published":
      return fact.data.issue?.url ?? null
    default:
      return null
  }
}

/** The line of a fact; `time` is its time in the spelling that sorts. */
export const eventRow = (fact: Fact, time: string): EventRow => ({
  id: fact.id,
  type: fact.type,
  status: counterOf[fact.type],
  time,
  deliveryId: fact.data.deliveryId,
  source: fact.data.sourceRepository,
  workflow: fact.data.sourceWorkflow,
  target: "target" in fact.data ? targetLabel(fact.data.target) : null,
  reason: reasonOf(fact) ?? null,
  message: messageOf(fact),
  url: urlOf(fact)
})
