/** What ledger items look like, and how they are read and written. An item that does not decode is a bug, so it is a defect. */
import { Clock, Effect, Option, Schema, SchemaTransformation } from "effect"
import { Chain, Order, OrderId, TargetKey } from "../domain/Order.ts"
import { Outcome } from "../domain/Outcome.ts"
import { RunResult } from "../domain/RunResult.ts"
import { RunKey, runKey, SourceRun } from "../domain/SourceRun.ts"
import {
  type Attributes,
  absent,
  atVersion,
  type Condition,
  type Item,
  type Key,
  type TableReader
} from "../ports/Table.ts"
import { retentionDays } from "./Keys.ts"

/** Milliseconds since the epoch. */
const Millis = Schema.Int

/** When an order may have started its workflow: from before the first request until the latest was given up. GitHub's time. */
const Doubt = Schema.Struct({ since: Millis, until: Millis })

/** A result of the run that an order started, and when it was stored. */
export const StoredResult = Schema.Struct({ result: RunResult, at: Millis })
export interface StoredResult extends Schema.Schema.Type<typeof StoredResult> {}

/**
 * Where an order stands.
 * - `Planned`: it is not over. Whether it has a claim is in the in-flight item of its target workflow, which says all about the claim. With a
 *   `doubt`, what it started before is unknown, and a replay opened it once more.
 * - `Claimed`: the same, as earlier versions stored it with a claim.
 * - `Settled`: it is over. With a `doubt` where GitHub refused to say what was started; with the results of what it started, one for each
 *   attempt, in the order in which they came.
 */
export const OrderState = Schema.TaggedUnion({
  Planned: { doubt: Schema.optionalKey(Doubt) },
  Claimed: {},
  Settled: {
    outcome: Outcome,
    at: Millis,
    doubt: Schema.optionalKey(Doubt),
    results: Schema.optionalKey(Schema.Array(StoredResult))
  }
})
export type OrderState = typeof OrderState.Type

const runOfDelivery = SchemaTransformation.transform({
  decode: (stored: RunKey | SourceRun) => (typeof stored === "string" ? stored : runKey(stored)),
  encode: (run: RunKey): RunKey | SourceRun => run
})
/** `delivery/…`: which run. Earlier versions stored how that was accepted. */
export const DeliveryItem = Schema.Struct({
  run: Schema.Union([RunKey, SourceRun]).pipe(Schema.decodeTo(Schema.toType(RunKey), runOfDelivery))
})
/**
 * Orders that were stored before they carried their chain: one of their own run, as deep as it is long. Their order's parent is not known.
 */
const StoredOrder = Schema.Struct({
  ...Order.fields,
  chain: Schema.optionalKey(Chain),
  lineage: Schema.optionalKey(Schema.Array(TargetKey))
})
const orderOfStored = SchemaTransformation.transform({
  decode: ({ lineage = [], chain, ...order }: typeof StoredOrder.Type): Order => ({
    ...order,
    chain: chain ?? { root: runKey(order.run), depth: Math.max(1, lineage.length), parent: null, lineage }
  }),
  encode: (order: Order): typeof StoredOrder.Type => order
})
/** `order/…` */
export const OrderItem = Schema.Struct({
  order: StoredOrder.pipe(Schema.decodeTo(Schema.toType(Order), orderOfStored)),
  state: OrderState,
  /** Present where it was the only order of a plan that was complete: the run is over with it, unless a replay planned more. */
  only: Schema.optionalKey(Schema.Literal(true))
})
/** How far an order is, without the order. */
export const OrderStage = Schema.Struct({ state: Schema.Struct({ _tag: Schema.String }) })
/** `replays`: the generation of the latest. */
export const ReplaysItem = Schema.Struct({ generation: Schema.Int })
/** `started/…`: which order. */
export const OrderPointer = Schema.Struct({ run: RunKey, order: OrderId })
/** `awaited/…`: the order whose result is waited for, and how often GitHub was asked for it. */
export const AwaitedItem = Schema.Struct({ ...OrderPointer.fields, asked: Schema.Int })
/**
 * The hold of an order on its target workflow. Times are GitHub's.
 *
 * It lasts as long as the order is stored in this `version`: what settles or releases the order, or takes its claim over, writes another.
 * `since` is before its first request, `asked` when the latest one was given up (null: none was), `leaseUntil` the end of the claim's
 * lease (0: given back). `confirmed` is whether GitHub said that it started a run, without naming the run.
 */
export const Hold = Schema.Struct({
  run: RunKey,
  order: OrderId,
  /** Absent in what earlier versions stored, which ended a hold with its order. */
  version: Schema.optionalKey(Schema.Int),
  ref: Schema.String,
  since: Millis,
  asked: Schema.NullOr(Millis),
  leaseUntil: Millis,
  confirmed: Schema.Boolean
})
export interface Hold extends Schema.Schema.Type<typeof Hold> {}
const LatestHold = Schema.Struct({ hold: Schema.NullOr(Hold) })
/** Their readers fail at what this version stores: they would take a hold that is over for one in doubt. */
const EarlierHold = Schema.Struct({ holder: Schema.NullOr(Hold) })
/**
 * `in-flight/…`: the latest hold on the target workflow. It stays when it is over, so that the item's version only ever grows: a worker that
 * slept through the end of its claim cannot take a later hold for its own. By its end, 90 days after it, the order is gone, too.
 */
export const InFlightItem = Schema.Union([LatestHold, EarlierHold]).pipe(
  Schema.decodeTo(
    Schema.toType(LatestHold),
    SchemaTransformation.transform({
      decode: (stored): typeof LatestHold.Type => ("hold" in stored ? stored : { hold: stored.holder }),
      encode: (latest): typeof LatestHold.Type | typeof EarlierHold.Type => latest
    })
  )
)

/** A decoded item and the version to write it back against. */
export interface Versioned<A> {
  readonly value: A
  readonly version: number
}

/** That an item is as it was read; undefined: that there is none. */
export const unchangedSince = (seen: Versioned<unknown> | undefined): Condition =>
  seen === undefined ? absent : atVersion(seen.version)

/** Reads and decodes one item. */
export const read = Effect.fnUntraced(function* <A>(table: TableReader, key: Key, schema: Schema.Codec<A, unknown>) {
  const item = yield* table.get(key)
  return Option.isNone(item) ? Option.none<Versioned<A>>() : Option.some(yield* decodeItem(item.value, schema))
})

/** Decodes an item that was read. */
export const decodeItem = <A>(item: Item, schema: Schema.Codec<A, unknown>): Effect.Effect<Versioned<A>> =>
  Schema.decodeUnknownEffect(schema)(item.attributes).pipe(
    Effect.map((value) => ({ value, version: item.version })),
    Effect.mapError((error) => new Error(`ledger item ${item.key.partition} ${item.key.sort}: ${error.message}`)),
    Effect.orDie
  )

/** Encodes a value as the attributes of an item. Everything the ledger keeps is a JSON object by construction. */
export const encodeItem = <A>(schema: Schema.Codec<A, unknown>, value: A): Attributes =>
  Schema.encodeSync(schema)(value) as Attributes

/** When something written now may be forgotten, in seconds since the epoch. */
export const expiryAfter = (days: number): Effect.Effect<number> =>
  Effect.map(Clock.currentTimeMillis, (now) => Math.ceil(now / 1000) + days * 86_400)
/** When most of what is written now may be forgotten. */
export const retention = expiryAfter(retentionDays)
