/**
 * A report as GitHub Markdown. Nothing from outside (branch names, errors, refs) can break out of its cell, mention anybody, refer to
 * an issue or become a link: all but letters, digits and the plainest punctuation is written as character references, and what GitHub
 * would still find in the rendered text is broken by a zero-width space.
 */
import { type RepositoryName, type WorkflowFile, workflowKey } from "./Names.ts"
import type { ReportedRun, ReportedTarget } from "./Report.ts"
import type { RunKey } from "./SourceRun.ts"

/** GitHub refuses bodies over 65,536 characters. */
const maxBody = 60_000
const maxText = 300

/** Line ends and other control characters, what turns the direction of the text around, and what is invisible. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]+/gu

/** Beginnings of what GitHub makes a link, mention, reference or emoji of, even in text that was written as character references. */
const linking = /https?(?=:)|ftp(?=:)|www(?=\.)|gh-(?=\d)|:(?=[\w+-]+:)|[@#]/gi

const meaningful = /[^\p{L}\p{N} .,;/'-]/gu

/** Text from outside in one line, at most `length` UTF-16 units long. */
const oneLine = (text: string, length: number): string =>
  (text.length > length ? `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, "")}…` : text)
    .toWellFormed()
    .replace(invisible, " ")

/** Text from outside as Markdown that shows exactly that text, in one line. */
export const escapeMarkdown = (text: string): string =>
  oneLine(text, maxText)
    .replace(linking, "$&\u200b")
    .replace(meaningful, (character) => `&#${character.codePointAt(0)};`)

const code = (text: string): string => `<code>${escapeMarkdown(text)}</code>`

/** A link, or just its text where the address is none that a browser should follow. */
const link = (text: string, url: string | null): string => {
  if (url === null || !URL.canParse(url)) return text
  const { protocol, href } = new URL(url)
  if (protocol !== "https:" && protocol !== "http:") return text
  return `[${text}](${href.replace(/[()|<>[\]\\`*_]/g, (character) => encodeURIComponent(character).replace(/[()*_]/g, hex))})`
}
const hex = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`

const icons = { dispatched: "✅", denied: "🚫", failed: "❌", withdrawn: "🚫", unknown: "❓" } as const

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
  const { omitted = 0 } = run
  const more = omitted > 0 ? [`| {run} | and ${omitted} more targets | |`] : []
  return [...problems, ...targets, ...more].map((row, index) =>
    row.replace("{run}", () => (index === 0 ? runCell(run) : ""))
  )
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
  `<!-- dispatcher:report:${encodeURIComponent(workflowKey(workflow))} -->`
/** Hidden in a comment, so that no run is commented twice. */
export const commentMarker = (run: RunKey): string => `<!-- dispatcher:run:${run} -->`

/** The title of the issue for a source workflow. */
export const issueTitle = (workflow: WorkflowFile): string => `Dispatches after ${oneLine(workflow, 100)}`

/** An issue that a text refers to. */
interface Reference {
  readonly number: number
  readonly url: string
}
const reference = ({ number, url }: Reference): string => link(`issue ${number}`, url)

const whatItShows = (repository: RepositoryName, workflow: WorkflowFile): string =>
  `What the dispatcher started when ${code(workflow)} of ${code(repository)} finished, newest first.`

/** The body of the issue for a source workflow: a table of its latest runs; and the issue that it replaced, where that is still there. */
export const issueBody = (
  repository: RepositoryName,
  workflow: WorkflowFile,
  runs: ReadonlyArray<ReportedRun>,
  follows?: Reference
): string =>
  withinLimit(
    [
      issueMarker(workflow),
      whatItShows(repository, workflow),
      "This text is rewritten after every run; comments name runs in which something was refused, withdrawn or failed.",
      ...(follows === undefined ? [] : [`It goes on from ${reference(follows)}, which takes no more comments.`]),
      "",
      ...tableHead
    ],
    runs.flatMap(rowsOf)
  )

/** The last body of an issue that was replaced. It has no marker, so that it is not found again. */
export const replacedBody = (
  repository: RepositoryName,
  workflow: WorkflowFile,
  runs: ReadonlyArray<ReportedRun>,
  by: Reference
): string =>
  withinLimit(
    [
      `This issue takes no more comments: reports go on in ${reference(by)}.`,
      whatItShows(repository, workflow),
      "",
      ...tableHead
    ],
    runs.flatMap(rowsOf)
  )

const notableRows = (run: ReportedRun): ReadonlyArray<string> =>
  rowsOf({ ...run, targets: run.targets.filter((target) => target.needsAttention), omitted: 0 })

const commentBody = (runs: ReadonlyArray<ReportedRun>): string => {
  const what = runs.length === 1 ? "this run" : `these ${runs.length} runs`
  return withinLimit(
    [...runs.map(({ key }) => commentMarker(key)), `Something needs attention in ${what}:`, "", ...tableHead],
    runs.flatMap(notableRows)
  )
}

/** What a comment may hold of several runs; a run that is longer has a comment of its own. */
const fits = (runs: ReadonlyArray<ReportedRun>): boolean =>
  runs.flatMap((run) => [commentMarker(run.key), ...notableRows(run)]).join("\n").length < maxBody - 500

/** The comments about runs that people should look at: one, or as many as it takes to name them all. */
export const commentBodies = (runs: ReadonlyArray<ReportedRun>): ReadonlyArray<string> => {
  const groups: Array<ReadonlyArray<ReportedRun>> = []
  for (const run of runs) {
    const last = groups.at(-1)
    if (last !== undefined && fits([...last, run])) groups.splice(-1, 1, [...last, run])
    else groups.push([run])
  }
  return groups.map(commentBody)
}
