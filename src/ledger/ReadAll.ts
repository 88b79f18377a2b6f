/** Reads whole partitions, or ranges of them, however many pages they have. For the few that are bounded, and never for an answer of the dashboard. */
import { Effect } from "effect"
import type { Item, Query, TableError, TableReader } from "../ports/Table.ts"

/** All items of a range; one read per 1000 of them. */
export const readAll = (
  reader: TableReader,
  query: Omit<Query, "limit" | "cursor">,
  cursor?: string
): Effect.Effect<ReadonlyArray<Item>, TableError> =>
  Effect.flatMap(reader.query({ ...query, limit: 1000, ...(cursor === undefined ? {} : { cursor }) }), (page) =>
    page.cursor === undefined
      ? Effect.succeed(page.items)
      : Effect.map(readAll(reader, query, page.cursor), (others) => [...page.items, ...others])
  )
