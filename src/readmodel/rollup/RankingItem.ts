/**
 * How a page of a ranking is stored: `asOf`, and as `packed` how much there is, and of each row its scope and a list of numbers
 * (`PackedFigures.ts`). Which page it is says its key. Versions before stored pages as they are answered, without zeros.
 */
import { Effect, Schema } from "effect"
import { Leaderboard, Quantiles, RankedScope, RankedWindow, Ranking } from "../../domain/Answers.ts"
import { packRow, unpackRow } from "../../domain/PackedFigures.ts"
import { Names, NumberList } from "../../domain/PackedNumbers.ts"
import { Scope } from "../../domain/Scope.ts"
import { wholeCounts } from "../../domain/Tally.ts"
import { noQuantiles } from "../../domain/WindowFigures.ts"
import type { Attributes, Item, Key } from "../../ports/Table.ts"
import { asAttributes, itemDecoder } from "../Items.ts"

const Packed = Schema.Struct({
  asOf: Schema.String,
  packed: Schema.Struct({
    pages: Schema.Int,
    total: Schema.Int,
    names: Schema.String,
    rows: Schema.Array(Schema.Tuple([Scope, NumberList]))
  })
})
const Counts = Schema.Record(Schema.String, Schema.Int)
const Older = Schema.Struct({
  ...Leaderboard.fields,
  rows: Schema.Array(
    Schema.Struct({
      ...RankedScope.fields,
      counts: Counts,
      previous: Counts,
      // Those that did not rank results had neither of these.
      resultRate: Schema.optionalKey(Schema.Finite),
      completion: Schema.optionalKey(Quantiles)
    })
  )
})
const decodePacked = itemDecoder(Packed)
const decodeOlder = itemDecoder(Older)

const prefix = "rankings/"
/** The partition of a window's rankings. */
export const partitionOf = (window: RankedWindow): string => `${prefix}${window}`
/** The key of a page, from 0. */
export const pageKey = (window: RankedWindow, ranking: Ranking, page: number): Key => ({
  table: "projections",
  partition: partitionOf(window),
  sort: `${ranking}/${String(page).padStart(4, "0")}`
})
const decodeWindow = Schema.decodeUnknownSync(RankedWindow)
const decodeRanking = Schema.decodeUnknownSync(Ranking)
const placeOf = ({ partition, sort }: Key) => {
  const [ranking, page] = sort.split("/")
  return {
    window: decodeWindow(partition.slice(prefix.length)),
    ranking: decodeRanking(ranking),
    page: Number(page)
  }
}

/** The attributes of a page. */
export const packPage = ({ asOf, pages, total, rows }: Leaderboard): Attributes => {
  const names = new Names()
  const packed = rows.map((row) => [row.scope, packRow(names, row)])
  return asAttributes({ asOf, packed: { pages, total, names: names.text, rows: packed } })
}

const unpack = (key: Key, { asOf, packed: { pages, total, names, rows } }: typeof Packed.Type): Leaderboard => ({
  ...{ ...placeOf(key), asOf, pages, total },
  rows: rows.map(([scope, list]) => unpackRow(scope, list, names))
})

const unpackOlder = ({ rows, ...page }: typeof Older.Type): Leaderboard => ({
  ...page,
  rows: rows.map((row) => ({
    ...row,
    counts: wholeCounts(row),
    previous: wholeCounts({ counts: row.previous }),
    resultRate: row.resultRate ?? null,
    completion: row.completion ?? noQuantiles
  }))
})

/** A stored page. */
export const decodePage = (item: Item): Effect.Effect<Leaderboard> =>
  item.attributes.packed === undefined
    ? Effect.map(decodeOlder(item), unpackOlder)
    : Effect.map(decodePacked(item), (page) => unpack(item.key, page))
