/** Reads who starts whom: ranges of stored connections. */
import { Effect } from "effect"
import type { RepositoryName } from "../domain/Names.ts"
import type { TableError, TableReader } from "../ports/Table.ts"
import { readConnections } from "./Connections.ts"
import { nextCursor, positionOf } from "./Cursor.ts"
import type { Paging, TopologyQueries } from "./DashboardQueries.ts"
import { isKnown } from "./KnownRepositories.ts"

/** Most connections of a page, and most of a repository at one of its ends. */
const most = 500
/** The list of all connections, for its cursors. */
const everywhere = "connections"

/** Who starts whom, over a reader. */
export const makeTopology = (reader: TableReader): TopologyQueries => {
  const connections = Effect.fn("Topology.connections")(function* ({ limit, cursor }: Paging) {
    const asked = Math.min(Math.max(Math.trunc(limit), 1), most)
    const position = yield* positionOf(everywhere, cursor)
    const range = { side: "source", limit: asked, ...(position === undefined ? {} : { cursor: position }) } as const
    const page = yield* readConnections(reader, range)
    return { connections: page.connections, cursor: nextCursor(everywhere, page.cursor) }
  })

  const neighbours = Effect.fn("Topology.neighbours")(function* (repository: RepositoryName) {
    const starts = yield* readConnections(reader, { side: "source", repository, limit: most })
    const startedBy = yield* readConnections(reader, { side: "target", repository, limit: most })
    const isConnected = starts.connections.length > 0 || startedBy.connections.length > 0
    return {
      known: isConnected || (yield* isKnown(reader, repository)),
      starts: starts.connections,
      startedBy: startedBy.connections,
      moreStarts: starts.cursor !== undefined,
      moreStartedBy: startedBy.cursor !== undefined
    }
  }) satisfies (repository: RepositoryName) => Effect.Effect<unknown, TableError>

  return { connections, neighbours }
}
