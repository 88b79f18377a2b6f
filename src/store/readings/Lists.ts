/** Reading lists, newest first, and journeys. Each page is read from one list; what is not wanted is never read. */
import { Effect, Option, Schema } from "effect"
import { isoTime } from "../../domain/Bucket.ts"
import { Fact } from "../../domain/Fact.ts"
import { type RepositoryName, repositoryKey } from "../../domain/Names.ts"
import { type DeliveryId, RunKey } from "../../domain/SourceRun.ts"
import { type DeliveryPage, type EventPage, EventRow, type Journey } from "../../domain/Views.ts"
import type { TableError, TableReader } from "../../ports/Table.ts"
import { type DayList, readPage, type TimeRange } from "../DayList.ts"
import { deliveryKey, journeyRange } from "../events/Keys.ts"
import { eventList, type Filter, type FilterValues, filters, indexes, statusesOfReason } from "../events/Searches.ts"
import { toRow } from "../projections/DeliveryRows.ts"
import { decoder } from "../projections/Items.ts"
import { deliveryList } from "../projections/Keys.ts"
import { BadCursor, type Paging, type Search, UnsupportedSearch } from "../Readings.ts"

const decodeEvent = decoder(EventRow)
const decodeFact = decoder(Fact)
const decodePointer = decoder(Schema.Struct({ run: RunKey }))

/** Most facts of a journey: of a run with 25 targets, after 19 replays of all. */
const mostFacts = 1000
const mostRows = 200

const limited = ({ limit, cursor }: Paging): Paging => ({
  limit: Math.min(Math.max(Math.trunc(limit), 1), mostRows),
  ...(cursor === undefined ? {} : { cursor })
})

const valuesOf = ({ source, target, status, reason }: Search): FilterValues => ({
  ...(source === undefined ? {} : { source: repositoryKey(source) }),
  ...(target === undefined ? {} : { target: repositoryKey(target) }),
  ...(status === undefined ? {} : { status }),
  ...(reason === undefined ? {} : { reason })
})

const isCombination = (asked: ReadonlyArray<Filter>) => (combination: ReadonlyArray<Filter>) =>
  combination.length === asked.length && combination.every((filter) => asked.includes(filter))

/** The list of the events that are searched; undefined where nothing can be found; or why it cannot be searched. */
const listOf = (search: Search): Effect.Effect<DayList | undefined, UnsupportedSearch> => {
  const values = valuesOf(search)
  const asked = filters.filter((filter) => values[filter] !== undefined)
  const combination = indexes.find(isCombination(asked))
  if (combination === undefined) return Effect.fail(new UnsupportedSearch({ asked, supported: indexes }))
  if (values.reason !== undefined) {
    const statuses = statusesOfReason(values.reason)
    const fits = values.status === undefined ? statuses.length > 0 : statuses.some((one) => one === values.status)
    if (!fits) return Effect.succeed(undefined)
  }
  return Effect.succeed(eventList(combination, values))
}

const timeOf = (name: "from" | "to", time: string) => {
  const millis = Date.parse(time)
  return Number.isNaN(millis)
    ? Effect.fail(new BadCursor({ message: `${name} is no time: ${time}` }))
    : Effect.succeed({ [name]: isoTime(millis) })
}
const rangeOf = Effect.fnUntraced(function* ({ from, to }: Search): Effect.fn.Return<TimeRange, BadCursor> {
  return {
    ...(from === undefined ? {} : yield* timeOf("from", from)),
    ...(to === undefined ? {} : yield* timeOf("to", to))
  }
})

export const makeLists = (reader: TableReader) => {
  const read = (list: DayList, range: TimeRange, paging: Paging) =>
    readPage(reader, list, range, limited(paging)).pipe(
      Effect.catchTag("ForeignCursor", () => Effect.fail(new BadCursor({ message: "no page gave that cursor" })))
    )

  /** At most four reads. */
  const deliveries = Effect.fn("Readings.deliveries")(function* (source: RepositoryName | undefined, paging: Paging) {
    const { items, cursor } = yield* read(deliveryList(source), {}, paging)
    return { rows: yield* Effect.forEach(items, toRow), cursor } satisfies typeof DeliveryPage.Type
  })

  /** At most four reads. */
  const events = Effect.fn("Readings.events")(function* (search: Search, paging: Paging) {
    const list = yield* listOf(search)
    const range = yield* rangeOf(search)
    const { items, cursor } = list === undefined ? { items: [], cursor: null } : yield* read(list, range, paging)
    return { rows: yield* Effect.forEach(items, decodeEvent), cursor } satisfies typeof EventPage.Type
  })

  /** One read. */
  const runJourney = Effect.fn("Readings.runJourney")(function* (
    run: RunKey
  ): Effect.fn.Return<Option.Option<Journey>, TableError> {
    const { items } = yield* reader.query({ ...journeyRange(run), limit: mostFacts })
    if (items.length === 0) return Option.none()
    return Option.some({ facts: yield* Effect.forEach(items, decodeFact) })
  })

  /** Two reads. */
  const journey = Effect.fn("Readings.journey")(function* (
    delivery: DeliveryId
  ): Effect.fn.Return<Option.Option<Journey>, TableError> {
    const pointer = yield* reader.get(deliveryKey(delivery))
    if (Option.isNone(pointer)) return Option.none()
    return yield* runJourney((yield* decodePointer(pointer.value)).run)
  })

  return { deliveries, events, journey, runJourney }
}
