/** Markdown as tests about the documents see it: headings, code blocks, tables and links. Not all of Markdown, but all that we write. */
import { files, read } from "../infrastructure/Files.ts"

/** The documents, by their paths from the root. */
export const documents: ReadonlyArray<string> = files.filter((path) => path.endsWith(".md"))

/** A fenced block. */
export interface Block {
  /** What stands behind the fence: a language, and how a test is to take it. */
  readonly info: string
  readonly text: string
  /** The nearest heading above. */
  readonly section: string
}

const fence = /^( *)```(.*)\n([\s\S]*?)^ *```$/gm

/** The text with code blocks blanked, so that what stands in them is no heading, table or link. */
const prose = (text: string): string => text.replace(fence, "")

/** The fenced blocks of a text, in order. */
export const blocksOf = (text: string): ReadonlyArray<Block> =>
  [...text.matchAll(fence)].map(({ 1: indent = "", 2: info = "", 3: body = "", index }) => ({
    info: info.trim(),
    text: body.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    section: headingsOf(text.slice(0, index)).at(-1) ?? ""
  }))

/** The headings of a text, as written. */
export const headingsOf = (text: string): ReadonlyArray<string> =>
  [...prose(text).matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = ""]) => heading)

/** A heading's anchor, as GitHub makes it. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-")

/** The part of a text under a heading, up to the next one of its kind or higher. */
export const sectionOf = (text: string, heading: string): string => {
  const start = text.indexOf(`\n${heading}\n`)
  if (start === -1) throw new Error(`there is no section "${heading}"`)
  const level = /^#+/.exec(heading)?.[0].length ?? 0
  const body = text.slice(start + heading.length + 2)
  const end = body.replace(fence, (block) => "x".repeat(block.length)).search(new RegExp(`^#{1,${level}} `, "m"))
  return end === -1 ? body : body.slice(0, end)
}

/** The rows of all tables in a text, without head and rule; cells trimmed. */
export const rowsOf = (text: string): ReadonlyArray<ReadonlyArray<string>> => {
  const lines = prose(text).split("\n")
  const isRow = (line: string | undefined) => line?.startsWith("|") ?? false
  const isRule = (line: string | undefined) => /^\|[ :|-]+\|$/.test(line ?? "")
  return lines
    .filter((line, at) => isRow(line) && !isRule(line) && !isRule(lines[at + 1]))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim())
    )
}

/** The text as one line, for looking for words that may be wrapped anywhere. */
export const unwrapped = (text: string): string => text.replaceAll(/\s*\n\s*/g, " ")

/** What stands in backticks. */
export const codesIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code)

/** The targets of all links and pictures of a text, code left out. */
export const linksOf = (text: string): ReadonlyArray<string> =>
  [
    ...prose(text)
      .replaceAll(/`[^`\n]*`/g, "")
      .matchAll(/\]\(([^()\s]+)\)/g)
  ].map(([, target = ""]) => target)

/** A document's text. */
export { read }
