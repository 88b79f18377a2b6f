/** The table of a check run as GitHub Markdown: a row for each target, or for each rule that is not about the run. */
import type { Skipped } from "./Decision.ts"
import { targetLabel } from "./Order.ts"
import { code, escapeMarkdown, link } from "./ReportMarkdown.ts"
import type { CheckedTarget, Standing } from "./TargetStanding.ts"

/** GitHub: "summary" and "text" hold 65,535 characters, and then as many bytes (https://github.com/github/docs/issues/35252). */
export const maxCheckBytes = 65_535

const icons: Readonly<Record<Standing, string>> = {
  waiting: "🟡",
  running: "🟡",
  succeeded: "✅",
  failed: "❌",
  untraceable: "➖",
  refused: "🚫",
  duplicate: "➖"
}

const rowOf = ({ target, standing, says, why, url, optional }: CheckedTarget): string => {
  const cell = `${code(targetLabel(target))}${optional ? " (optional)" : ""}`
  const reason = why === undefined ? "" : `: ${escapeMarkdown(why)}`
  return `| ${cell} | ${icons[standing]} ${link(escapeMarkdown(says), url ?? null)}${reason} |`
}

const bytes = (text: string): number => new TextEncoder().encode(text).length

/** A table of as many rows as there is room for; the last then says how many more there are. */
const bounded = (head: ReadonlyArray<string>, rows: ReadonlyArray<string>, what: string): string => {
  const more = (count: number) => `| and ${count} more ${what} | |`
  let room = maxCheckBytes - bytes(head.join("\n")) - bytes(more(rows.length)) - 2
  const end = rows.findIndex((row) => {
    room -= bytes(row) + 1
    return room < 0
  })
  return [...head, ...(end === -1 ? rows : [...rows.slice(0, end), more(rows.length - end)])].join("\n")
}

/** What a person looks at first comes first, where not all can be shown. */
const interest: Readonly<Record<Standing, number>> = {
  failed: 0,
  refused: 1,
  running: 2,
  waiting: 2,
  untraceable: 3,
  succeeded: 4,
  duplicate: 5
}

/** The table of targets, in the order of the plan; where they do not all fit in, what needs a look before the rest. */
export const targetTable = (targets: ReadonlyArray<CheckedTarget>): string => {
  const head = ["| Target | Result |", "| --- | --- |"]
  const inOrder = bounded(head, targets.map(rowOf), "targets")
  if (!inOrder.endsWith(" more targets | |")) return inOrder
  const sorted = targets.toSorted((a, b) => interest[a.standing] - interest[b.standing])
  return bounded(head, sorted.map(rowOf), "targets")
}

/** The table of rules that are not about the run; `more` are not listed. */
export const skippedTable = (skipped: ReadonlyArray<Skipped>, more: number): string => {
  const rows = skipped.map(
    ({ rule, message }) => `| ${code(`${rule.file}:${rule.line}`)} | ${escapeMarkdown(message)} |`
  )
  const rest = more > 0 ? [`| and ${more} more rules | |`] : []
  return bounded(["| Rule | Why it is not about the run |", "| --- | --- |"], [...rows, ...rest], "rules")
}
