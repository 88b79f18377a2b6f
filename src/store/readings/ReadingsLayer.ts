/** Readings over the Table, of which they get no more than its reading half. */
import { Effect, Layer } from "effect"
import { Table, type TableReader } from "../../ports/Table.ts"
import { Readings } from "../Readings.ts"
import { makeFigures } from "./Figures.ts"
import { makeLists } from "./Lists.ts"

const make = (reader: TableReader): Readings["Service"] => ({ ...makeFigures(reader), ...makeLists(reader) })

/** Readings of whatever table there is. */
export const layer: Layer.Layer<Readings, never, Table> = Layer.effect(
  Readings,
  Effect.map(Table, ({ get, query }) => make({ get, query }))
)
