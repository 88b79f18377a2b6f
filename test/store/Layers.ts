/** The stores that tests of records and readings run on. */
import { Layer } from "effect"
import * as Sqlite from "../../src/adapters/local/Sqlite.ts"
import { layerTable } from "../../src/adapters/local/SqliteTable.ts"
import type { Table } from "../../src/ports/Table.ts"
import { layerMemory } from "../../src/ports/TableMemory.ts"
import type { Readings } from "../../src/store/Readings.ts"
import * as Recorder from "../../src/store/Recorder.ts"
import * as ReadingsLayer from "../../src/store/readings/ReadingsLayer.ts"
import { type Spy, spied } from "./SpiedTable.ts"

type Stores = Layer.Layer<Table | Spy | Recorder.Recorder | Readings>

const stores = (table: Layer.Layer<Table, unknown>): Stores =>
  Layer.mergeAll(Recorder.layer, ReadingsLayer.layer).pipe(Layer.provideMerge(Layer.orDie(spied(table))))

/** Everything over a watched Table in memory, and on SQLite. */
export const layers: Readonly<Record<"memory" | "SQLite", Stores>> = {
  memory: stores(layerMemory),
  SQLite: stores(Layer.provide(layerTable, Sqlite.layer(":memory:")))
}
