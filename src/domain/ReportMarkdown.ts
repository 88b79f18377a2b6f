/**
 * A report as GitHub Markdown. Nothing from outside (branch names, errors, refs) can break out of its cell, mention anybody, refer to
 * an issue or become a link: all but letters, digits and the plainest punctuation is written as character references, and what GitHub
 * would still find in the rendered text is broken by a zero-width space.
 */
import { type RepositoryName, type WorkflowFile, workflowKey } from "./Names.ts"
import type { ReportedRun, ReportedTarget } from "./Report.ts"
import { durationText } from "./Sentence.ts"
import {
  isWell,
  type LatestNotice,
  type Notified,
  problemsDigest,
  type Situation,
  type SituationChange
} from "./Situation.ts"

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

/** Text from outside as code. */
export const code = (text: string): string => `<code>${escapeMarkdown(text)}</code>`

/** A link, or just its text where the address is none that a browser should follow. */
export const link = (text: string, url: string | null): string => {
  if (url === null || !URL.canParse(url)) return text
  const { protocol, href } = new URL(url)
  if (protocol !== "https:" && protocol !== "http:") return text
  return `[${text}](${href.replace(/[()|<>[\]\\`*_]/g, (character) => encodeURIComponent(character).replace(/[()*_]/g, hex))})`
}
const hex = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`

const icons = { dispatched: "✅", denied: "🚫", failed: "❌", withdrawn: "🚫", unknown: "❓" } as const

const targetCell = ({ repository, workflow, ref }: ReportedTarget): string =>
  `${code(`${repository} ${workflow}`)} on ${code(ref)}`

const startedCell = ({ result, url, needsAttention }: ReportedTarget): string => {
  switch (result?._tag) {
    case "Running":
      return `⏳ ${link("not over yet", url)}`
    case "Completed": {
      const { conclusion, attempt, duration } = result
      const took = duration === null ? "" : ` in ${durationText(duration)}`
      const again = attempt > 1 ? ` (attempt ${attempt})` : ""
      const icon = needsAttention ? icons.failed : icons.dispatched
      return `${icon} ${link(escapeMarkdown(conclusion ?? "no conclusion"), url)}${took}${again}`
    }
    case "Lost":
      return `${icons.unknown} ${link("started run", url)}: ${escapeMarkdown(result.message)}`
    default:
      return `${icons.dispatched} ${link(url === null ? "started" : "started run", url)}`
  }
}

const resultCell = (target: ReportedTarget): string => {
  const icon = icons[target.status]
  if (target.status === "dispatched") return startedCell(target)
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
/** Hidden in a comment, so that people are not notified twice of the same. */
export const commentMarker = ({ count, problems }: Notified): string =>
  `${commentMarkerStart}${count}:${problemsDigest(problems)} -->`
/** How all markers of comments begin. */
export const commentMarkerStart = "<!-- dispatcher:situation:"
const markerForm = new RegExp(`^${commentMarkerStart}(\\d+):(\\d+) -->`)

/** The latest notification of these comments, by their markers; undefined where none has one. */
export const latestNotice = (comments: ReadonlyArray<string>): LatestNotice | undefined =>
  comments
    .flatMap((comment) => {
      const [, count, digest] = markerForm.exec(comment) ?? []
      return count === undefined ? [] : [{ count: Number(count), digest: Number(digest) }]
    })
    .reduce<LatestNotice | undefined>(
      (latest, one) => (latest !== undefined && latest.count > one.count ? latest : one),
      undefined
    )

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

/** What a reader should know before anything else. */
const standing = (situation: Situation): ReadonlyArray<string> => {
  if (situation.problems.length > 0) return ["❌ Something needs attention.", ""]
  return isWell(situation) ? ["✅ All is well.", ""] : []
}

/**
 * The body of the issue for a source workflow: how things stand, and a table of its latest runs; and the issue that it replaced, where that
 * is still there.
 */
export const issueBody = (
  repository: RepositoryName,
  workflow: WorkflowFile,
  runs: ReadonlyArray<ReportedRun>,
  situation: Situation,
  follows?: Reference
): string =>
  withinLimit(
    [
      issueMarker(workflow),
      ...standing(situation),
      whatItShows(repository, workflow),
      "This text is rewritten after every run; a comment follows where something goes wrong, where something else does, and when all is well again.",
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

const firstLines: { readonly [C in SituationChange]: string } = {
  failure: "❌ Something needs attention:",
  "other failure": "❌ Something else needs attention than before. What is wrong now:",
  recovery: "✅ All is well again, as of this run:"
}

/** The comment that notifies people of a change. After a recovery it names the newest run; otherwise what is wrong, in which run. */
export const commentBody = (
  change: SituationChange,
  { wrong }: Situation,
  notified: Notified,
  runs: ReadonlyArray<ReportedRun>
): string =>
  withinLimit(
    [commentMarker(notified), firstLines[change], "", ...tableHead],
    (change === "recovery" ? runs.slice(0, 1) : wrong).flatMap(rowsOf)
  )
