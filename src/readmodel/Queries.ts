/** The dashboard's queries over the Table, of which they get no more than its reading half. */
import { Effect, Layer } from "effect"
import { Table } from "../ports/Table.ts"
import { DashboardQueries } from "./DashboardQueries.ts"
import { makeFigureQueries } from "./FigureReadings.ts"
import { makeLists } from "./Lists.ts"
import { makeTopology } from "./Topology.ts"

/** Queries of whatever table there is. */
export const layer: Layer.Layer<DashboardQueries, never, Table> = Layer.effect(
  DashboardQueries,
  Effect.map(Table, ({ get, query }) => ({
    ...makeFigureQueries({ get, query }),
    ...makeLists({ get, query }),
    ...makeTopology({ get, query })
  }))
)
