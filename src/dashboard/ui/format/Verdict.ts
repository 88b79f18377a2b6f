/** An explanation in one sentence. */

import type { Explanation } from "../../../domain/Explanation.ts"
import type { Sent } from "../api/Sent.ts"
import type { Status } from "./Words.ts"

/** The statuses whose icon and colour a verdict has. */
type VerdictStatus = Extract<Status, "planned" | "ignored" | "dispatched" | "denied" | "failed" | "unknown">

export interface ExplainVerdict {
  readonly status: VerdictStatus
  readonly text: string
  readonly allowed: number
  readonly denied: number
}

/** Why nothing would be started, whatever the run is like. */
const nothing = ({ run, config, workflows, skipped }: Sent<Explanation>): string => {
  switch (config._tag) {
    case "Absent":
      return `${run.repository} has no dispatching.yml`
    case "Invalid":
      return `The dispatching.yml of ${run.repository} is not valid`
    case "Unreachable":
      return `The dispatching.yml of ${run.repository} cannot be read`
    case "Found":
      if (skipped.length > 0) return `No rule for ${run.workflow} is about such a run`
      return workflows.length === 0 ? `${run.repository} starts nothing` : `No rule is about ${run.workflow}`
  }
}

const statusOfNothing: Readonly<Record<Sent<Explanation>["config"]["_tag"], VerdictStatus>> = {
  Absent: "ignored",
  Invalid: "failed",
  Unreachable: "unknown",
  Found: "ignored"
}

export const verdictOf = (explanation: Sent<Explanation>): ExplainVerdict => {
  const { targets, config } = explanation
  const all = targets.length
  const allowed = targets.filter(({ decision }) => decision._tag === "Allowed").length
  const counts = { allowed, denied: all - allowed }
  if (all === 0) return { ...counts, status: statusOfNothing[config._tag], text: nothing(explanation) }
  if (allowed === 0) {
    return {
      ...counts,
      status: "denied",
      text: all === 1 ? "The target would be denied" : `All ${all} targets would be denied`
    }
  }
  if (allowed === all) {
    return {
      ...counts,
      status: "dispatched",
      text: all === 1 ? "The target would be started" : `All ${all} targets would be started`
    }
  }
  return { ...counts, status: "planned", text: `${allowed} of ${all} targets would be started` }
}
