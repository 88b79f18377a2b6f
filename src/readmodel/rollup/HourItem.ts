/**
 * How an hour of a scope is stored: `asOf`, and as `packed` its total and its minutes as lists of numbers (`PackedTally.ts`), the first number of
 * a minute's list being the minute. Versions before stored `total` and `minutes` as tallies, with their quantiles beside them.
 */
import { Effect, Schema } from "effect"
import { Quantiles } from "../../domain/Answers.ts"
import type { Minutes } from "../../domain/HourSums.ts"
import { Names, NumberList } from "../../domain/PackedNumbers.ts"
import { packTally, type Unpacked, unpackTally } from "../../domain/PackedTally.ts"
import { Tally } from "../../domain/Tally.ts"
import type { Attributes, Item } from "../../ports/Table.ts"
import { asAttributes, itemDecoder } from "../Items.ts"

const Packed = Schema.Struct({
  asOf: Schema.String,
  packed: Schema.Struct({ names: Schema.String, total: NumberList })
})
const PackedMinutes = Schema.Struct({ packed: Schema.Struct({ minutes: Schema.Array(NumberList) }) })
const decodePacked = itemDecoder(Packed)
const decodePackedMinutes = Schema.decodeUnknownSync(PackedMinutes)

const Sum = Schema.Struct({
  ...Tally.fields,
  quantiles: Schema.optionalKey(Quantiles),
  completionQuantiles: Schema.optionalKey(Quantiles)
})
const decodeTotal = itemDecoder(Schema.Struct({ asOf: Schema.String, total: Sum }))
const decodeMinutes = Schema.decodeUnknownSync(Schema.Struct({ minutes: Schema.Record(Schema.String, Sum) }))

/** An hour as it is stored, by minute in the order of time. Most are read for their total, so the minutes are decoded when they are needed. */
export interface HourItem {
  readonly asOf: string
  readonly total: Unpacked
  readonly minutes: () => ReadonlyMap<string, Unpacked>
  /** An earlier version stored it. */
  readonly isOlder: boolean
}

const inOrder = (minutes: ReadonlyArray<readonly [string, Unpacked]>): ReadonlyMap<string, Unpacked> =>
  new Map(minutes.toSorted(([a], [b]) => (a < b ? -1 : 1)))

const unpackSum = ({ quantiles, completionQuantiles, ...tally }: typeof Sum.Type): Unpacked => ({
  tally: () => tally,
  figures: () => ({
    counts: tally.counts,
    ...(quantiles === undefined ? {} : { elapsed: quantiles }),
    ...(completionQuantiles === undefined ? {} : { completion: completionQuantiles })
  })
})

const decodeOlder = (item: Item): Effect.Effect<HourItem> =>
  Effect.map(decodeTotal(item), ({ asOf, total }) => ({
    ...{ asOf, total: unpackSum(total), isOlder: true },
    minutes: () =>
      inOrder(
        Object.entries(decodeMinutes(item.attributes).minutes).map(([minute, sum]) => [
          `${item.key.sort}:${minute}`,
          unpackSum(sum)
        ])
      )
  }))

/** A stored hour. */
export const decodeHour = (item: Item): Effect.Effect<HourItem> => {
  if (item.attributes.packed === undefined) return decodeOlder(item)
  return Effect.map(decodePacked(item), ({ asOf, packed: { names, total } }) => {
    return {
      ...{ asOf, total: unpackTally(total, names), isOlder: false },
      minutes: () =>
        inOrder(
          decodePackedMinutes(item.attributes).packed.minutes.map(([minute = 0, ...list]) => [
            `${item.key.sort}:${String(minute).padStart(2, "0")}`,
            unpackTally(list, names)
          ])
        )
    }
  })
}

/** The attributes of an hour at a moment. */
export const packHour = (total: Tally, minutes: Minutes, asOf: string): Attributes => {
  const names = new Names()
  const packed = {
    total: packTally(names, total),
    minutes: [...minutes].map(([minute, tally]) => [Number(minute.slice(14)), ...packTally(names, tally)])
  }
  return asAttributes({ asOf, packed: { names: names.text, ...packed } })
}
