/**
 * Who starts whom: what the latest run says of each connection, once by its source and once by its target, so that all of them, those that
 * begin in a repository, and those that lead to one are each a range.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `connections/source` | `<source> <target>` | what the latest run says, folded |
 * | `connections/target` | `<target> <source>` | the same |
 *
 * `connections/source` is one partition, as the list of all runs is.
 */
import { Effect, Option, Schema } from "effect"
import type { RepositoryName } from "../domain/Names.ts"
import { repositoryKey } from "../domain/Names.ts"
import { foldVersion } from "../domain/RunFold.ts"
import { connectionKey, LatestOnConnection } from "../domain/Topology.ts"
import { type FoldedConnection, saysMore } from "../domain/TopologyFold.ts"
import {
  absent,
  atVersion,
  isWritten,
  type Key,
  Table,
  TableError,
  type TableReader,
  Throttled
} from "../ports/Table.ts"
import { asAttributes, itemDecoder } from "./Items.ts"
import { readConnectionCounts } from "./rollup/ConnectionCounts.ts"

const sides = ["source", "target"] as const
/** From which end a connection is looked at. */
export type Side = (typeof sides)[number]

const placeOf = (side: Side) => ({ table: "projections", partition: `connections/${side}` }) as const

const Said = Schema.Struct({
  run: LatestOnConnection.fields.run,
  acceptedAt: Schema.String,
  fold: Schema.Int,
  facts: Schema.Int
})
const decodeSaid = itemDecoder(Said)
const decodeLatest = itemDecoder(LatestOnConnection)

/** How often what another recorder has written meanwhile is looked at again, before the message is. */
const mostTries = 10

/** Stores what a run says of a connection, unless what is stored says as much or more. */
const writeAt = Effect.fnUntraced(function* (
  key: Key,
  { latest, facts }: FoldedConnection,
  expiresAt: number | undefined
) {
  const table = yield* Table
  const next = { ...latest, fold: foldVersion, facts }
  for (let tries = 0; tries < mostTries; tries++) {
    const stored = yield* table.get(key)
    if (Option.isSome(stored) && !saysMore(next, yield* decodeSaid(stored.value))) return
    const condition = Option.isSome(stored) ? atVersion(stored.value.version) : absent
    const put = { _tag: "Put", key, attributes: asAttributes(next), condition } as const
    if (yield* isWritten(table.write({ ...put, ...(expiresAt === undefined ? {} : { expiresAt }) }))) return
  }
  const message = `${key.partition} ${key.sort} is written by others all the time`
  return yield* new TableError({ operation: "write", reason: new Throttled({ message }) })
})

/**
 * Stores what a run says of its connections, those of which another run says more left out. Two reads, and at most two writes, for each;
 * more only where another recorder writes the same at the same time.
 */
export const writeConnections = Effect.fnUntraced(function* (
  connections: ReadonlyArray<FoldedConnection>,
  expiresAt: number | undefined
) {
  const copies = connections.flatMap((folded) =>
    sides.map((side) => ({ key: { ...placeOf(side), sort: connectionKey(folded.latest, side) }, folded }))
  )
  yield* Effect.forEach(copies, ({ key, folded }) => writeAt(key, folded, expiresAt), { concurrency: 8, discard: true })
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

/** A page of connections with what happened on them. Two reads. */
export const readConnections = Effect.fnUntraced(function* (reader: TableReader, range: ConnectionRange) {
  const { side, repository, limit, cursor } = range
  const page = yield* reader.query({
    ...placeOf(side),
    limit,
    ...(repository === undefined ? {} : within(repository)),
    ...(cursor === undefined ? {} : { cursor })
  })
  const keys = page.items.map(({ key }) => key.sort)
  const counts = yield* readConnectionCounts(reader, side, keys[0] ?? "~", keys.at(-1) ?? "~")
  const connections = yield* Effect.forEach(page.items, (item) =>
    Effect.map(decodeLatest(item), (latest) => ({ ...latest, counts: counts(item.key.sort) }))
  )
  return { connections, cursor: page.cursor }
})
