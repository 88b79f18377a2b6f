/**
 * The figures of a scope for all windows that are made of minutes.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `figures/<kind>` | scope key | figures of 15m, 1h, 24h and 7d; what the cut first hours of 24h and 7d add |
 */
import { Effect, Option, Schema } from "effect"
import type { RankedWindow } from "../../domain/Answers.ts"
import { type Bucket, bucketOf, isoTime } from "../../domain/Bucket.ts"
import { isNothing, partOfHour, sumOfMinutes } from "../../domain/HourSums.ts"
import { packPoint, packWindow, unpackPoint, unpackWindow } from "../../domain/PackedFigures.ts"
import { Names, NumberList } from "../../domain/PackedNumbers.ts"
import { Scope, type ScopeKind, scopeKey } from "../../domain/Scope.ts"
import { granularityOf, minutesOfWindow, type Stretch } from "../../domain/Stretch.ts"
import { rankedWindows } from "../../domain/Vocabulary.ts"
import { PointFigures, pointFigures, WindowFigures, windowFigures } from "../../domain/WindowFigures.ts"
import type { Item, Key, Page, TableReader } from "../../ports/Table.ts"
import { asAttributes, itemDecoder } from "../Items.ts"
import type { Moments } from "./Days.ts"
import type { Hours } from "./Hours.ts"
import type { Overwrite } from "./Overwrite.ts"

const First = Schema.Struct({ hour: Schema.String, point: PointFigures })
export type FirstPoint = typeof First.Type

/** The figures of a scope. A window without anything is absent. */
export const ScopeFigures = Schema.Struct({
  scope: Scope,
  /** The end of the windows. */
  asOf: Schema.String,
  /** Up to when all is in them, where that is less: not all was folded by then. */
  right: Schema.optionalKey(Schema.String),
  windows: Schema.Record(Schema.String, WindowFigures),
  /** For windows whose points are hours: the hour that the window's start cuts, with what of it is within. */
  firsts: Schema.optionalKey(Schema.Record(Schema.String, First))
})
export interface ScopeFigures extends Schema.Schema.Type<typeof ScopeFigures> {}

const partition = (kind: ScopeKind): string => `figures/${kind.toLowerCase()}`
const keyOf = (scope: Scope): Key => ({ table: "projections", partition: partition(scope._tag), sort: scopeKey(scope) })

/** As they are stored, but by earlier versions. */
const Packed = Schema.Struct({
  scope: Scope,
  asOf: Schema.String,
  right: Schema.optionalKey(Schema.String),
  packed: Schema.Struct({
    names: Schema.String,
    windows: Schema.Record(Schema.String, NumberList),
    firsts: Schema.Record(Schema.String, Schema.Struct({ hour: Schema.String, point: NumberList }))
  })
})

const decodeOlder = itemDecoder(ScopeFigures)
const decodePacked = itemDecoder(Packed)

const mapValues = <A, B>(values: Readonly<Record<string, A>>, f: (value: A) => B): Readonly<Record<string, B>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, f(value)]))

const pack = ({ windows, firsts = {}, ...rest }: ScopeFigures): typeof Packed.Type => {
  const names = new Names()
  const lists = {
    windows: mapValues(windows, (figures) => packWindow(names, figures)),
    firsts: mapValues(firsts, ({ hour, point }) => ({ hour, point: packPoint(names, point) }))
  }
  return { ...rest, packed: { names: names.text, ...lists } }
}

const unpack = ({ packed: { names, windows, firsts }, ...rest }: typeof Packed.Type): ScopeFigures => ({
  ...rest,
  windows: mapValues(windows, (list) => unpackWindow(list, names)),
  firsts: mapValues(firsts, ({ hour, point }) => ({ hour, point: unpackPoint(point, names) }))
})

const decode = (item: Item): Effect.Effect<ScopeFigures> =>
  item.attributes.packed === undefined ? decodeOlder(item) : Effect.map(decodePacked(item), unpack)

/** A window made of minutes at a moment. */
export interface WindowAt {
  readonly name: RankedWindow
  readonly within: Stretch
  readonly before: Stretch
  /** The hour that its start cuts, where its points are hours. */
  readonly cutHour: Bucket | undefined
}

/** All windows made of minutes at a moment, milliseconds since the epoch: the same for all scopes of a tick. */
export const windowsAt = (now: number): ReadonlyArray<WindowAt> =>
  rankedWindows.map((name) => {
    const [within, before] = minutesOfWindow(name, now)
    const cutHour = granularityOf(name) === "hour" ? bucketOf("hour", within.first) : undefined
    return { name, within, before, cutHour }
  })

/** The hours of which these windows, or the windows before them, have only a part. */
export const hoursCutBy = (windows: ReadonlyArray<WindowAt>): ReadonlySet<Bucket> =>
  new Set(
    windows.flatMap(({ within, before }) =>
      [within, before].flatMap(({ first, last }) => [bucketOf("hour", first), bucketOf("hour", last)])
    )
  )

const firstOf = (hours: Hours, { name, within, cutHour }: WindowAt): ReadonlyArray<[string, FirstPoint]> => {
  const cut = cutHour === undefined ? undefined : hours.get(cutHour)
  if (cut === undefined || isNothing(cut.total)) return []
  return [[name, { hour: cut.hour, point: pointFigures(partOfHour(cut, within)) }]]
}

/** The write that brings the figures of a scope up to date with its hours of 14 days, in which all is up to a moment. */
export const figuresWrite = (
  scope: Scope,
  hours: Hours,
  windows: ReadonlyArray<WindowAt>,
  { now, right }: Moments
): Overwrite => {
  const figures = windows.flatMap(({ name, ...stretches }) => {
    const within = sumOfMinutes(hours.values(), stretches.within)
    const before = sumOfMinutes(hours.values(), stretches.before)
    return isNothing(within) && isNothing(before) ? [] : [[name, windowFigures(within, before)] as const]
  })
  const key = keyOf(scope)
  if (figures.length === 0) return { _tag: "Delete", key }
  const firsts = windows.flatMap((window) => firstOf(hours, window))
  const value: ScopeFigures = {
    scope,
    asOf: isoTime(now),
    ...(right === now ? {} : { right: isoTime(right) }),
    windows: Object.fromEntries(figures),
    ...(firsts.length === 0 ? {} : { firsts: Object.fromEntries(firsts) })
  }
  // Beyond the longest window and the one before it, what no rollup renews is not right any more.
  return { _tag: "Put", key, attributes: asAttributes(pack(value)), expiresAt: Math.ceil(now / 1000) + 15 * 86_400 }
}

/** The figures of a scope, if anything happened in it lately. One read. */
export const readFigures = Effect.fnUntraced(function* (reader: TableReader, scope: Scope) {
  const item = yield* reader.get(keyOf(scope))
  return Option.isNone(item) ? undefined : yield* decode(item.value)
})

/** A page of 1000 of the figures of a kind. One read. */
export const readKind = Effect.fnUntraced(function* (reader: TableReader, kind: ScopeKind, cursor?: string) {
  const page: Page = yield* reader.query({
    table: "projections",
    partition: partition(kind),
    limit: 1000,
    ...(cursor === undefined ? {} : { cursor })
  })
  return { figures: yield* Effect.forEach(page.items, decode), cursor: page.cursor }
})
