/**
 * Who starts whom: what the latest run says of each connection, once by its source and once by its target, so that all of them, those that
 * begin in a repository, and those that lead to one are each a range.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `connections/source` | `<source> <target>` | what the latest run says, folded |
 * | `connections/target` | `<target> <source>` | the same |
 *
 * `connections/source` is one partition, as the list of all runs is. The pair that guards an item is not that of its fold, but says which of
 * several runs has the last word (`precedenceOf`).
 */
import { Effect } from "effect"
import type { RepositoryName } from "../domain/Names.ts"
import { repositoryKey } from "../domain/Names.ts"
import { foldVersion } from "../domain/RunFold.ts"
import { connectionKey, LatestOnConnection } from "../domain/Topology.ts"
import { type FoldedConnection, type Precedence, precedenceOf } from "../domain/TopologyFold.ts"
import type { Appended, TableReader } from "../ports/Table.ts"
import { asAttributes, itemDecoder } from "./Items.ts"
import { readConnectionCounts } from "./rollup/ConnectionCounts.ts"

const sides = ["source", "target"] as const
/** From which end a connection is looked at. */
export type Side = (typeof sides)[number]

const placeOf = (side: Side) => ({ table: "projections", partition: `connections/${side}` }) as const

/** What a run says of a connection, at both sides, each with the pair that guards it. */
export const connectionItems = (
  folded: FoldedConnection
): ReadonlyArray<Pick<Appended, "key" | "attributes"> & { readonly pair: Precedence }> =>
  sides.map((side) => ({
    key: { ...placeOf(side), sort: connectionKey(folded.latest, side) },
    attributes: asAttributes(folded.latest),
    pair: precedenceOf(folded, foldVersion)
  }))

const decodeLatest = itemDecoder(LatestOnConnection)

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
