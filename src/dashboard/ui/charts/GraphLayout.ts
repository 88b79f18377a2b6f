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
}

/** The names of an owner. */
export interface OwnerBand {
  readonly owner: string
  readonly y: number
  readonly height: number
}

export interface GraphLayout {
  readonly height: number
  /** Of every box. */
  readonly boxWidth: number
  readonly bands: ReadonlyArray<OwnerBand>
  /** Band by band, column by column. */
  readonly places: ReadonlyArray<PlacedName>
}

/** Height of a box. */
export const boxHeight = 28
const rowGap = 6
const bandHead = 34
const bandEnd = 12
const bandGap = 12
const padding = 12
const columnGap = 8
const leastGutter = 56
const narrowest = 132
const widest = 220
/** Columns of more rows are split, as far as there is room. */
const usualRows = 14
/** Most steps from left to right; what is further stands in the last column. */
const mostRanks = 5

const keyOf = (name: string): string => name.toLowerCase()
const ownerOfKey = (key: string): string => key.slice(0, key.indexOf("/"))

/** All names, by key, in the order of the alphabet. */
const namesIn = (lines: ReadonlyArray<GraphLine>): ReadonlyMap<string, string> =>
  new Map(
    lines
      .flatMap(({ from, to }) => [from, to])
      .map((name) => [keyOf(name), name] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  )

/** How many steps lead to a name from the left at most, lines that close a loop left out; by key, from 0. */
export const ranksOf = (lines: ReadonlyArray<GraphLine>): ReadonlyMap<string, number> => {
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
    for (const [, to] of targets.get(key) ?? [])
      ranks.set(to, Math.min(mostRanks - 1, Math.max(ranks.get(to) ?? 0, rank)))
  }
  return ranks
}

/** How many columns each rank has: more where it has more names, as far as there is room. `sizes` are names of each rank, band by band. */
const columnsOf = (sizes: ReadonlyArray<ReadonlyArray<number>>, width: number): ReadonlyArray<number> => {
  const columns = (sizes[0] ?? []).map(() => 1)
  const rowsOf = (rank: number): number =>
    sizes.reduce((rows, band) => rows + Math.ceil((band[rank] ?? 0) / (columns[rank] ?? 1)), 0)
  const room = Math.floor((width - 2 * padding - (columns.length - 1) * leastGutter) / (narrowest + columnGap))
  for (let used = columns.length; used < room; used++) {
    const rows = columns.map((_, rank) => rowsOf(rank))
    const longest = rows.indexOf(Math.max(...rows))
    if ((rows[longest] ?? 0) <= usualRows) break
    columns[longest] = (columns[longest] ?? 1) + 1
  }
  return columns
}

/** Places all names of a graph in a width. */
export const placeGraph = (lines: ReadonlyArray<GraphLine>, width: number): GraphLayout => {
  const names = namesIn(lines)
  const ranks = ranksOf(lines)
  const owners = [...Map.groupBy(names.keys(), ownerOfKey)]
  const rankCount = Math.max(0, ...ranks.values()) + 1
  const cellsOf = (keys: ReadonlyArray<string>) =>
    Array.from({ length: rankCount }, (_, rank) => keys.filter((key) => ranks.get(key) === rank))
  const sizes = owners.map(([, keys]) => cellsOf(keys).map(({ length }) => length))
  const columns = columnsOf(sizes, width)
  const columnCount = columns.reduce((sum, one) => sum + one, 0)
  const gaps = (columnCount - rankCount) * columnGap
  const inner = width - 2 * padding - gaps
  const boxWidth = Math.max(60, Math.min(widest, (inner - (rankCount - 1) * leastGutter) / columnCount))
  const gutter = rankCount === 1 ? 0 : (inner - columnCount * boxWidth) / (rankCount - 1)
  const startOf = (rank: number): number =>
    padding +
    columns.slice(0, rank).reduce((x, one) => x + one * (boxWidth + columnGap) - columnGap + gutter, 0)
  const bands: Array<OwnerBand> = []
  const places: Array<PlacedName> = []
  let y = 0
  for (const [owner, keys] of owners) {
    const cells = cellsOf(keys)
    const rows = cells.map((cell, rank) => Math.ceil(cell.length / (columns[rank] ?? 1)))
    const height = bandHead + Math.max(...rows) * (boxHeight + rowGap) - rowGap + bandEnd
    for (const [rank, cell] of cells.entries()) {
      for (const [index, key] of cell.entries()) {
        const column = Math.floor(index / (rows[rank] ?? 1))
        const row = index % (rows[rank] ?? 1)
        const x = startOf(rank) + column * (boxWidth + columnGap)
        places.push({ name: names.get(key) ?? key, x, y: y + bandHead + row * (boxHeight + rowGap) })
      }
    }
    const spelled = ownerOfKey(names.get(keys[0] ?? "") ?? owner)
    bands.push({ owner: spelled, y, height })
    y += height + bandGap
  }
  return { height: Math.max(0, y - bandGap), boxWidth, bands, places }
}

/** A line's path, out of the right side of one box into the left side of another, with an arrow's head. */
export const linePath = (from: PlacedName, to: PlacedName, boxWidth: number): string => {
  const [x, y] = [from.x + boxWidth, from.y + boxHeight / 2]
  const [end, below] = [to.x - 2, to.y + boxHeight / 2]
  const bend = Math.max(28, Math.abs(end - x) / 2)
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
