/** How messages come to a function: Lambda's pollers split what waits in a queue, and each collects for a while. */
import type { Fact } from "../../src/domain/Fact.ts"
import { entryOf } from "../../src/domain/FactTable.ts"
import { runOf } from "../../src/domain/RunFold.ts"
import type { Chance } from "../../test/fixtures/Chance.ts"

/** Windows of the event sources, seconds, as Terraform has them. */
export const windows = { plan: 1, fact: 5, report: 5 } as const

/** Pollers that Lambda keeps for a queue; each asks again as soon as it has messages, or after so many seconds. */
export const polling = { pollers: 5, seconds: 20 } as const

/** Seconds after which a delivery's facts are published, as `Work.ts` has the durations and with half a window for its report; other facts come alone. */
const publishedAfter: Readonly<Record<string, number>> = {
  accepted: 0.5,
  planned: 0.9,
  queued: 0.9,
  ignored: 0.9,
  dispatched: 1.5,
  reported: 4.5
}

/** The facts of each run as they come into batches together, first ones first: those that one poller has in one of its windows, which begin at any time. */
export const sharesOf = (facts: ReadonlyArray<Fact>, chance: Chance): ReadonlyArray<ReadonlyArray<Fact>> =>
  [...Map.groupBy(facts, runOf).values()].flatMap((ofRun) => {
    const begun = Array.from({ length: polling.pollers }, () => chance.next() * windows.fact)
    const arrived = ofRun.map((fact) => {
      const poller = chance.below(polling.pollers)
      const at = publishedAfter[entryOf(fact.type).status] ?? 0
      const ends = (Math.floor((at + (begun[poller] ?? 0)) / windows.fact) + 1) * windows.fact - (begun[poller] ?? 0)
      return { fact, ends, batch: `${poller} ${ends}` }
    })
    return [...Map.groupBy(arrived, ({ batch }) => batch).values()]
      .sort(([one], [other]) => (one?.ends ?? 0) - (other?.ends ?? 0))
      .map((share) => share.map(({ fact }) => fact))
  })
