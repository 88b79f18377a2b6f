/** How items of read models are read and written. An item that does not decode is a bug, so it is a defect. */
import { Effect, Schema } from "effect"
import type { Attributes, Item } from "../ports/Table.ts"

/** Decodes items with `schema`. */
export const itemDecoder = <A>(schema: Schema.Codec<A, unknown>) => {
  const decode = Schema.decodeUnknownEffect(schema)
  return ({ attributes, key }: Item): Effect.Effect<A> =>
    decode(attributes).pipe(
      Effect.mapError((error) => new Error(`${key.table} ${key.partition} ${key.sort}: ${error.message}`)),
      Effect.orDie
    )
}

/** A value as the attributes of an item. What read models keep is plain JSON by construction. */
export const asAttributes = (value: object): Attributes => value as Attributes
