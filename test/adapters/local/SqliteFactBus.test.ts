import { Layer } from "effect"
import { layerQueue } from "../../../src/adapters/local/QueueFactBus.ts"
import * as Sqlite from "../../../src/adapters/local/Sqlite.ts"
import { layerQueues } from "../../../src/adapters/local/SqliteQueue.ts"
import { factBusContract, layerQueueRecorder } from "../../../src/testing/contracts/FactBus.ts"
import { testTime } from "../../../src/testing/contracts/Time.ts"

const throughSqlite = Layer.merge(layerQueue, layerQueueRecorder).pipe(
  Layer.provide(layerQueues),
  Layer.provide(Sqlite.layer(":memory:"))
)
factBusContract("through a queue on SQLite", throughSqlite, testTime)
