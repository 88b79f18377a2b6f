/**
 * Obstacles that were met lately, so that health can name them. Each is one item that expires by itself when it was not met again. In the
 * ledger's table, because every stage may write there:
 *
 * | partition | sort | holds |
 * | --- | --- | --- |
 * | `obstacles` | `<kind>/<subject>` | an obstacle |
 */
import { Effect, Option } from "effect"
import { Obstacle } from "../domain/Obstacle.ts"
import type { Key, Put, TableReader } from "../ports/Table.ts"
import { decodeItem, encodeItem, read } from "./Items.ts"

const place = { table: "ledger", partition: "obstacles" } as const
/** Most obstacles that are read; beyond that it is bad enough. */
const mostRead = 100

const keyOf = ({ kind, subject }: Pick<Obstacle, "kind" | "subject">): Key => ({ ...place, sort: `${kind}/${subject}` })

/** Stores an obstacle until a time, milliseconds since the epoch. A time that has come ends it: that needs no right to delete. */
export const obstacleWrite = (obstacle: Obstacle, until: number): Put => ({
  _tag: "Put",
  key: keyOf(obstacle),
  attributes: encodeItem(Obstacle, obstacle),
  expiresAt: Math.floor(until / 1000)
})

/** The obstacles that stand now, at most {@link mostRead}. One read. */
export const readObstacles = Effect.fnUntraced(function* (reader: TableReader) {
  const { items } = yield* reader.query({ ...place, limit: mostRead })
  return yield* Effect.forEach(items, (item) => Effect.map(decodeItem(item, Obstacle), ({ value }) => value))
})

/** The obstacle of a kind about a subject, if it stands now. One read. */
export const readObstacle = (reader: TableReader, what: Pick<Obstacle, "kind" | "subject">) =>
  Effect.map(
    read(reader, keyOf(what), Obstacle),
    Option.map(({ value }) => value)
  )
