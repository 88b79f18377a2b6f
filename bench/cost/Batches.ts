/** How messages come to a function: Lambda's pollers split what waits in a queue, and each collects for a while. */
import { entryOf } from "../../src/domain/FactTable.ts"
import { runOf } from "../../src/domain/RunFold.ts"
import type { FactMessage } from "../../src/flow/FactMessages.ts"
import type { Chance } from "../../test/fixtures/Chance.ts"

/** Windows of the event sources, seconds, as Terraform has them. */
export const windows = { plan: 1, fact: 5, report: 5 } as const

/** Pollers that Lambda keeps for a queue; each asks again as soon as it has messages, or after so many seconds. */
export const polling = { pollers: 5, seconds: 20 } as const

/** Seconds after which a delivery's facts are published, as `Work.ts` has the durations and with half a window for its report; those of a message with the last of them. */
const publishedAfter: Readonly<Record<string, number>> = {
  accepted: 0.5,
  planned: 0.9,
  queued: 0.9,
  ignored: 0.9,
  dispatched: 1.5,
  reported: 4.5
}

/** The messages about each run as they come into batches together, first ones first: those that one poller has in one of its windows, which begin at any time. */
export const sharesOf = (
  messages: ReadonlyArray<FactMessage>,
  chance: Chance
): ReadonlyArray<ReadonlyArray<FactMessage>> =>
  [...Map.groupBy(messages, ({ facts: [first] }) => runOf(first)).values()].flatMap((ofRun) => {
    const begun = Array.from({ length: polling.pollers }, () => chance.next() * windows.fact)
    const arrived = ofRun.map((message) => {
      const poller = chance.below(polling.pollers)
      const at = Math.max(...message.facts.map(({ type }) => publishedAfter[entryOf(type).status] ?? 0))
      const ends = (Math.floor((at + (begun[poller] ?? 0)) / windows.fact) + 1) * windows.fact - (begun[poller] ?? 0)
      return { message, ends, batch: `${poller} ${ends}` }
    })
    return [...Map.groupBy(arrived, ({ batch }) => batch).values()]
      .sort(([one], [other]) => (one?.ends ?? 0) - (other?.ends ?? 0))
      .map((share) => share.map(({ message }) => message))
  })
