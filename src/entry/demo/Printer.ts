/** What happened, for people: one line per fact, coloured on a terminal. */
import type { Fact } from "../../domain/Fact.ts"
import type { Target } from "../../domain/Order.ts"
import type { SandboxCheckRun } from "../../sandbox/State.ts"
import { paint } from "../cli/Terminal.ts"

const line = (style: Parameters<typeof paint>[0], word: string, about: string, why?: string): string => {
  const first = `    ${paint(style, word.padEnd(12))}${about}`
  return why === undefined ? first : `${first}\n${" ".repeat(16)}${paint("dim", why)}`
}
const name = ({ repository, workflow, ref }: Target): string => `${repository} ${workflow}@${ref}`

/** The rule that decided: the last that was asked. */
const decidedBy = (checks: Extract<Fact, { readonly type: "dispatch.target.denied" }>["data"]["checks"]): string => {
  const rule = checks.findLast((check) => check.rule !== undefined)?.rule
  return rule === undefined ? "" : ` (${rule.repository} ${rule.file}:${rule.line}, ${rule.path})`
}

/** A fact as a line, if it is worth one. */
export const printedFact = (fact: Fact): string | undefined => {
  switch (fact.type) {
    case "dispatch.trigger.succeeded":
      return line(
        "green",
        "dispatched",
        name(fact.data.target),
        `started ${fact.data.started?.url ?? "(run not named)"}`
      )
    case "dispatch.trigger.failed":
      return line("red", "failed", name(fact.data.target), `${fact.data.code}: ${fact.data.message}`)
    case "dispatch.trigger.withdrawn":
      return line("yellow", "withdrawn", name(fact.data.target), `${fact.data.code}: ${fact.data.message}`)
    case "dispatch.trigger.unknown":
      return line("red", "unknown", name(fact.data.target), fact.data.message)
    case "dispatch.target.denied":
      return line(
        "yellow",
        "denied",
        name(fact.data.target),
        `${fact.data.code}: ${fact.data.message}${decidedBy(fact.data.checks)}`
      )
    case "dispatch.config.invalid":
      return line(
        "red",
        "invalid",
        fact.data.sourceRepository,
        `${fact.data.file}:${fact.data.line}: ${fact.data.message}`
      )
    case "dispatch.config.unreachable":
      return line("red", "unreachable", fact.data.sourceRepository, fact.data.message)
    case "dispatch.request.ignored":
      return line("dim", "ignored", fact.data.sourceRepository, fact.data.reason)
    case "dispatch.report.published":
      return fact.data.issue === null ? undefined : line("cyan", "reported", fact.data.issue.url)
    default:
      return undefined
  }
}

export const title = (text: string): string => paint("bold", text)
export const note = (text: string): string => paint("dim", text)
/** What the service answered GitHub. */
export const answerLine = (status: number, body: string): string =>
  line(status < 300 ? "blue" : "red", String(status), paint("dim", body))
/** Something that GitHub had to be asked again for. */
export const retryLine = (statuses: ReadonlyArray<number>): string =>
  line("magenta", "retried", `GitHub answered ${statuses.join(", then ")}`)
/** The check run on the source commit. */
export const checkLine = (check: Pick<SandboxCheckRun, "name" | "conclusion" | "output"> | undefined): string =>
  check === undefined
    ? line("red", "no check", "GitHub has no check run on the commit")
    : line("cyan", "check run", `${check.name}: ${check.conclusion ?? "in progress"}`, check.output.title ?? undefined)
export const verdictLine = (problems: ReadonlyArray<string>): string =>
  problems.length === 0
    ? paint(["bold", "green"], "Everything came out as it must.")
    : [paint(["bold", "red"], "Not as it must be:"), ...problems.map((problem) => `  - ${problem}`)].join("\n")
