/**
 * The repositories that can be chosen in filters: those that facts are about.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `known/sources`, `known/targets` | repository | the repository's name |
 */
import { Effect, Option, Schema } from "effect"
import { bucketOf, isoTime } from "../domain/Bucket.ts"
import type { Fact } from "../domain/Fact.ts"
import { RepositoryName, repositoryKey } from "../domain/Names.ts"
import type { Appended, Key, TableError, TableReader } from "../ports/Table.ts"
import { itemDecoder } from "./Items.ts"
import { dayExpiry, type Retention } from "./Retention.ts"

type Side = "sources" | "targets"
const partition = (side: Side): string => `known/${side}`
/** Most repositories of a side that are listed. */
const mostListed = 1000

const keyOf = (side: Side, name: RepositoryName): Key => ({
  table: "projections",
  partition: partition(side),
  sort: repositoryKey(name)
})
const knownPut = (side: Side, name: RepositoryName, day: string, { events }: Retention): Appended => ({
  key: keyOf(side, name),
  attributes: { name },
  expiresAt: dayExpiry(day, events)
})

/** That there are the repositories of a fact, recorded at `now` (milliseconds since the epoch). Once a day is enough. */
export const knownPuts = ({ data }: Fact, now: number, retention: Retention): ReadonlyArray<Appended> => {
  const day = bucketOf("day", isoTime(now))
  const source = knownPut("sources", data.sourceRepository, day, retention)
  return "target" in data ? [source, knownPut("targets", data.target.repository, day, retention)] : [source]
}

const decodeName = itemDecoder(Schema.Struct({ name: RepositoryName }))

/** The repositories of a side, in the order of their names, and whether there are more. One read. */
export const readKnown = Effect.fnUntraced(function* (reader: TableReader, side: Side) {
  const page = yield* reader.query({ table: "projections", partition: partition(side), limit: mostListed })
  const names = yield* Effect.forEach(page.items, (item) => Effect.map(decodeName(item), ({ name }) => name))
  return { names, more: page.cursor !== undefined }
})

/** Whether facts are about the repository, in any spelling of its name. Two reads. */
export const isKnown = (reader: TableReader, name: RepositoryName): Effect.Effect<boolean, TableError> =>
  Effect.map(
    Effect.forEach(["sources", "targets"] as const, (side) => reader.get(keyOf(side, name))),
    (items) => items.some(Option.isSome)
  )
