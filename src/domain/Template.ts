/**
 * Input templates: `{{ source.sha }}` in the inputs of an outbound target becomes a fact about the source run.
 *
 * Facts are a stranger's text (a branch may be called anything), so a rendered value is never looked at again: a branch called
 * `{{ source.sha }}` keeps its name. Time and memory are bounded by the size limit, whatever the templates and facts are.
 */
import { Result } from "effect"
import { form } from "./ConfigForm.ts"
import { nearest } from "./Nearest.ts"
import type { SourceRun } from "./SourceRun.ts"

/** GitHub: "The maximum number of top-level properties for `inputs` is 25." */
export const maxInputs = 25

/**
 * GitHub: "The maximum payload for `inputs` is 65,535 characters." Counted as what is sent: the whole JSON object of names and
 * values with its quotes and escapes, in UTF-16 units.
 */
export const maxInputCharacters = 65_535

const variables = {
  "source.sha": (run) => run.sha,
  "source.branch": (run) => run.branch,
  "source.head_branch": (run) => run.branch,
  "source.run_id": (run) => String(run.runId),
  "source.run_attempt": (run) => String(run.attempt),
  "source.run_number": (run) => (run.runNumber === undefined ? null : String(run.runNumber)),
  "source.created_at": (run) => run.createdAt ?? null,
  "source.run_url": (run) => run.url,
  "source.repository": (run) => run.repository,
  "source.repo": (run) => run.repository,
  "source.workflow": (run) => run.workflow,
  "source.event": (run) => run.event,
  "source.actor": (run) => run.actor
} satisfies Record<string, (run: SourceRun) => string | null>

type Variable = keyof typeof variables

/** What may stand between `{{` and `}}`. */
export const templateVariables = Object.keys(variables) as ReadonlyArray<Variable>

const isVariable = (name: string): name is Variable => Object.hasOwn(variables, name)

const escaped = templateVariables.map((name) => name.replaceAll(".", "\\."))
const anyVariable = `(?:${escaped.join("|")})`

/** What GitHub's own expressions and other tools write before a variable. */
const otherOpening = "(?:\\$?\\{\\s*|\\$\\(?|%|<%?=?\\s*|\\[\\[\\s*)"
const otherTemplate = new RegExp(
  `(^|[^{])${otherOpening}(${anyVariable})(?![\\w.])\\s*(?:\\}+|\\)|%>|%|>|\\]\\])?`,
  "gu"
)

const lastPart = (name: string): string => name.slice(name.lastIndexOf(".") + 1)
const lastParts = templateVariables.map(lastPart)

/**
 * The variable that was probably meant: with the same last part, as `github.sha`, or with one that is near. Only last parts are compared:
 * by the whole name, all short ones are near each other. A beginning of several variables means none of them.
 */
const meant = (name: string): string | undefined => {
  const last = lastPart(name)
  const begun = lastParts.filter((part) => part.startsWith(last))
  if (!lastParts.includes(last) && begun.length > 1) return undefined
  const part = lastParts.find((each) => each === last) ?? nearest(last, lastParts)
  return part === undefined ? nearest(name.includes(".") ? "" : name, templateVariables) : `source.${part}`
}

const withMeantVariables = (template: string): string =>
  template.replace(/\{+\s*([^{}]*?)\s*(?:\}+|$)/gu, (whole, name: string) => {
    const variable = meant(name)
    return variable === undefined ? whole : `{{ ${variable} }}`
  })

/** What can be seen to be wrong with a template without a run: text that looks like a template and would be sent as it is, or never. */
export const templateForms = [
  form(/^(?![\s\S]*\$\{\{)/u, "{{ … }} without $: GitHub's own expressions mean nothing here", (template) =>
    withMeantVariables(template.replaceAll("${{", "{{"))
  ),
  form(
    new RegExp(`^(?![\\s\\S]*\\{\\{(?!\\s*${anyVariable}\\s*\\}\\}))`, "u"),
    `one of ${templateVariables.join(", ")} in each {{ }}`,
    withMeantVariables
  ),
  form(
    new RegExp(`^(?![\\s\\S]*(?:^|[^{])${otherOpening}${anyVariable}(?![\\w.]))`, "u"),
    "{{ }} around a variable",
    (template) => template.replace(otherTemplate, "$1{{ $2 }}")
  )
] as const

const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)

/** Renders one template, or says what is wrong with it, to be read after `input "sha" `. */
const render = (template: string, run: SourceRun): Result.Result<string, string> => {
  let rendered = ""
  let end = 0
  while (true) {
    const start = template.indexOf("{{", end)
    if (start === -1) return Result.succeed(rendered + template.slice(end))
    const close = template.indexOf("}}", start + 2)
    if (close === -1) return Result.fail(`has "{{" without "}}"`)
    const name = template.slice(start + 2, close).trim()
    if (!isVariable(name)) {
      return Result.fail(`uses the unknown variable ${shown(name)}; known are ${templateVariables.join(", ")}`)
    }
    const value = variables[name](run)
    if (value === null || value === "") return Result.fail(`uses ${name}, which this run does not have`)
    rendered += template.slice(end, start) + value
    if (rendered.length > maxInputCharacters) return Result.fail(`is longer than ${maxInputCharacters} characters`)
    end = close + 2
  }
}

/** C0, DEL and C1: nothing that an input needs, and much that a shell or a log would obey. */
const controlCharacter = /\p{Cc}/u

const checkValue = (value: string): Result.Result<string, string> => {
  if (value === "") return Result.fail("is empty")
  const control = controlCharacter.exec(value)?.[0]
  if (control === undefined) return Result.succeed(value)
  const code = control.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")
  return Result.fail(`contains the control character U+${code}`)
}

/**
 * The inputs for one target, rendered for one run.
 *
 * Fails with a sentence for each input that cannot be sent (malformed, with an unknown variable, a fact that this run does not
 * have, a control character, or nothing at all in it), or for all of them if they are more than GitHub takes.
 */
export const renderInputs = (
  templates: ReadonlyMap<string, string>,
  run: SourceRun
): Result.Result<Record<string, string>, string> => {
  if (templates.size > maxInputs) {
    return Result.fail(`There are ${templates.size} inputs, GitHub takes at most ${maxInputs}.`)
  }
  const inputs: Array<readonly [string, string]> = []
  const problems: Array<string> = []
  for (const [name, template] of templates) {
    Result.match(Result.flatMap(render(template, run), checkValue), {
      onSuccess: (value) => inputs.push([name, value]),
      onFailure: (problem) => problems.push(`Input ${shown(name)} ${problem}.`)
    })
  }
  if (problems.length > 0) return Result.fail(problems.join(" "))
  const rendered = Object.fromEntries(inputs)
  const characters = JSON.stringify(rendered).length
  return characters > maxInputCharacters
    ? Result.fail(`The inputs have ${characters} characters as JSON, GitHub takes at most ${maxInputCharacters}.`)
    : Result.succeed(rendered)
}
