/** What the items of projections look like, and how they are read. An item that does not decode is a bug, so it is a defect. */
import { Effect, Schema, Struct } from "effect"
import type { Sums } from "../../domain/Figures.ts"
import { RepositoryName } from "../../domain/Names.ts"
import { TargetKey } from "../../domain/Order.ts"
import { Scope } from "../../domain/Scope.ts"
import { RunKey } from "../../domain/SourceRun.ts"
import { DeliveryRow, Kpi, Leaderboard, StalledWork } from "../../domain/Views.ts"
import type { Attributes, Item } from "../../ports/Table.ts"

/** `minute/…`, `hour/…`, `day/…`: how much was added, by attribute name. They are only ever added to, so all are numbers. */
export const asSums = (attributes: Attributes): Sums => attributes as Sums

/** `deliveries…`: what every fact of the delivery tells, what only its acceptance tells, and its counters. */
export const DeliveryItem = Schema.Struct({
  ...Struct.omit(DeliveryRow.fields, ["counts", "branch", "conclusion", "runUrl"]),
  branch: Schema.optionalKey(DeliveryRow.fields.branch),
  conclusion: Schema.optionalKey(DeliveryRow.fields.conclusion),
  runUrl: Schema.optionalKey(DeliveryRow.fields.runUrl)
})
/** `open/…`: work whose end was not told yet; `targetKey` is null for deliveries. */
export const OpenItem = Schema.Struct({
  ...StalledWork.fields,
  run: RunKey,
  targetKey: Schema.NullOr(TargetKey),
  generation: Schema.Int
})
export interface OpenItem extends Schema.Schema.Type<typeof OpenItem> {}
/** `known/…` */
export const KnownItem = Schema.Struct({ name: RepositoryName })
/** `active`: the hour in which something was last recorded for the scope, and the minute in which something late was. */
export const ActiveItem = Schema.Struct({
  scope: Scope,
  hour: Schema.String,
  late: Schema.optionalKey(Schema.String)
})
export interface ActiveItem extends Schema.Schema.Type<typeof ActiveItem> {}
/** `figures/…` */
export const FiguresItem = Schema.Struct(Struct.omit(Kpi.fields, ["updatedAt"]))
/** `leaderboard/…` */
export const LeaderboardItem = Schema.Struct(Struct.omit(Leaderboard.fields, ["updatedAt"]))
export interface LeaderboardItem extends Schema.Schema.Type<typeof LeaderboardItem> {}
/** `rollup` `tick`; milliseconds since the epoch. */
export const TickItem = Schema.Struct({ at: Schema.Int })

/** Decodes items with `schema`. */
export const decoder = <A>(schema: Schema.Codec<A, unknown>) => {
  const decode = Schema.decodeUnknownEffect(schema)
  return ({ attributes, key }: Item): Effect.Effect<A> =>
    decode(attributes).pipe(
      Effect.mapError((error) => new Error(`projection ${key.partition} ${key.sort}: ${error.message}`)),
      Effect.orDie
    )
}

/** A value as the attributes of an item. What projections keep is plain JSON by construction. */
export const asAttributes = (value: object): Attributes => value as Attributes
