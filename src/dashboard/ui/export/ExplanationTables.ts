/** An explanation as tables: its targets, the checks of all of them, and the rules that are skipped. */

import type { Explanation } from "../../../domain/Explanation.ts"
import type { Sent } from "../api/Sent.ts"
import type { DataSet } from "../format/Csv.ts"

type Tables = readonly [targets: DataSet, checks: DataSet, skipped: DataSet]

export const explanationTables = (explanation: Sent<Explanation> | undefined): Tables | readonly [] => {
  if (explanation === undefined) return []
  const named = explanation.targets.map((target) => {
    const { repository, workflow, ref } = target.decision.target
    return { ...target, name: [repository, workflow, ref] }
  })
  return [
    {
      name: "Decisions",
      columns: ["target", "workflow", "ref", "decision", "reason", "message", "inputs"],
      rows: named.map(({ name, decision, inputs }) => [
        ...name,
        decision._tag === "Allowed" ? "allowed" : "denied",
        decision._tag === "Denied" ? decision.denial.code : null,
        decision._tag === "Denied" ? decision.denial.message : null,
        inputs === null ? null : JSON.stringify(inputs)
      ])
    },
    {
      name: "Checks",
      columns: ["target", "workflow", "ref", "check", "passed", "expected", "found", "rule"],
      rows: named.flatMap(({ name, decision }) =>
        decision.checks.map(({ name: check, passed, expected, actual, rule }) => [
          ...name,
          check,
          passed,
          expected,
          actual,
          rule === undefined ? null : `${rule.repository} ${rule.file}:${rule.line}`
        ])
      )
    },
    {
      name: "Skipped rules",
      columns: ["rule", "reason", "message"],
      rows: explanation.skipped.map(({ rule, check, message }) => [
        `${rule.repository} ${rule.file}:${rule.line}`,
        check.name,
        message
      ])
    }
  ]
}
