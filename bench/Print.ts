/** Tables of measurements, as text. */
export type Row = ReadonlyArray<string | number>

const cell = (value: string | number): string => (typeof value === "number" ? format(value) : value)

/** A number with as many digits as mean something. */
const format = (value: number): string => {
  if (Number.isInteger(value)) return value.toLocaleString("en")
  if (value >= 100) return Math.round(value).toLocaleString("en")
  return value >= 1 ? value.toFixed(2) : value.toPrecision(2)
}

/** The middle of some measurements. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** Prints a table with a title. */
export const printTable = (title: string, head: ReadonlyArray<string>, rows: ReadonlyArray<Row>): void => {
  const texts = [head, ...rows.map((row) => row.map(cell))]
  const widths = head.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)))
  const line = (row: ReadonlyArray<string>): string =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join("  ")
  process.stdout.write(`\n${title}\n${texts.map((row) => `  ${line(row)}`).join("\n")}\n`)
}
