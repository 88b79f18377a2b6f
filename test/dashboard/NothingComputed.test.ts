/**
 * Nothing is computed when a person asks: handlers return what is stored, and the page shows what it gets. Both have nothing to compute with:
 * they import no fold, and call nothing that makes one value of several. What draws (`ui/charts`) turns plain numbers into lengths, and
 * may.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import ts from "typescript"

const root = join(import.meta.dirname, "../../src/dashboard")
const files = ["handlers", "ui"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => join(root, folder, path))
)

/** What turns numbers into lengths on the screen. */
const isDrawing = (file: string): boolean => relative(root, file).startsWith("ui/charts/")
/** What sorts or counts no stored value: suggestions by what was typed, lines and ids of editors, the age of answers, an explanation's verdict. */
const about: Readonly<Record<string, ReadonlyArray<string>>> = {
  "ui/components/Editor.tsx": ["reduce", "Math.max", "Math.min"],
  "ui/views/explain/RunCard.tsx": ["toSorted"],
  "ui/components/Combobox.tsx": ["toSorted", "Math.max"],
  "ui/state/Draft.ts": ["Math.max"],
  "ui/state/Freshness.ts": ["Math.min"],
  "ui/views/events/EventsList.tsx": ["Math.max"]
}

/** Methods that make one value of several, or another order. */
const folding = ["reduce", "reduceRight", "sort", "toSorted"]
const extremes = ["max", "min", "sumPrecise", "hypot"]
const grouping = ["groupBy"]
/** Fields of answers that hold numbers of stored items. */
const figures = new Set([
  ...[
    "counts",
    "previous",
    "elapsed",
    "backlog",
    "successRate",
    "total",
    "change",
    "p50",
    "p95",
    "p99",
    "max",
    "count"
  ],
  ...["previousSuccessRate", "resultRate", "previousResultRate", "completion"],
  ...["moreStalled", "waiting", "inFlight", "dead"]
])

const operators: ReadonlySet<ts.SyntaxKind> = new Set([ts.SyntaxKind.PlusEqualsToken, ts.SyntaxKind.MinusEqualsToken])
const sums: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.PlusToken,
  ts.SyntaxKind.MinusToken,
  ts.SyntaxKind.SlashToken
])

const namesIn = (node: ts.Node): ReadonlyArray<string> => {
  if (ts.isPropertyAccessExpression(node)) return [node.name.text, ...namesIn(node.expression)]
  if (ts.isElementAccessExpression(node)) return namesIn(node.expression)
  if (ts.isIdentifier(node)) return [node.text]
  return []
}
const isFigure = (node: ts.Node): boolean => namesIn(node).some((name) => figures.has(name))
const isText = (node: ts.Node): boolean => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)

/** What a node computes with several values, in a word; undefined if nothing. */
const computed = (node: ts.Node): string | undefined => {
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { name, expression } = node.expression
    if (folding.includes(name.text) || grouping.includes(name.text)) return name.text
    if (ts.isIdentifier(expression) && expression.text === "Math" && extremes.includes(name.text))
      return `Math.${name.text}`
  }
  if (!ts.isBinaryExpression(node)) return undefined
  const { left, right, operatorToken } = node
  if (operators.has(operatorToken.kind) && isFigure(left)) return "+="
  const isSum = sums.has(operatorToken.kind) && !isText(left) && !isText(right)
  return isSum && isFigure(left) && isFigure(right) ? operatorToken.getText() : undefined
}

interface Found {
  readonly file: string
  readonly line: number
  readonly what: string
}
const computationsIn = (file: string, text: string): ReadonlyArray<Found> => {
  const kind = file.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, kind)
  const found: Array<Found> = []
  const visit = (node: ts.Node): void => {
    const what = computed(node)
    if (what !== undefined) {
      found.push({ file, line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1, what })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** Modules that fold, sum or judge; their types and schemas are in other files. */
const folds =
  /\/(domain\/(RunFold|TargetFold|Tally|Sketch|Figures|Measure|Ranking|Healthiness|\w*Fold\w*)|store\/|readmodel\/(?!DashboardQueries))/

describe("nothing is computed when a person asks", () => {
  it("handlers and page import nothing that folds", () => {
    const wrong = files.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/from\s+"([^"]+)"/g)]
        .filter(([, from = ""]) => folds.test(from))
        .map(([, from]) => `${relative(root, file)}: ${from}`)
    )
    assert.deepStrictEqual(wrong, [])
  })

  it("handlers and page make no figure of several", () => {
    const wrong = files
      .filter((file) => !isDrawing(file))
      .flatMap((file) => computationsIn(relative(root, file), readFileSync(file, "utf8")))
      .filter(({ file, what }) => !about[file]?.includes(what))
    assert.deepStrictEqual(wrong, [])
  })

  it("what draws knows nothing of the server: it asks for nothing", () => {
    const wrong = files
      .filter(isDrawing)
      .filter((file) => /from "\.\.\/(api\/(?!Sent\.ts)|hooks\/Remote)/.test(readFileSync(file, "utf8")))
    assert.deepStrictEqual(wrong, [])
  })

  it.each([
    ["points.reduce((sum, { counts }) => sum + counts.failed, 0)", "reduce"],
    ["rows.toSorted(byTrouble)", "toSorted"],
    ["Map.groupBy(facts, ofTarget)", "groupBy"],
    ["Math.max(...points.map(({ at }) => at))", "Math.max"],
    ["for (const point of points) total += point.counts.failed", "+="],
    ["const open = counts.queued - counts.dispatched", "-"],
    ["const rate = counts.dispatched / counts.tried", "/"],
    ["const both = row.successRate + row.resultRate", "+"],
    ["const longer = completion.p95 - elapsed.p95", "-"]
  ])("%s is found", (code, what) => {
    assert.deepStrictEqual(
      computationsIn("x.ts", code).map((found) => found.what),
      [what]
    )
  })
})
