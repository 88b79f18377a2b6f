/** An explanation as plain text, for an issue or a chat. */

import type { Skipped } from "../../../domain/Decision.ts"
import type { ExplainedTarget, Explanation } from "../../../domain/Explanation.ts"
import type { Sent } from "../api/Sent.ts"
import { verdictOf } from "../format/Verdict.ts"

const checkLine = ({
  name,
  passed,
  expected,
  actual,
  rule
}: Sent<ExplainedTarget>["decision"]["checks"][number]): string => {
  const where = rule === undefined ? "" : ` (${rule.repository} ${rule.file}:${rule.line})`
  return `    ${passed ? "yes" : "NO "} ${name}: expected ${expected}; found ${actual}${where}`
}

const targetLines = ({ decision, inputs }: Sent<ExplainedTarget>): ReadonlyArray<string> => {
  const { repository, workflow, ref } = decision.target
  const name = `${repository} ${workflow}@${ref}`
  const verdict =
    decision._tag === "Allowed"
      ? [`${name} would be started`]
      : [`${name} would be denied: ${decision.denial.code}`, `    ${decision.denial.message}`]
  const given = Object.entries(inputs ?? {}).map(([input, value]) => `    input ${input}=${value}`)
  return ["", ...verdict, ...decision.checks.map(checkLine), ...given]
}

const skippedLines = ({ rule, check, message }: Sent<Skipped>): ReadonlyArray<string> => [
  "",
  `${rule.repository} ${rule.file}:${rule.line} ${rule.path} is skipped: ${check.name}`,
  `    ${message}`
]

const configLines = ({ config, workflows, targets, skipped }: Sent<Explanation>): ReadonlyArray<string> => {
  if (config._tag === "Unreachable") return [config.message]
  if (config._tag === "Invalid") {
    return config.issues.map(({ line, column, message }) => `${config.file}:${line}:${column}: ${message}`)
  }
  return targets.length === 0 && skipped.length === 0 && workflows.length > 0
    ? [`The outbound rules are about ${workflows.join(", ")}.`]
    : []
}

export const explanationText = (explanation: Sent<Explanation>): string => {
  const { repository, workflow, branch, conclusion, event, fork } = explanation.run
  const lines = [
    `${workflow} of ${repository} on ${branch}, started by ${event}${fork ? " from a fork" : ""}, ends with ${conclusion}`,
    `${verdictOf(explanation).text}.`,
    ...configLines(explanation),
    ...explanation.targets.flatMap(targetLines),
    ...explanation.skipped.flatMap(skippedLines)
  ]
  return `${lines.join("\n")}\n`
}
