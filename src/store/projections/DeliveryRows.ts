/**
 * Deliveries as rows of a list, newest first: each fact of a delivery counts in its row, whichever comes first. A row is for what was accepted
 * and found by when that was, so that a delivery was lost before does not count in it.
 */
import { Effect } from "effect"
import { countsOf } from "../../domain/Figures.ts"
import { counterOf } from "../../domain/Measure.ts"
import type { DeliveryRow } from "../../domain/Views.ts"
import type { Attributes, Item, Update } from "../../ports/Table.ts"
import { type DayList, entryKey } from "../DayList.ts"
import { dayMark, eventExpiry } from "../EventLog.ts"
import type { Recording } from "../FactWrites.ts"
import { asSums, DeliveryItem, decoder } from "./Items.ts"
import { deliveryList } from "./Keys.ts"

/** Only the acceptance tells these. */
const ofAcceptance = ({ fact }: Recording): Attributes => {
  if (fact.type !== "dispatch.request.accepted") return {}
  const { branch, conclusion, runUrl } = fact.data
  return { branch, conclusion, runUrl }
}

const attributesOf = (recording: Recording): Attributes => {
  const {
    deliveryId,
    sourceRepository: source,
    sourceRepositoryId,
    sourceWorkflow,
    runId,
    attempt
  } = recording.fact.data
  const { acceptedAt } = recording
  const common = { deliveryId, acceptedAt, source, sourceRepositoryId, workflow: sourceWorkflow, runId, attempt }
  return { ...common, ...ofAcceptance(recording) }
}

const listsOf = ({ fact }: Recording): ReadonlyArray<DayList> =>
  fact.type === "dispatch.delivery.redelivered"
    ? []
    : [deliveryList(undefined), deliveryList(fact.data.sourceRepository)]

/** Counts a fact in the row of its delivery, in the list of all and in that of its source. */
export const rowWrites = (recording: Recording): ReadonlyArray<Update> => {
  const { fact, acceptedAt } = recording
  const set = attributesOf(recording)
  const add = { [counterOf[fact.type]]: 1 }
  const expiresAt = eventExpiry(recording)
  return listsOf(recording).map((list) => ({
    _tag: "Update",
    key: entryKey(list, acceptedAt, fact.data.deliveryId),
    set,
    add,
    expiresAt
  }))
}

/** That the lists have rows of that day. */
export const rowMarks = (recording: Recording): ReadonlyArray<Update> =>
  listsOf(recording).map((list) => dayMark(recording, list, recording.acceptedAt))

const decodeRow = decoder(DeliveryItem)

/** The row that an item is. */
export const toRow = (item: Item): Effect.Effect<DeliveryRow> =>
  Effect.map(decodeRow(item), ({ branch = null, conclusion = null, runUrl = null, ...common }) => ({
    ...common,
    branch,
    conclusion,
    runUrl,
    counts: countsOf(asSums(item.attributes))
  }))
