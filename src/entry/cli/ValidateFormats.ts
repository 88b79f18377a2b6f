/**
 * What `validate` found, in each of its formats: lines for people, annotations for GitHub Actions, JSON for tools. Pure.
 */
import type { ConfigAdvice, ConfigIssue } from "../../domain/Config.ts"
import { counted } from "../../domain/Sentence.ts"
import { mark, paint } from "./Terminal.ts"

/** One checked file; it is valid if it has no issues. */
export interface Checked {
  /** As it was named. */
  readonly file: string
  readonly issues: ReadonlyArray<ConfigIssue>
  /** How much is in it, if it is valid. */
  readonly rules: { readonly outbound: number; readonly inbound: number } | undefined
  /** What could be better in a valid one. */
  readonly advice: ReadonlyArray<ConfigAdvice>
  /** The file that is read in its place, if it is not looked at: its repository has both. */
  readonly ignored: string | undefined
}

export const formats = ["text", "github", "json"] as const
export type Format = (typeof formats)[number]

const total = (files: ReadonlyArray<Checked>): number => files.reduce((sum, { issues }) => sum + issues.length, 0)

const ignoredMessage = (ignored: string): string => `this file is not read, because ${ignored} is there too`

const fineLine = ({ file, rules, ignored }: Checked): string => {
  if (ignored !== undefined) return `${paint("yellow", "!")} ${file}: ${ignoredMessage(ignored)}`
  const { outbound = 0, inbound = 0 } = rules ?? {}
  return `${mark(true)} ${file}: ${counted(outbound, "outbound rule")}, ${counted(inbound, "inbound rule")}`
}

const asText = (files: ReadonlyArray<Checked>): ReadonlyArray<string> => {
  const problems = files.flatMap(({ file, issues }) =>
    issues.map(({ line, column, message }) => `${paint("bold", `${file}:${line}:${column}:`)} ${message}`)
  )
  const count = total(files)
  const verdict = `${mark(false)} ${counted(count, "problem")} in ${counted(files.filter(({ issues }) => issues.length > 0).length, "file")}`
  return [
    ...problems,
    ...files.flatMap(({ file, advice }) =>
      advice.map(({ line, message }) => `${paint("yellow", "!")} ${paint("bold", `${file}:${line}:`)} ${message}`)
    ),
    ...files.filter(({ issues }) => issues.length === 0).map(fineLine),
    ...(count > 0 ? [verdict] : [])
  ]
}

/**
 * The characters that would end a value of a workflow command, or begin another command.
 * https://github.com/actions/toolkit/blob/main/docs/commands.md
 */
const escapeMessage = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A")
const escapeProperty = (text: string): string => escapeMessage(text).replaceAll(":", "%3A").replaceAll(",", "%2C")

const annotation = (
  kind: "error" | "warning",
  file: string,
  { line, column, message }: Pick<ConfigIssue, "line" | "column" | "message">
): string =>
  `::${kind} file=${escapeProperty(file)},line=${line},col=${column},title=dispatching.yml::${escapeMessage(message)}`

const asAnnotations = (files: ReadonlyArray<Checked>): ReadonlyArray<string> =>
  files.flatMap(({ file, issues, advice, ignored }) => [
    ...issues.map((issue) => annotation("error", file, issue)),
    ...advice.map((each) => annotation("warning", file, { ...each, column: 1 })),
    ...(ignored === undefined
      ? []
      : [annotation("warning", file, { line: 1, column: 1, message: ignoredMessage(ignored) })])
  ])

const asJson = (files: ReadonlyArray<Checked>): ReadonlyArray<string> => [
  JSON.stringify(
    {
      valid: total(files) === 0,
      files: files.map(({ file, issues, rules, advice, ignored }) =>
        ignored === undefined
          ? { file, valid: issues.length === 0, ...rules, issues, advice }
          : { file, ignored: ignoredMessage(ignored) }
      )
    },
    null,
    2
  )
]

const renderers = { text: asText, github: asAnnotations, json: asJson } satisfies Record<
  Format,
  (files: ReadonlyArray<Checked>) => ReadonlyArray<string>
>

/** The lines to print, and how many problems they list. */
export const render = (format: Format, files: ReadonlyArray<Checked>) => ({
  lines: renderers[format](files),
  problems: total(files)
})
