/**
 * The check run of a source run: a pure function of its plan and of how its orders stand, so that it is written again only when it shows
 * something else. `CheckMarkdown.ts` writes its table down.
 * https://docs.github.com/en/rest/checks/runs
 */
import { skippedTable, targetTable } from "./CheckMarkdown.ts"
import type { WorkflowFile } from "./Names.ts"
import type { Plan } from "./Plan.ts"
import { escapeMarkdown } from "./ReportMarkdown.ts"
import { counted } from "./Sentence.ts"
import type { RunKey } from "./SourceRun.ts"
import { type CheckedTarget, type OrderSoFar, type Standing, standingsOf } from "./TargetStanding.ts"

/** How a check run that is completed ended, in GitHub's words. Where a check is required, GitHub takes all but `failure` for success. */
export type CheckConclusion = "success" | "failure" | "neutral" | "skipped"

/** What a check run shows. */
export interface CheckRun {
  /** `dispatcher / ci.yml`: what branch protection requires, so it never changes. */
  readonly name: string
  /** Null while anything is open; the check run is `in_progress` then, and `completed` otherwise. */
  readonly conclusion: CheckConclusion | null
  readonly title: string
  /** Markdown. */
  readonly summary: string
  /** Markdown, at most 65,535 bytes: a row for each target, or for each rule that is not about the run. */
  readonly text: string
  /** The journey of the run in the dashboard; absent where that has no public address. */
  readonly detailsUrl?: string
}

/** The name of the check run of a workflow. */
export const checkName = (workflow: WorkflowFile): string => `dispatcher / ${workflow}`

/** What a check run is found by: the run and, where one that was completed had to be followed by another, its number from 1. */
export const checkExternalId = (run: RunKey, number: number): string => (number === 1 ? run : `${run}#${number}`)

/** The page that shows a journey, under the dashboard's public address. */
const journeyUrl = (publicUrl: string, deliveryId: string): string =>
  `${publicUrl.replace(/\/+$/, "")}/admin?journey=${encodeURIComponent(deliveryId)}`

const isOpen = ({ standing }: CheckedTarget): boolean => standing === "waiting" || standing === "running"
const counts = (targets: ReadonlyArray<CheckedTarget>, ...standings: ReadonlyArray<Standing>): number =>
  targets.filter(({ standing }) => standings.includes(standing)).length

/**
 * How a run's check ends:
 *
 * | conclusion | where |
 * | --- | --- |
 * | null | anything is open, optional or not |
 * | `failure` | a target failed that is not optional |
 * | `neutral` | nothing failed, but not all ran: nothing was started, or a target that is not optional was refused or cannot be followed |
 * | `success` | every target that is not optional ended well, and one was started |
 */
const concluded = (targets: ReadonlyArray<CheckedTarget>): CheckConclusion | null => {
  const required = targets.filter(({ optional }) => !optional)
  if (targets.some(isOpen)) return null
  if (counts(required, "failed") > 0) return "failure"
  const ran = counts(targets, "succeeded", "failed", "untraceable")
  return ran === 0 || counts(required, "refused", "untraceable") > 0 ? "neutral" : "success"
}

const parts: ReadonlyArray<readonly [string, ReadonlyArray<Standing>]> = [
  ["failed", ["failed"]],
  ["refused", ["refused"]],
  ["under way", ["waiting", "running"]],
  ["succeeded", ["succeeded"]],
  ["started", ["untraceable"]]
]

/** `1 failed, 2 succeeded`. */
const titleOf = (targets: ReadonlyArray<CheckedTarget>): string =>
  parts
    .map(([word, standings]) => [counts(targets, ...standings), word] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(", ")

const optionalNote = (targets: ReadonlyArray<CheckedTarget>): ReadonlyArray<string> => {
  const optional = targets.filter((target) => target.optional).length
  return optional === 0 ? [] : [`${counted(optional, "target is", "targets are")} optional and cannot fail this check.`]
}

const ofTargets = (plan: Plan, targets: ReadonlyArray<CheckedTarget>) => ({
  conclusion: concluded(targets),
  title: titleOf(targets) || "nothing to start",
  summary: [
    `What the dispatcher starts in other repositories after ${escapeMarkdown(plan.run.workflow)}.`,
    ...optionalNote(targets)
  ].join(" "),
  text: targetTable(targets)
})

const ofSkipped = ({ run, skipped = [], moreSkipped = 0 }: Plan) => ({
  conclusion: "skipped" as const,
  title: "no rule is about this run",
  summary: `Nothing is started in other repositories after this run of ${escapeMarkdown(run.workflow)}.`,
  text: skippedTable(skipped, moreSkipped)
})

/** Whether a run has a check run: a target was decided about, or a rule that is skipped asks for one. Nothing else about a run has one. */
export const isChecked = (plan: Plan): boolean => plan.check === "always" || standingsOf(plan, []).length > 0

/** The check run of a run; undefined where it has none. `publicUrl` is the dashboard's public address. */
export const checkRunOf = (
  plan: Plan,
  orders: ReadonlyArray<OrderSoFar>,
  publicUrl: string | undefined
): CheckRun | undefined => {
  const targets = standingsOf(plan, orders)
  if (targets.length === 0 && plan.check !== "always") return undefined
  return {
    name: checkName(plan.run.workflow),
    ...(targets.length === 0 ? ofSkipped(plan) : ofTargets(plan, targets)),
    ...(publicUrl === undefined ? {} : { detailsUrl: journeyUrl(publicUrl, plan.deliveryId) })
  }
}
