/**
 * Who starts whom: of each connection what the latest run says, and what happened on it today and on the six days before (UTC); once by its
 * source and once by its target, so that all of them, those that begin in a repository, and those that lead to one are each a range. Rollup
 * writes them (`rollup/ConnectionUpdates.ts`).
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `connections/by-source` | `<source> <target>` | `latest`, `counts`; and what the counts are made of |
 * | `connections/by-target` | `<target> <source>` | `latest`, `counts` |
 *
 * Each is one partition, as the list of all runs is. An item expires with the facts of its latest run.
 */
import { Effect, Option, Schema } from "effect"
import type { RepositoryName } from "../domain/Names.ts"
import { repositoryKey } from "../domain/Names.ts"
import { connectionKey, type Ends, LatestOnConnection } from "../domain/Topology.ts"
import { addConnectionCounts } from "../domain/TopologyFold.ts"
import type { Appended, Key, TableReader } from "../ports/Table.ts"
import { asAttributes, itemDecoder } from "./Items.ts"
import { expiryOf, type Retention } from "./Retention.ts"

/** From which end a connection is looked at. */
export type Side = "source" | "target"

/** Counts without zeros. */
const SparseCounts = Schema.Record(Schema.String, Schema.Int)
/** Minutes of an hour by their two digits. */
export const HourCounts = Schema.Record(Schema.String, SparseCounts)
export type HourCounts = typeof HourCounts.Type

/** What the counts are made of. */
const Parts = Schema.Struct({
  /** The days that count, each without the running hour. */
  days: Schema.Record(Schema.String, SparseCounts),
  /** The running hour: the latest in which anything was counted. */
  hour: Schema.String,
  minutes: HourCounts
})

const Shown = Schema.Struct({ latest: LatestOnConnection, counts: SparseCounts })
/** A connection as it is stored by its source. */
export const StoredConnection = Schema.Struct({ ...Shown.fields, parts: Parts })
export interface StoredConnection extends Schema.Schema.Type<typeof StoredConnection> {}

const decodeShown = itemDecoder(Schema.Struct({ connection: Shown }))
const decodeStored = itemDecoder(Schema.Struct({ connection: StoredConnection }))

const placeOf = (side: Side) => ({ table: "projections", partition: `connections/by-${side}` }) as const
const keyOf = (ends: Ends, side: Side): Key => ({ ...placeOf(side), sort: connectionKey(ends, side) })

/** The items of a connection, by each of its sides. */
export const connectionItems = (
  { parts, ...shown }: StoredConnection,
  kept: Retention
): { readonly [side in Side]: Appended } => {
  const expiresAt = expiryOf(Date.parse(shown.latest.acceptedAt), kept.events)
  const itemOf = (side: Side, connection: object): Appended => ({
    key: keyOf(shown.latest, side),
    attributes: asAttributes({ connection }),
    expiresAt
  })
  return { source: itemOf("source", { ...shown, parts }), target: itemOf("target", shown) }
}

/** What is stored of a connection. One read. */
export const readConnection = Effect.fnUntraced(function* (reader: TableReader, ends: Ends) {
  const item = yield* reader.get(keyOf(ends, "source"))
  return Option.isNone(item) ? undefined : (yield* decodeStored(item.value)).connection
})

/** Which connections to read, in the order of their keys. */
export interface ConnectionRange {
  readonly side: Side
  /** At the end `side`; all, if absent. */
  readonly repository?: RepositoryName
  /** 1 to 1000. */
  readonly limit: number
  readonly cursor?: string
}

/** "0" comes right after the "/" behind a repository. */
const within = (repository: RepositoryName) => ({
  from: `${repositoryKey(repository)}/`,
  to: `${repositoryKey(repository)}0`
})

/** A page of connections with what happened on them. One read. */
export const readConnections = Effect.fnUntraced(function* (reader: TableReader, range: ConnectionRange) {
  const { side, repository, limit, cursor } = range
  const page = yield* reader.query({
    ...placeOf(side),
    limit,
    ...(repository === undefined ? {} : within(repository)),
    ...(cursor === undefined ? {} : { cursor })
  })
  const connections = yield* Effect.forEach(page.items, (item) =>
    Effect.map(decodeShown(item), ({ connection: { latest, counts } }) => ({
      ...latest,
      counts: addConnectionCounts([counts])
    }))
  )
  return { connections, cursor: page.cursor }
})
