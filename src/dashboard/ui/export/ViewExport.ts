/** What is shown, as a file: the view with its filters and every table in it. */

import { type DataSet, toCsv, toCsvSheet } from "../format/Csv.ts"
import { formatView, type ViewState } from "../state/View.ts"

export interface ExportedFile {
  readonly name: string
  readonly type: "text/csv" | "application/json"
  readonly content: string
}

/** Letters and digits of a name, joined by dashes. */
const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")

const fileName = (view: ViewState, about: string, at: string, extension: string): string => {
  const subject =
    view.chain !== undefined
      ? [view.chain]
      : view.tab === "explain"
        ? [view.supposed.repository, view.supposed.workflow]
        : [view.source, view.target, view.status, view.period]
  const parts = [
    `dispatcher-${view.chain === undefined ? view.tab : "chain"}`,
    slug(about),
    ...subject.map((part = "") => slug(part))
  ]
  return [...parts.filter((part) => part !== ""), at.slice(0, 19).replaceAll(":", "")].join("-") + extension
}

const asRecords = ({ columns, rows }: DataSet) =>
  rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])))

/** The whole view as JSON: where it was, when, and each table as a list of records. `at` is RFC 3339. */
export const viewAsJson = (view: ViewState, dataSets: ReadonlyArray<DataSet>, at: string): ExportedFile => {
  const tables = Object.fromEntries(dataSets.map((dataSet) => [dataSet.name, asRecords(dataSet)]))
  const content = `${JSON.stringify({ exportedAt: at, view: formatView(view) || "?", tables }, null, 2)}\n`
  return { name: fileName(view, "", at, ".json"), type: "application/json", content }
}

/** The whole view as CSV, table below table. */
export const viewAsCsv = (view: ViewState, dataSets: ReadonlyArray<DataSet>, at: string): ExportedFile => ({
  name: fileName(view, "", at, ".csv"),
  type: "text/csv",
  content: toCsvSheet(dataSets)
})

/** One table as CSV. */
export const tableAsCsv = (view: ViewState, dataSet: DataSet, at: string): ExportedFile => ({
  name: fileName(view, dataSet.name, at, ".csv"),
  type: "text/csv",
  content: toCsv(dataSet)
})
