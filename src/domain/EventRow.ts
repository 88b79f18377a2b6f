/** A fact as one row of a list of events: what a person scans; its journey has the rest. */

import type { EventRow } from "./Answers.ts"
import type { Fact } from "./Fact.ts"
import { entryOf } from "./FactTable.ts"
import { targetLabel } from "./Order.ts"

const longestMessage = 300
/** A message as lists have it, cut at 300 characters. */
export const shortMessage = (text: string): string =>
  text.length > longestMessage ? `${text.slice(0, longestMessage - 1).toWellFormed()}…` : text

/** The row of a fact; `time` is its time in the spelling that sorts. */
export const eventRow = (fact: Fact, time: string): EventRow => {
  const { status, message, url, reason } = entryOf(fact.type)
  // The entry is that of the fact's own type.
  const data = fact.data as never
  const text = message(data)
  return {
    id: fact.id,
    type: fact.type,
    status,
    time,
    deliveryId: fact.data.deliveryId,
    source: fact.data.sourceRepository,
    workflow: fact.data.sourceWorkflow,
    target: "target" in fact.data ? targetLabel(fact.data.target) : null,
    reason: reason(data),
    message: text === null ? null : shortMessage(text),
    url: url(data)
  }
}
