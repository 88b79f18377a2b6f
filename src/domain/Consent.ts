/**
 * Whether both sides still admit an order that waited. Its ref and inputs stay as ordered: the source's file must still have a rule about the
 * run that names the target workflow on that ref, and the target's file must still let such a start in, with those inputs. Pure.
 */

import { authorize } from "./Authorization.ts"
import type { ConfigAnswer } from "./Config.ts"
import { isCandidate } from "./Decision.ts"
import type { Denial } from "./Denial.ts"
import { matchRun } from "./Matching.ts"
import { type Order, targetKey } from "./Order.ts"
import type { Policy } from "./Policy.ts"
import { sentence } from "./Sentence.ts"

/** What is asked again before an order is started. */
export interface ConsentInput {
  readonly order: Order
  readonly source: ConfigAnswer
  readonly target: ConfigAnswer
  readonly policy: Policy
}

const removed = ({ run, target }: Order, found: string): Denial => ({
  code: "source_rule_removed",
  message: sentence(
    `${run.repository} no longer has a rule by which ${run.workflow} starts ${target.workflow} of ${target.repository} on ${target.ref}: ${found}`
  )
})

const ofSource = (order: Order, answer: Exclude<ConfigAnswer, { readonly _tag: "Found" }>): Denial => {
  switch (answer._tag) {
    case "Absent":
      return removed(order, "it has no dispatching.yml")
    case "Invalid":
      return removed(order, `its ${answer.path} is not valid`)
    case "Unreachable":
      return removed(order, `its dispatching.yml cannot be read (${answer.message})`)
  }
}

/** Why an order may not be started any more; undefined while both files admit it. */
export const withdrawal = ({ order, source, target, policy }: ConsentInput): Denial | undefined => {
  if (source._tag !== "Found") return ofSource(order, source)
  const { run, chain } = order
  const { matched } = matchRun({ run, config: source.config, file: source.path, policy, chain })
  const about = matched.filter((entry) => targetKey(entry.target) === targetKey(order.target))
  const answers = about.map((entry) =>
    isCandidate(entry) ? authorize({ ...entry, inputs: order.inputs }, run, target) : entry
  )
  const authorized = answers.filter((answer) => answer._tag === "Authorized")
  if (authorized.some((answer) => answer.target.ref === order.target.ref)) return undefined
  const [other] = authorized
  if (other !== undefined) return removed(order, `the rule names ${other.target.ref} now`)
  const [denied] = answers.filter((answer) => answer._tag === "Denied")
  return denied?.denial ?? removed(order, "no rule that is about the run names the workflow")
}
