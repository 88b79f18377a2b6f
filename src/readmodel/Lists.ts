/** Reads lists, newest first, and journeys. Each page is read from one list; what is not asked for is never read. */
import { Duration, Effect, Option } from "effect"
import type { Choices, FindKey, Journey } from "../domain/Answers.ts"
import { isOnRealDay, isoTime } from "../domain/Bucket.ts"
import { type ChainView, maxNodes } from "../domain/Chain.ts"
import { placeIn } from "../domain/ChainFold.ts"
import type { Fact } from "../domain/Fact.ts"
import { entryOf, rowStatuses, rowTypes } from "../domain/FactTable.ts"
import type { RepositoryName } from "../domain/Names.ts"
import { isAcceptance } from "../domain/RunFold.ts"
import type { DeliveryId, RunKey } from "../domain/SourceRun.ts"
import { windows } from "../domain/Vocabulary.ts"
import type { TableError, TableReader } from "../ports/Table.ts"
import { chainRange, decodeNode, nodeKey } from "./ChainNodes.ts"
import { nextCursor, positionOf } from "./Cursor.ts"
import { BadCursor, type EventSearch, type ListQueries, type Paging, UnsupportedSearch } from "./DashboardQueries.ts"
import { type DayList, readPage, type TimeRange } from "./DayList.ts"
import { searchedList, searches } from "./EventLists.ts"
import { decodeFact, decodeRun, deliveryPointerKey, factsRange } from "./EventLog.ts"
import { decodeRow } from "./EventRows.ts"
import { decodeFound, foundRange } from "./FoundRuns.ts"
import { readKnown } from "./KnownRepositories.ts"
import { Retention } from "./Retention.ts"
import { decodeRunRow, rowKey, runList } from "./RunRows.ts"

/** Most facts of a journey: of a run with 25 targets, after 19 replays of all. */
const mostFacts = 1000
const mostRows = 200

const limited = ({ limit, cursor }: Paging, most = mostRows): Paging => ({
  limit: Math.min(Math.max(Math.trunc(limit), 1), most),
  ...(cursor === undefined ? {} : { cursor })
})

const timeOf = (name: "from" | "to", time: string | undefined) => {
  if (time === undefined) return Effect.succeed({})
  const millis = Date.parse(time)
  return Number.isNaN(millis) || !isOnRealDay(time)
    ? Effect.fail(new BadCursor({ message: `${name} is no RFC 3339 time on a day that exists: ${time}` }))
    : Effect.succeed({ [name]: isoTime(millis) })
}
const timesOf = ({ from, to }: EventSearch): Effect.Effect<TimeRange, BadCursor> =>
  Effect.zipWith(timeOf("from", from), timeOf("to", to), (first, last) => ({ ...first, ...last }))

/** A fact from which the key of the run's row follows; none while it is only known that the delivery was lost. */
const ofRow = (facts: ReadonlyArray<Fact>): Fact | undefined =>
  facts.find(isAcceptance) ?? facts.find(({ type }) => entryOf(type).part !== "precedes")

/** The lists and journeys over a reader. */
export const makeLists = (reader: TableReader): ListQueries => {
  const read = (list: DayList, range: TimeRange, paging: Paging) => readPage(reader, list, range, limited(paging))

  const deliveries = Effect.fn("Lists.deliveries")(function* (source: RepositoryName | undefined, paging: Paging) {
    const { items, cursor } = yield* read(runList(source), {}, paging)
    return { rows: yield* Effect.forEach(items, decodeRunRow), cursor }
  })

  const find = Effect.fn("Lists.find")(function* (by: FindKey, value: string, paging: Paging) {
    const range = foundRange(by, value)
    if (range === undefined) return { rows: [], cursor: null }
    const list = [range.partition, range.from].join("\n")
    const position = yield* positionOf(list, paging.cursor)
    const { limit } = limited(paging)
    const after = position === undefined ? {} : { cursor: position }
    const page = yield* reader.query({ ...range, limit, direction: "descending", ...after })
    return { rows: yield* Effect.forEach(page.items, decodeFound), cursor: nextCursor(list, page.cursor) }
  })

  const events = Effect.fn("Lists.events")(function* (search: EventSearch, paging: Paging) {
    const list = searchedList(search)
    if (!("name" in list)) return yield* new UnsupportedSearch({ asked: list, supported: searches })
    const { items, cursor } = yield* read(list, yield* timesOf(search), paging)
    const days = Math.floor(Duration.toDays((yield* Retention).lists))
    return { rows: yield* Effect.forEach(items, decodeRow), cursor, days }
  })

  const readRow = Effect.fnUntraced(function* (facts: ReadonlyArray<Fact>) {
    const fact = ofRow(facts)
    if (fact === undefined) return null
    const { deliveryId } = fact.data
    const item = yield* reader.get(rowKey({ acceptedAt: isoTime(Date.parse(fact.data.acceptedAt)), deliveryId }))
    return Option.isSome(item) ? yield* decodeRunRow(item.value) : null
  })

  const readNode = Effect.fnUntraced(function* (run: RunKey, facts: ReadonlyArray<Fact>) {
    const place = placeIn(facts)
    const item = place === undefined ? Option.none() : yield* reader.get(nodeKey(run, place))
    return Option.isSome(item) ? yield* decodeNode(item.value) : null
  })

  const chain = Effect.fn("Lists.chain")(function* (
    root: RunKey,
    paging: Paging
  ): Effect.fn.Return<Option.Option<ChainView>, TableError | BadCursor> {
    const range = chainRange(root)
    const position = yield* positionOf(range.partition, paging.cursor)
    const after = position === undefined ? {} : { cursor: position }
    const { limit } = limited(paging, maxNodes)
    const { items, cursor } = yield* reader.query({ ...range, limit, ...after })
    if (items.length === 0 && position === undefined) return Option.none()
    return Option.some({
      nodes: yield* Effect.forEach(items, decodeNode),
      cursor: nextCursor(range.partition, cursor)
    })
  })

  const runJourney = Effect.fn("Lists.runJourney")(function* (
    run: RunKey
  ): Effect.fn.Return<Option.Option<Journey>, TableError> {
    const { items, cursor } = yield* reader.query({ ...factsRange(run), limit: mostFacts })
    if (items.length === 0) return Option.none()
    const facts = yield* Effect.forEach(items, decodeFact)
    const [row, chain] = [yield* readRow(facts), yield* readNode(run, facts)]
    return Option.some({ row, facts, more: cursor !== undefined, chain })
  })

  const journey = Effect.fn("Lists.journey")(function* (
    delivery: DeliveryId
  ): Effect.fn.Return<Option.Option<Journey>, TableError> {
    const pointer = yield* reader.get(deliveryPointerKey(delivery))
    return Option.isNone(pointer) ? Option.none() : yield* runJourney(yield* decodeRun(pointer.value))
  })

  const choices = Effect.gen(function* () {
    const sources = yield* readKnown(reader, "sources")
    const targets = yield* readKnown(reader, "targets")
    return {
      sources: sources.names,
      targets: targets.names,
      moreSources: sources.more,
      moreTargets: targets.more,
      statuses: rowStatuses,
      types: rowTypes,
      windows,
      searches
    } satisfies Choices
  }).pipe(Effect.withSpan("Lists.choices"))

  return { deliveries, find, journey, runJourney, chain, events, choices }
}
