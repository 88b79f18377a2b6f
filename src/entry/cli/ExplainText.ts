/** An explanation for people: which rules are skipped, what would become of each target of the others, and why. Pure. */

import type { Check, RuleRef, Skipped } from "../../domain/Decision.ts"
import type { ExplainedTarget, Explanation } from "../../domain/Explanation.ts"
import { sentence } from "../../domain/Sentence.ts"
import { mark, paint, plain } from "./Terminal.ts"

const place = ({ repository, file, line, path }: RuleRef): string => `${repository} ${file}:${line} ${path}`

const checkLine = ({ name, passed, expected, actual, rule }: Check): string => {
  const where = rule === undefined ? "" : paint("dim", `  (${place(rule)})`)
  return `    ${mark(passed)} ${name.padEnd(23)} expected ${plain(expected)}; found ${plain(actual)}${where}`
}

const inputLines = (inputs: ExplainedTarget["inputs"]): ReadonlyArray<string> =>
  Object.entries(inputs ?? {}).map(([name, value]) => `    ${paint("dim", "input")} ${plain(`${name}=${value}`)}`)

const targetLines = ({ decision, inputs }: ExplainedTarget): ReadonlyArray<string> => {
  const { repository, workflow, ref } = decision.target
  const name = paint("bold", plain(`${repository} ${workflow}@${ref}`))
  const verdict =
    decision._tag === "Allowed"
      ? [`${mark(true)} ${name} would be started`]
      : [`${mark(false)} ${name} would be denied: ${decision.denial.code}`, `    ${plain(decision.denial.message)}`]
  return ["", ...verdict, ...decision.checks.map(checkLine), ...inputLines(inputs)]
}

const skippedLines = ({ rule, check, message }: Skipped): ReadonlyArray<string> => [
  "",
  `${paint("dim", "–")} ${paint("bold", plain(`${rule.path} (${rule.file}:${rule.line})`))} is skipped: ${check.name}`,
  `    ${plain(message)}`
]

const noRule = ({ run, workflows }: Explanation): string => {
  const others =
    workflows.length === 0 ? "there is no outbound rule" : `the outbound rules are about ${workflows.join(", ")}`
  return `No outbound rule of ${run.repository} is about ${run.workflow}: ${others}.`
}

/** Why nothing would be started at all; undefined if there are rules for the run's workflow. */
const nothing = (explanation: Explanation): ReadonlyArray<string> | undefined => {
  const { run, config, targets, skipped } = explanation
  switch (config._tag) {
    case "Absent":
      return [
        `${run.repository} has no dispatching.yml.`,
        ...(config.hint === undefined ? [] : [sentence(config.hint)])
      ]
    case "Unreachable":
      return [sentence(`The dispatching.yml of ${run.repository} cannot be read: ${config.message}`)]
    case "Invalid":
      return [
        `The dispatching.yml of ${run.repository} is not valid:`,
        ...config.issues.map(({ line, column, message }) => `  ${config.file}:${line}:${column}: ${message}`)
      ]
    case "Found":
      return targets.length === 0 && skipped.length === 0 ? [noRule(explanation)] : undefined
  }
}

/** The explanation, line by line. */
export const explanationLines = (explanation: Explanation): ReadonlyArray<string> => {
  const { repository, workflow, branch, conclusion, event, fork } = explanation.run
  const title = `${workflow} of ${repository} on ${branch}, started by ${event}${fork ? " from a fork" : ""}, ends with ${conclusion}`
  const missing = nothing(explanation)
  const { targets, skipped } = explanation
  const lines =
    missing === undefined
      ? [...targets.flatMap(targetLines), ...skipped.flatMap(skippedLines)]
      : ["", ...missing.map(plain)]
  return [plain(title), ...lines]
}
