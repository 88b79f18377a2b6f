/**
 * Tables as CSV (RFC 4180: CRLF, quotes doubled).
 *
 * Cells come from outside (branch names, messages), and spreadsheets run what looks like a formula. A spreadsheet may also split at `;`, a tab
 * or a line break within a cell, by the country that it is set to. So whatever looks like a formula gets an apostrophe before it, at the
 * beginning of a cell and after each of these signs.
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

/** Where a formula may begin; spreadsheets skip blanks and quotes before it, and some read the wide forms of its signs. */
const inside = /[;\t\r\n](?=[\s"']*[=+\-@＝＋－＠])/g
const first = /^(?=[\s"']*[=+\-@＝＋－＠]|[\t\r])/

const quoted = (text: string): string => (/[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

const written = (cell: Cell): string => {
  if (cell === null) return ""
  if (typeof cell !== "string") return `${cell}`
  return quoted(cell.replace(inside, "$&'").replace(first, "'"))
}

const line = (cells: ReadonlyArray<Cell>): string => `${cells.map(written).join(",")}\r\n`

/** A table with its header line. */
export const toCsv = ({ columns, rows }: DataSet): string => [columns, ...rows].map(line).join("")

/** Several tables one below the other, each under a line with its name and before an empty one. */
export const toCsvSheet = (dataSets: ReadonlyArray<DataSet>): string =>
  dataSets.map((dataSet) => `${line([dataSet.name])}${toCsv(dataSet)}`).join("\r\n")
