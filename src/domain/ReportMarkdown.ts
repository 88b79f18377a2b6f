/**
 * A report as GitHub Markdown. Nothing from outside (branch names, errors, refs) can break out of its cell, mention anybody or refer
 * to an issue: it is written with character references, and `@` and `#` are followed by a zero-width space.
 */
import type { RepositoryName, WorkflowFile } from "./Names.ts"
import type { ReportedRun, ReportedTarget } from "./Report.ts"
import type { RunKey } from "./SourceRun.ts"

/** GitHub refuses bodies over 65,536 characters. */
const maxBody = 60_000
const maxText = 300

/** Control characters, and those that turn the direction of the text around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const invisible = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g
const meaningful = /[^\p{L}\p{N} .,;/'-]/gu

/** Text from outside as Markdown that shows exactly that text, in one line. */
export const escapeMarkdown = (text: string): string => {
  const cut = text.length > maxText ? `${text.slice(0, maxText - 1)}…` : text
  return cut
    .toWellFormed()
    .replace(invisible, " ")
    .replace(/\b(https?|ftp|www)(?=[:.])/gi, "$1\u200b")
    .replace(meaningful, (character) => {
      const reference = `&#${character.codePointAt(0)};`
      return character === "@" || character === "#" ? `${reference}&#8203;` : reference
    })
}

const code = (text: string): string => `<code>${escapeMarkdown(text)}</code>`

/** A link, or just its text where the address is none that a browser should follow. */
const link = (text: string, url: string | null): string => {
  if (url === null || !URL.canParse(url)) return text
  const { protocol, href } = new URL(url)
  if (protocol !== "https:" && protocol !== "http:") return text
  return `[${text}](${href.replace(/[()|<>[\]\\`*_]/g, (character) => encodeURIComponent(character).replace(/[()*_]/g, hex))})`
}
const hex = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`

const icons = { dispatched: "✅", denied: "🚫", failed: "❌", unknown: "❓" } as const

const targetCell = ({ repository, workflow, ref }: ReportedTarget): string =>
  `${code(`${repository} ${workflow}`)} on ${code(ref)}`

const resultCell = (target: ReportedTarget): string => {
  const icon = icons[target.status]
  if (target.status === "dispatched")
    return `${icon} ${link(target.url === null ? "started" : "started run", target.url)}`
  const reason = target.code === null ? "" : ` ${code(target.code)}`
  return `${icon} ${target.status}${reason}: ${escapeMarkdown(target.message ?? "")}`
}

const runCell = (run: ReportedRun): string => {
  const attempt = run.attempt > 1 ? ` (attempt ${run.attempt})` : ""
  const about = `${code(run.branch ?? "no branch")} ${code(run.sha.slice(0, 7))}`
  return `${link(`${run.runId}${attempt}`, run.url)}<br>${about}`
}

const rowsOf = (run: ReportedRun): ReadonlyArray<string> => {
  const problems = run.configProblems.map((problem) => `| {run} | dispatching.yml | ⚠️ ${escapeMarkdown(problem)} |`)
  const targets = run.targets.map((target) => `| {run} | ${targetCell(target)} | ${resultCell(target)} |`)
  return [...problems, ...targets].map((row, index) => row.replace("{run}", () => (index === 0 ? runCell(run) : "")))
}

const tableHead = ["| Run | Target | Result |", "| --- | --- | --- |"]

/** As many rows as fit into a GitHub body. */
const withinLimit = (head: ReadonlyArray<string>, rows: ReadonlyArray<string>): string => {
  const lines = [...head]
  let room = maxBody - head.join("\n").length
  for (const row of rows) {
    room -= row.length + 1
    if (room < 0) return [...lines, "", "Older results are not shown here."].join("\n")
    lines.push(row)
  }
  return lines.join("\n")
}

/** Hidden in an issue's body, so that it can be found again. */
export const issueMarker = (workflow: WorkflowFile): string =>
  `<!-- dispatcher:report:${encodeURIComponent(workflow.toLowerCase())} -->`
/** Hidden in a comment, so that no run is commented twice. */
export const commentMarker = (run: RunKey): string => `<!-- dispatcher:run:${run} -->`

/** The title of the issue for a source workflow. */
export const issueTitle = (workflow: WorkflowFile): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  `Dispatches after ${workflow.replace(/[\u0000-\u001f\u007f]+/g, " ").slice(0, 100)}`

/** The body of the issue for a source workflow: a table of its latest runs. */
export const issueBody = (
  repository: RepositoryName,
  workflow: WorkflowFile,
  runs: ReadonlyArray<ReportedRun>
): string =>
  withinLimit(
    [
      issueMarker(workflow),
      `What the dispatcher started when ${code(workflow)} of ${code(repository)} finished, newest first.`,
      "This text is rewritten after every run; comments tell of runs in which something was refused or failed.",
      "",
      ...tableHead
    ],
    runs.flatMap(rowsOf)
  )

/** The comment about a run that somebody should look at;. */
export const commentBody = (run: ReportedRun): string => {
  const targets = run.targets.filter((target) => target.needsAttention)
  return withinLimit(
    [commentMarker(run.key), "Something needs attention in this run:", "", ...tableHead],
    rowsOf({ ...run, targets })
  )
}
