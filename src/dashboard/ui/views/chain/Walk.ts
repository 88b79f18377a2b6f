/** Which cards of a chain are seen, and where the arrow keys lead: along the edges, and up and down in a column. */
import type { ChainItem } from "./Tree.ts"

/** The cards below one: those that are seen, and the rest that merely succeeded, folded. */
export interface Folded {
  readonly seen: ReadonlyArray<ChainItem>
  readonly folded: ReadonlyArray<ChainItem>
  /** How many of those that are seen were unfolded, and can be folded again. */
  readonly unfolded: number
}

/** More siblings that merely succeeded than `most` are folded to the first few; below a card of which nothing else can be said, to none. */
const usualFold = { most: 6, seen: 2 } as const
const quietFold = { most: 3, seen: 0 } as const

/** What is seen below a card of this level, that of the first run being 1; all of it once it is unfolded. */
export const foldedBelow = (
  { key, below, isQuiet }: ChainItem,
  level: number,
  unfolded: ReadonlySet<string>
): Folded => {
  const { most, seen } = isQuiet && level > 1 ? quietFold : usualFold
  const quiet = below.filter((item) => item.isQuiet)
  if (quiet.length <= most) return { seen: below, folded: [], unfolded: 0 }
  const folded = quiet.slice(seen)
  if (unfolded.has(key)) return { seen: below, folded: [], unfolded: folded.length }
  return { seen: below.filter((item) => !folded.includes(item)), folded, unfolded: 0 }
}

/** A place of a tree that can have the focus. */
export interface TreePosition {
  readonly key: string
  readonly level: number
  /** The key of the place above; undefined at a root. */
  readonly above: string | undefined
}

/** A place that has the focus: a card, or the fold of a card's successful siblings (`item` is then the card above them). */
export interface Stop extends TreePosition {
  readonly item: ChainItem
  readonly isFold: boolean
}

/** The key of the fold below a card. */
export const foldKey = ({ key }: ChainItem): string => `fold ${key}`

const stopsBelow = (
  items: ReadonlyArray<ChainItem>,
  level: number,
  above: string | undefined,
  unfolded: ReadonlySet<string>
): ReadonlyArray<Stop> =>
  items.flatMap((item) => {
    const { seen, folded, unfolded: again } = foldedBelow(item, level, unfolded)
    const fold = { key: foldKey(item), level: level + 1, above: item.key, item, isFold: true }
    return [
      { key: item.key, level, above, item, isFold: false },
      ...stopsBelow(seen, level + 1, item.key, unfolded),
      ...(folded.length === 0 && again === 0 ? [] : [fold])
    ]
  })

/** All places, as they are read: each card before what is below it. */
export const stopsOf = (trees: ReadonlyArray<ChainItem>, unfolded: ReadonlySet<string>): ReadonlyArray<Stop> =>
  stopsBelow(trees, 1, undefined, unfolded)

/**
 * Where a key leads from a place: right along the edge to the first card below, left back, up and down in the column, or, where the chain
 * is drawn as one (`isList`), line by line. Undefined where it leads nowhere.
 */
export const stepped = <P extends TreePosition>(
  stops: ReadonlyArray<P>,
  from: P,
  key: string,
  isList: boolean
): P | undefined => {
  const column = isList ? stops : stops.filter(({ level }) => level === from.level)
  const place = column.findIndex((stop) => stop.key === from.key)
  switch (key) {
    case "ArrowDown":
      return column[place + 1]
    case "ArrowUp":
      return column[place - 1]
    case "ArrowRight":
      return stops.find(({ above }) => above === from.key)
    case "ArrowLeft":
      return stops.find((stop) => stop.key === from.above)
    case "Home":
      return stops[0]
    case "End":
      return stops.at(-1)
    default:
      return undefined
  }
}

/** The first card that itself failed, as it is read; what is below it has a failure of its own, or none. */
export const firstFailure = (stops: ReadonlyArray<Stop>): Stop | undefined =>
  stops.find(({ item, isFold }) => !isFold && item.isTroubled && !item.below.some(({ isTroubled }) => isTroubled))
