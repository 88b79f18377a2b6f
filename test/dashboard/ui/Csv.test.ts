/** What is exported can be read again, and does nothing when a spreadsheet opens it. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { tableAsCsv, viewAsCsv, viewAsJson } from "../../../src/dashboard/ui/export/ViewExport.ts"
import { toCsv, toCsvSheet } from "../../../src/dashboard/ui/format/Csv.ts"
import { initialView, type ViewState } from "../../../src/dashboard/ui/state/View.ts"

/** A reader of RFC 4180, written apart from the writer. */
const readCsv = (csv: string): ReadonlyArray<ReadonlyArray<string>> => {
  const rows: Array<Array<string>> = [[]]
  let [cell, quoted] = ["", false]
  const endCell = () => {
    rows.at(-1)?.push(cell)
    cell = ""
  }
  for (let index = 0; index < csv.length; index++) {
    const [sign, next] = [csv[index], csv[index + 1]]
    if (quoted && sign === '"' && next === '"') {
      cell += '"'
      index++
    } else if (sign === '"') quoted = !quoted
    else if (sign === "," && !quoted) endCell()
    else if (sign === "\r" && next === "\n" && !quoted) {
      endCell()
      rows.push([])
      index++
    } else cell += sign
  }
  return rows.slice(0, -1)
}

const Text = Schema.String.check(Schema.isPattern(/^[^=+\-@＝＋－＠\t\r]*$/))

describe("CSV", () => {
  it.prop("reads back as it was", [Schema.Array(Schema.Tuple([Text, Text]))], ([rows]) => {
    const csv = toCsv({ name: "any", columns: ["a", "b"], rows })
    assert.deepStrictEqual(readCsv(csv), [["a", "b"], ...rows])
  })

  it("formulas are text", () => {
    const rows = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", " =1", '"=1', "＝1"].map((cell) => [cell])
    const cells = readCsv(toCsv({ name: "f", columns: ["cell"], rows }))
      .flat()
      .slice(1)
    assert.isTrue(cells.every((cell) => cell.startsWith("'")))
  })

  it.prop("formulas are text however a spreadsheet splits the line", [Schema.String], ([text]) => {
    const pieces = [
      "=1",
      ";=1",
      "a;-1",
      "\t@x",
      "x\t+1",
      "a\n=1",
      "a\r\n=1",
      '";"=1',
      `${text};=1`,
      `${text}\t=${text}`
    ]
    const csv = toCsv({ name: "f", columns: ["cell"], rows: pieces.map((cell) => [cell]) })
    for (const part of csv.split(/[;\t\r\n]/)) assert.notMatch(part, /^[\s"]*[=+\-@]/)
  })

  it("cells that may be split are quoted", () => {
    const rows = ["a;b", "a\tb", "a\nb", "a\rb", "a,b"].map((cell) => [cell])
    const csv = toCsv({ name: "s", columns: ["cell"], rows })
    for (const [cell] of rows) assert.include(csv, `"${cell}"`)
  })

  it("numbers stay numbers, also negative ones; nothing is empty", () => {
    assert.strictEqual(
      toCsv({ name: "n", columns: ["a", "b", "c"], rows: [[-1.5, null, true]] }),
      "a,b,c\r\n-1.5,,true\r\n"
    )
  })

  it("several tables stand below each other under their names", () => {
    const table = (name: string) => ({ name, columns: ["x"], rows: [[1]] })
    assert.strictEqual(toCsvSheet([table("One"), table("Two, too")]), 'One\r\nx\r\n1\r\n\r\n"Two, too"\r\nx\r\n1\r\n')
  })
})

describe("the exported view", () => {
  const view: ViewState = { ...initialView, source: "acme/shop", status: "failed" }
  const at = "2026-11-23T09:30:00Z"
  const reasons = { name: "Reasons", columns: ["reason", "count"], rows: [["not_found", 3]] }

  it("has a name that says what it is", () => {
    assert.strictEqual(
      viewAsCsv(view, [reasons], at).name,
      "dispatcher-operations-acme-shop-failed-24h-2026-11-23T093000.csv"
    )
    assert.match(tableAsCsv(view, reasons, at).name, /^dispatcher-operations-reasons-acme-shop/)
  })

  it("is JSON with its filters, its time and every table as records", () => {
    const { content } = viewAsJson(view, [reasons], at)
    assert.deepStrictEqual(JSON.parse(content), {
      exportedAt: at,
      view: "?source=acme/shop&status=failed",
      tables: { Reasons: [{ reason: "not_found", count: 3 }] }
    })
  })
})
