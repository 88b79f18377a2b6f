/**
 * Tables as CSV (RFC 4180: CRLF, quotes doubled).
 *
 * Cells come from outside (branch names, messages), and spreadsheets run what looks like a formula: such cells get a leading apostrophe.
 */

/** A cell; null is empty. */
export type Cell = string | number | boolean | null

/** Something shown, as a table. */
export interface DataSet {
  /** `Recent deliveries` */
  readonly name: string
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<Cell>>
}

const startsFormula = /^[=+\-@\t\r]/

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

const written = (cell: Cell): string => {
  if (cell === null) return ""
  if (typeof cell !== "string") return `${cell}`
  return quoted(startsFormula.test(cell) ? `'${cell}` : cell)
}

const line = (cells: ReadonlyArray<Cell>): string => `${cells.map(written).join(",")}\r\n`

/** A table with its header line. */
export const toCsv = ({ columns, rows }: DataSet): string => [columns, ...rows].map(line).join("")

/** Several tables one below the other, each under a line with its name and before an empty one. */
export const toCsvSheet = (dataSets: ReadonlyArray<DataSet>): string =>
  dataSets.map((dataSet) => `${line([dataSet.name])}${toCsv(dataSet)}`).join("\r\n")
