/** How items of read models are read and written. An item that does not decode is a bug, so it is a defect. */
import { Effect, Result, Schema } from "effect"
import type { Attributes, Item } from "../ports/Table.ts"

/** Decodes items with `schema`, in one step. */
export const itemDecoder = <A>(schema: Schema.Codec<A, unknown>) => {
  const decode = Schema.decodeUnknownResult(schema)
  return ({ attributes, key }: Item): Effect.Effect<A> =>
    Result.match(decode(attributes), {
      onSuccess: (value) => Effect.succeed(value),
      onFailure: ({ message }) => Effect.die(new Error(`${key.table} ${key.partition} ${key.sort}: ${message}`))
    })
}

/** A value as the attributes of an item. What read models keep is plain JSON by construction. */
export const asAttributes = (value: object): Attributes => value as Attributes

/** Where a run is on github.com, which stored items leave out. */
export const runOnGitHub = (repository: string, run: string): string =>
  `https://github.com/${repository}/actions/runs/${run}`
