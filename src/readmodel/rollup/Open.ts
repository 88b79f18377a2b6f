/**
 * What waits, by the minute in which its run was accepted.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `open` | minute | counts, and the oldest works; absent where nothing waits |
 */
import { Duration, Effect } from "effect"
import { type Bucket, bucketStart } from "../../domain/Bucket.ts"
import type { Contribution } from "../../domain/Contribution.ts"
import { addOpenWork, OpenWork, openWork } from "../../domain/OpenWork.ts"
import type { TableReader } from "../../ports/Table.ts"
import { readAll } from "../../ports/Table.ts"
import { asAttributes, itemDecoder } from "../Items.ts"
import { expiryOf, type Retention } from "../Retention.ts"
import type { Overwrite } from "./Overwrite.ts"

const place = { table: "projections", partition: "open" } as const
const decode = itemDecoder(OpenWork)

/** The write for a minute with these contributions. */
export const openWrite = (minute: Bucket, contributions: ReadonlyArray<Contribution>, kept: Retention): Overwrite => {
  const work = openWork(contributions)
  const key = { ...place, sort: minute }
  if (work === undefined) return { _tag: "Delete", key }
  const expiresAt = expiryOf(Date.parse(bucketStart("minute", minute)), Duration.sum(kept.events, Duration.days(1)))
  return { _tag: "Put", key, attributes: asAttributes(work), expiresAt }
}

/** All that waits. One read for 1000 minutes in which something does. */
export const readOpen = (reader: TableReader) =>
  Effect.flatMap(readAll(reader, place), (items) => Effect.map(Effect.forEach(items, decode), addOpenWork))
