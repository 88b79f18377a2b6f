/** Counters of minutes and hours: what facts added to each scope, in the bucket of the fact's own time. */
import { Effect } from "effect"
import { type Bucket, bucketOf, bucketStart, type Granularity } from "../../domain/Bucket.ts"
import type { Sums } from "../../domain/Figures.ts"
import { additions } from "../../domain/Measure.ts"
import { type Scope, scopesOf } from "../../domain/Scope.ts"
import type { TableError, TableReader, Update } from "../../ports/Table.ts"
import type { Recording } from "../FactWrites.ts"
import { expiryOf } from "../Retention.ts"
import { asSums } from "./Items.ts"
import { bucketKey, bucketRange } from "./Keys.ts"

const bucketWrites = (recording: Recording, granularity: "minute" | "hour"): ReadonlyArray<Update> => {
  const { fact, time, retention } = recording
  const bucket = bucketOf(granularity, time)
  const expiresAt = expiryOf(Date.parse(bucketStart(granularity, bucket)), retention[`${granularity}s`])
  const add = additions(fact)
  return scopesOf(fact).map((scope) => ({
    _tag: "Update",
    key: bucketKey(granularity, scope, bucket),
    add,
    expiresAt
  }))
}

/** Adds a fact to the minute and the hour of each of its scopes. */
export const counterWrites = (recording: Recording): ReadonlyArray<Update> => [
  ...bucketWrites(recording, "minute"),
  ...bucketWrites(recording, "hour")
]

/** What was added in one bucket. */
export interface BucketSums {
  readonly bucket: Bucket
  readonly sums: Sums
}

/** The buckets from one to another, both inclusive, that anything was added in; at most 1000. One read. */
export const readBuckets = (
  reader: TableReader,
  granularity: Granularity,
  scope: Scope,
  from: Bucket,
  to: Bucket
): Effect.Effect<ReadonlyArray<BucketSums>, TableError> =>
  Effect.map(reader.query({ ...bucketRange(granularity, scope, from, to), limit: 1000 }), ({ items }) =>
    items.map(({ key, attributes }) => ({ bucket: key.sort, sums: asSums(attributes) }))
  )
