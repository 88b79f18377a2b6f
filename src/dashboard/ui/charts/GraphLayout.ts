/**
 * Where the repositories of a graph stand: a band for each owner, and in it columns from those that start others to those that are only
 * started, as far as there are no loops. Pure; lengths are in CSS pixels.
 */

/** A line from one name to another, `owner/name` both. */
export interface GraphLine {
  readonly from: string
  readonly to: string
}

/** A name and its place: the upper left corner of its box. */
export interface PlacedName {
  readonly name: string
  readonly x: number
  readonly y: number
  readonly width: number
}

/** The names of an owner. */
interface OwnerBand {
  readonly owner: string
  readonly y: number
  readonly height: number
}

export interface GraphLayout {
  readonly height: number
  /** Whether the columns of all bands are the same, so that lines lead from left to right. */
  readonly isAligned: boolean
  readonly bands: ReadonlyArray<OwnerBand>
  /** Band by band, column by column. */
  readonly places: ReadonlyArray<PlacedName>
}

/** Height of a box. */
export const boxHeight = 26
const rowGap = 4
const bandHead = 34
const bandEnd = 12
const bandGap = 12
const padding = 12
const columnGap = 8
const leastGutter = 40
const narrowest = 120
const widest = 220
/** Columns of more rows are split, as far as there is room. */
const usualRows = 6
/** Of more names, each band has columns of its own, since lines between all of them could not be followed. */
const mostAligned = 40

/** How many columns of boxes have room, with the least gutter between them. */
const roomFor = (width: number): number =>
  Math.max(1, Math.floor((width - 2 * padding + leastGutter) / (narrowest + leastGutter)))

const keyOf = (name: string): string => name.toLowerCase()
const ownerOfKey = (key: string): string => key.slice(0, key.indexOf("/"))

/** `job-2` before `job-10`. */
const inOrder = new Intl.Collator("en", { numeric: true })

/** All names, by key, in the order of the alphabet. */
const namesIn = (lines: ReadonlyArray<GraphLine>): ReadonlyMap<string, string> =>
  new Map(
    lines
      .flatMap(({ from, to }) => [from, to])
      .map((name) => [keyOf(name), name] as const)
      .toSorted(([a], [b]) => inOrder.compare(a, b))
  )

/** How many steps lead to a name from the left, lines that close a loop left out; by key, from 0, and `most` - 1 at most. */
export const ranksOf = (lines: ReadonlyArray<GraphLine>, most: number): ReadonlyMap<string, number> => {
  const keys = [...namesIn(lines).keys()]
  const next = new Map(keys.map((key) => [key, new Set<string>()]))
  for (const { from, to } of lines) next.get(keyOf(from))?.add(keyOf(to))
  const reached = new Set([...next.values()].flatMap((targets) => [...targets]))
  const state = new Map<string, "open" | "done">()
  const ordered: Array<string> = []
  const kept: Array<readonly [from: string, to: string]> = []
  const visit = (key: string): void => {
    state.set(key, "open")
    for (const to of next.get(key) ?? []) {
      if (state.get(to) === "open") continue
      kept.push([key, to])
      if (!state.has(to)) visit(to)
    }
    state.set(key, "done")
    ordered.push(key)
  }
  // What nothing leads to comes first, so that loops are cut where they are entered.
  for (const key of [...keys.filter((one) => !reached.has(one)), ...keys]) if (!state.has(key)) visit(key)
  const targets = Map.groupBy(kept, ([from]) => from)
  const ranks = new Map(keys.map((key) => [key, 0]))
  for (const key of ordered.toReversed()) {
    const rank = (ranks.get(key) ?? 0) + 1
    for (const [, to] of targets.get(key) ?? []) ranks.set(to, Math.min(most - 1, Math.max(ranks.get(to) ?? 0, rank)))
  }
  return ranks
}

/** The columns of a band, or of all bands that are aligned: how many each rank has, how wide a box is, and where each rank begins. */
interface Columns {
  readonly counts: ReadonlyArray<number>
  readonly boxWidth: number
  readonly startOf: (rank: number) => number
}

/** A rank of more names has more columns, as far as there is room. `bands` has how many names of each rank each band has. */
const columnsOf = (bands: ReadonlyArray<ReadonlyArray<number>>, width: number): Columns => {
  const counts = (bands[0] ?? []).map(() => 1)
  const rowsOf = (rank: number): number =>
    bands.reduce((rows, band) => rows + Math.ceil((band[rank] ?? 0) / (counts[rank] ?? 1)), 0)
  const room = Math.floor((width - 2 * padding - (counts.length - 1) * leastGutter) / (narrowest + columnGap))
  for (let used = counts.length; used < room; used++) {
    const rows = counts.map((_, rank) => rowsOf(rank))
    const longest = rows.indexOf(Math.max(...rows))
    if ((rows[longest] ?? 0) <= usualRows * bands.length) break
    counts[longest] = (counts[longest] ?? 1) + 1
  }
  const columns = counts.reduce((sum, one) => sum + one, 0)
  const gutters = counts.length - 1
  const inner = width - 2 * padding - (columns - counts.length) * columnGap
  const boxWidth = Math.max(60, Math.min(widest, (inner - gutters * leastGutter) / columns))
  const gutter = gutters === 0 ? 0 : Math.min(widest, (inner - columns * boxWidth) / gutters)
  const startOf = (rank: number): number =>
    counts.slice(0, rank).reduce((x, one) => x + one * (boxWidth + columnGap) - columnGap + gutter, padding)
  return { counts, boxWidth, startOf }
}

/** Places all names of a graph in a width. */
export const placeGraph = (lines: ReadonlyArray<GraphLine>, width: number): GraphLayout => {
  const names = namesIn(lines)
  const ranks = ranksOf(lines, roomFor(width))
  const owners = [...Map.groupBy(names.keys(), ownerOfKey)]
  const isAligned = names.size <= mostAligned
  const allRanks = [...new Set(ranks.values())].toSorted((a, b) => a - b)
  const bandCells = owners.map(([, keys]) => {
    const cells = allRanks.map((rank) => keys.filter((key) => ranks.get(key) === rank))
    return isAligned ? cells : cells.filter(({ length }) => length > 0)
  })
  const sizes = bandCells.map((cells) => cells.map(({ length }) => length))
  const aligned = columnsOf(sizes, width)
  const bands: Array<OwnerBand> = []
  const places: Array<PlacedName> = []
  let y = 0
  for (const [index, cells] of bandCells.entries()) {
    const { counts, boxWidth, startOf } = isAligned ? aligned : columnsOf(sizes.slice(index, index + 1), width)
    const rows = cells.map((cell, rank) => Math.ceil(cell.length / (counts[rank] ?? 1)))
    const height = bandHead + Math.max(...rows) * (boxHeight + rowGap) - rowGap + bandEnd
    for (const [rank, cell] of cells.entries()) {
      for (const [place, key] of cell.entries()) {
        const column = Math.floor(place / (rows[rank] ?? 1))
        const x = startOf(rank) + column * (boxWidth + columnGap)
        const below = (place % (rows[rank] ?? 1)) * (boxHeight + rowGap)
        places.push({ name: names.get(key) ?? key, x, y: y + bandHead + below, width: boxWidth })
      }
    }
    const [first = ""] = owners[index]?.[1] ?? []
    bands.push({ owner: ownerOfKey(names.get(first) ?? first), y, height })
    y += height + bandGap
  }
  return { height: Math.max(0, y - bandGap), isAligned, bands, places }
}

/** A line's path, out of the right side of one box into the left side of another, with an arrow's head. */
export const linePath = (from: PlacedName, to: PlacedName): string => {
  const [x, y] = [from.x + from.width, from.y + boxHeight / 2]
  const [end, below] = [to.x - 2, to.y + boxHeight / 2]
  const bend = end > x ? Math.max(24, (end - x) / 2) : 60
  const curve = `M${x} ${y}C${x + bend} ${y} ${end - bend} ${below} ${end} ${below}`
  return `${curve}M${end - 5} ${below - 4}L${end} ${below}L${end - 5} ${below + 4}`
}

/** Where an arrow key leads: to the nearest box in that direction, those straight ahead before others. Undefined where there is none. */
export const nearestPlace = (
  places: ReadonlyArray<PlacedName>,
  from: PlacedName,
  key: string
): PlacedName | undefined => {
  const ahead = (place: PlacedName): readonly [along: number, across: number] => {
    const [x, y] = [place.x - from.x, place.y - from.y]
    if (key === "ArrowRight" || key === "ArrowLeft") return [key === "ArrowRight" ? x : -x, Math.abs(y)]
    return [key === "ArrowDown" ? y : -y, Math.abs(x)]
  }
  if (!["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"].includes(key)) return undefined
  const costOf = (place: PlacedName): number => {
    const [along, across] = ahead(place)
    return along <= 1 ? Number.POSITIVE_INFINITY : along + 3 * across
  }
  const found = places.reduce<PlacedName | undefined>(
    (best, place) => (costOf(place) < (best === undefined ? Number.POSITIVE_INFINITY : costOf(best)) ? place : best),
    undefined
  )
  return found
}
