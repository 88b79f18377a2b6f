/**
 * One machine, one process: `Table` and the queues in one SQLite file (`node:sqlite`), `ConfigSource` from a folder.
 *
 * @module dispatcher/local
 */

/** `ConfigSource` from a folder of `owner/name/dispatching.yml`. */
export * as FileConfigSource from "./adapters/local/FileConfigSource.ts"
/** `FactBus` that ends in the recorder’s queue. */
export * as QueueFactBus from "./adapters/local/QueueFactBus.ts"
/** The database that the others are in. */
export * as Sqlite from "./adapters/local/Sqlite.ts"
/** The queues in SQLite. */
export * as SqliteQueue from "./adapters/local/SqliteQueue.ts"
/** `Table` in SQLite. */
export * as SqliteTable from "./adapters/local/SqliteTable.ts"
