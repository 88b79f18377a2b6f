/** A list that grows by pages at its end and by refreshes at its start. */

/** Rows as shown: the first page as it is now, then all older rows that were seen before. */
export const mergeRows = <Row>(
  first: ReadonlyArray<Row>,
  known: ReadonlyArray<Row>,
  idOf: (row: Row) => string
): ReadonlyArray<Row> => {
  const fresh = new Set(first.map(idOf))
  return [...first, ...known.filter((row) => !fresh.has(idOf(row)))]
}

/**
 * Whether a refreshed first page still joins the rows that are known. If more happened than a page holds there is a gap, and rather than
 * show a list with a hole the older rows are let go.
 */
export const joins = <Row>(
  first: ReadonlyArray<Row>,
  known: ReadonlyArray<Row>,
  idOf: (row: Row) => string
): boolean => {
  if (known.length === 0) return true
  const ids = new Set(known.map(idOf))
  return first.some((row) => ids.has(idOf(row)))
}
