/**
 * Opening, closing and deleting issues: by the API, or by a test in the place of a person.
 */
import type { SandboxIssue, StateReason } from "./State.ts"

/** Most comments that GitHub takes on one issue. */
export const maxComments = 2500

/** Opens or closes an issue; `now` in epoch milliseconds. Without a reason GitHub notes the usual one. */
export const setIssueState = (
  item: SandboxIssue,
  to: "open" | "closed",
  reason: StateReason | undefined,
  now: number
): void => {
  if (item.state === to && reason === undefined) return
  item.stateReason = reason ?? (to === "closed" ? "completed" : "reopened")
  item.closedAt = to === "closed" ? now : null
  item.state = to
  item.updatedAt = now
}
