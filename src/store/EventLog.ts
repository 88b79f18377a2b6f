/**
 * The event log: every fact once, as a part of its run's journey, and as a line in the list of every search that finds it.
 *
 * Writes per fact: itself, and a line in 4 lists; in 7 if it tells of a target; in 9 if that was denied, failed or withdrawn. Once a day and
 * process also a mark: for each day of each of those lists, and for each delivery.
 */
import { Duration } from "effect"
import { eventRow } from "../domain/EventRow.ts"
import { keyText } from "../domain/KeyText.ts"
import { type Attributes, absent, type Put, type Update } from "../ports/Table.ts"
import { type DayList, dayKey, entryKey } from "./DayList.ts"
import { deliveryKey, factKey, runOf } from "./events/Keys.ts"
import { listsOf } from "./events/Searches.ts"
import type { FactWrites, Recording } from "./FactWrites.ts"
import { expiryOf } from "./Retention.ts"

/** Facts and their lines are plain JSON by construction. */
const asAttributes = (value: object): Attributes => value as Attributes

/** When what is recorded now may be forgotten. */
export const eventExpiry = ({ now, retention }: Recording): number => expiryOf(now, retention.events)

/** Marks outlive by a day what they tell of, since they are written once a day. */
export const markExpiry = ({ now, retention }: Recording): number =>
  expiryOf(now, Duration.sum(retention.events, Duration.days(1)))

/** That a list has entries on a day. */
export const dayMark = (recording: Recording, list: DayList, time: string): Update => ({
  _tag: "Update",
  key: dayKey(list, time),
  expiresAt: markExpiry(recording)
})

/** The fact itself. Only who writes this first writes anything: it is why a fact counts once. */
export const ownWrite = (recording: Recording): Put => ({
  _tag: "Put",
  key: factKey(recording.fact),
  attributes: asAttributes(recording.fact),
  condition: absent,
  expiresAt: eventExpiry(recording)
})

const pointer = (recording: Recording): Update => ({
  _tag: "Update",
  key: deliveryKey(recording.fact.data.deliveryId),
  set: { run: runOf(recording.fact) },
  expiresAt: markExpiry(recording)
})

/** What else a fact writes to the event log. */
export const eventWrites = (recording: Recording): FactWrites => {
  const { fact, time } = recording
  const lists = listsOf(fact)
  const attributes = asAttributes(eventRow(fact, time))
  const expiresAt = eventExpiry(recording)
  const id = keyText(fact.id)
  return {
    writes: lists.map((list): Put => ({ _tag: "Put", key: entryKey(list, time, id), attributes, expiresAt })),
    marks: [pointer(recording), ...lists.map((list) => dayMark(recording, list, time))]
  }
}
