/**
 * Where we keep things: a partitioned key-value table with conditional writes, atomic adds, range queries and transactions.
 *
 * The shape is what DynamoDB, SQLite and a `Map` can all do alike; `src/testing/contracts/Table.ts` holds every layer to it.
 * There is no scan: whatever is read is read by key, or as a range of one partition.
 */
import { Context, Effect, type Option, Schema } from "effect"

/** One table for the ledger (claims, runs, deliveries), one for the event log, one for projections. */
export const tableNames = ["ledger", "events", "projections"] as const
/** One of {@link tableNames}. */
export type TableName = (typeof tableNames)[number]

/** The address of an item. `sort` orders the items of a partition by UTF-8 bytes. */
export interface Key {
  readonly table: TableName
  readonly partition: string
  readonly sort: string
}

/** What an item holds: a JSON object. */
export type Attributes = { readonly [name: string]: Schema.Json }

/** A stored item. `version` starts at 1 and grows by one with every write, but for {@link Appended} and {@link notNewer}. */
export interface Item {
  readonly key: Key
  readonly version: number
  readonly attributes: Attributes
  /** Whole seconds since the epoch; from then on the item is gone. */
  readonly expiresAt: number | undefined
}

/** The condition of what gives way to what is newer. */
export interface NotNewer {
  readonly _tag: "NotNewer"
  readonly fold: number
  readonly facts: number
}
/** What must hold for a write to happen. */
export type Condition =
  | { readonly _tag: "Absent" }
  | { readonly _tag: "Present" }
  | { readonly _tag: "Version"; readonly version: number }
  | NotNewer
  | { readonly _tag: "Token"; readonly token: string }

/** Nothing may be stored under the key. */
export const absent: Condition = { _tag: "Absent" }
/** Something must be stored under the key. */
export const present: Condition = { _tag: "Present" }
/** Exactly this version must be stored under the key. */
export const atVersion = (version: number): Condition => ({ _tag: "Version", version })
/**
 * What is stored under the key, if anything, has no greater pair of the attributes `fold` and `facts`; an item without them is smaller.
 * For single puts and appended items only. The item has version 1 afterwards: the pair guards it, not the version.
 */
export const notNewer = (fold: number, facts: number): NotNewer => ({ _tag: "NotNewer", fold, facts })
/** What is stored under the key has this attribute `token`. For single deletes only. */
export const withToken = (token: string): Condition => ({ _tag: "Token", token })

/** Replaces the whole item. */
export interface Put {
  readonly _tag: "Put"
  readonly key: Key
  readonly attributes: Attributes
  readonly condition?: Condition
  /** Whole seconds since the epoch; absent: the item stays. */
  readonly expiresAt?: number
}
/** Sets and adds to single attributes; creates the item where there is none. An added attribute that is absent counts as 0. */
export interface Update {
  readonly _tag: "Update"
  readonly key: Key
  readonly set?: Attributes
  readonly add?: { readonly [name: string]: number }
  readonly condition?: Condition
  /** Whole seconds since the epoch; absent: stays as it is. */
  readonly expiresAt?: number
}
/** Replaces the whole item, unless it gives way to what is newer, which is no failure; it has version 1 afterwards. */
export interface Appended extends Omit<Put, "_tag" | "condition"> {
  readonly condition?: NotNewer
}
/** Removes the item; removing what is not there is no error unless a condition says so. */
export interface Delete {
  readonly _tag: "Delete"
  readonly key: Key
  readonly condition?: Condition
}
/** One change of one item. */
export type Write = Put | Update | Delete

/** A range of one partition, in key order. */
export interface Query {
  readonly table: TableName
  readonly partition: string
  /** Least sort key, inclusive. */
  readonly from?: string
  /** Greatest sort key, inclusive. */
  readonly to?: string
  /** At most this many items, 1 to 1000. */
  readonly limit: number
  /** Where the page before ended, as that page gave it. */
  readonly cursor?: string
  readonly direction?: "ascending" | "descending"
}
/** A part of what a query asks for. */
export interface Page {
  readonly items: ReadonlyArray<Item>
  /** Present exactly if more items may follow. */
  readonly cursor: string | undefined
}

/**
 * What a write survives once it is answered, where the table is on the machine itself; on DynamoDB every write is on several machines.
 * - `synced`: the loss of power. For what a caller outside acts on, and for what is written before something outside is asked for.
 * - `ordered`: the death of the process. A loss of power undoes it only together with everything that was written later, queues
 *   included, so that the message that led to it is there again.
 */
export type Durability = "synced" | "ordered"
/** How durable the writes of an effect have to be; `synced` where nothing else is said. */
export const Durability = Context.Reference<Durability>("dispatcher/ports/Table/Durability", {
  defaultValue: () => "synced"
})
/** Writes that a message in hand would bring again. */
export const ordered = Effect.provideService(Durability, "ordered")

/** A condition did not hold; nothing was written. */
export class ConditionFailed extends Schema.TaggedError<ConditionFailed>()("ConditionFailed", {
  /** The writes whose conditions failed, by their position in the transaction (0 for single writes). */
  failed: Schema.Array(Schema.Int)
}) {
  override get message() {
    return `the condition of write ${this.failed.join(", ")} did not hold; nothing was written`
  }
}

/**
 * The store is busy or another writer writes the same items right now. The layer has tried again for as long as an operation may take, so
 * the caller does not, before whole stages are repeated.
 */
export class Throttled extends Schema.TaggedError<Throttled>()("Throttled", { message: Schema.String }) {}
/** The store cannot be reached, or failed; what was asked for may have been done. */
export class TableUnavailable extends Schema.TaggedError<TableUnavailable>()("Unavailable", {
  message: Schema.String
}) {}
/** The request can never succeed: an item that is too large, a cursor that no page gave. */
export class Invalid extends Schema.TaggedError<Invalid>()("Invalid", { message: Schema.String }) {}

/** The table did not do what was asked, for another reason than a condition. */
export class TableError extends Schema.TaggedError<TableError>()("TableError", {
  operation: Schema.String,
  reason: Schema.Union([Throttled, TableUnavailable, Invalid])
}) {
  override get message() {
    return `table ${this.operation}: ${this.reason._tag}: ${this.reason.message}`
  }
}

/** Largest item: its attributes as UTF-8 JSON. DynamoDB's limit is 400 KB with names, keys and its own encoding. */
export const maxItemBytes = 350 * 1024

/** Most writes of one transaction (DynamoDB TransactWriteItems: 100). */
export const maxTransactionWrites = 100

/** Reads by key and by range: all that a reader of projections ever gets. Reads see every write that was answered. */
export interface TableReader {
  /** The item under a key, unless there is none or it has expired. */
  readonly get: (key: Key) => Effect.Effect<Option.Option<Item>, TableError>
  /** A page of a range. */
  readonly query: (query: Query) => Effect.Effect<Page, TableError>
}

/** The table. Writes are durable when they are answered, as {@link Durability} says; appended items are `ordered`. */
export class Table extends Context.Service<
  Table,
  TableReader & {
    /** One write. */
    readonly write: (write: Write) => Effect.Effect<void, ConditionFailed | TableError>
    /** All writes or none, at most {@link maxTransactionWrites}, each on another item. */
    readonly transact: (writes: ReadonlyArray<Write>) => Effect.Effect<void, ConditionFailed | TableError>
    /**
     * Puts any number of items, not atomically: where it fails, some may be stored. Those with a condition are stored before any other; apart from
     * that there is no promised order. Of several without a condition for one key the last one is stored. On DynamoDB the cheapest way to
     * write: one request for 25 items without a condition, or for one that has one.
     */
    readonly append: (items: ReadonlyArray<Appended>) => Effect.Effect<void, TableError>
  }
>()("dispatcher/ports/Table") {}

/** All items of a range that is known to be bounded; one read for each 1000 of them. Never for an answer of the dashboard. */
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

/** Whether a conditional write was made: false where its condition did not hold. */
export const isWritten = <E, R>(write: Effect.Effect<void, ConditionFailed | E, R>): Effect.Effect<boolean, E, R> =>
  Effect.matchEffect(write, {
    onSuccess: () => Effect.succeed(true),
    onFailure: (error) => (error instanceof ConditionFailed ? Effect.succeed(false) : Effect.fail(error))
  })

/** A write without a condition, of which none can fail. */
export const unconditional = <E, R>(write: Effect.Effect<void, ConditionFailed | E, R>): Effect.Effect<void, E, R> =>
  Effect.catchIf(write, (error): error is ConditionFailed => error instanceof ConditionFailed, Effect.die)
