/** Facts of any size. */
import type { Check } from "../../../../src/domain/Decision.ts"
import {
  type Fact,
  outcomeFact,
  type Publisher,
  requestAccepted,
  type TargetDenied
} from "../../../../src/domain/Fact.ts"
import { RepositoryName, WorkflowFile } from "../../../../src/domain/Names.ts"
import { chainOf, orderId } from "../../../../src/domain/Order.ts"
import { DeliveryId, GitHubId, type SourceRun } from "../../../../src/domain/SourceRun.ts"

const deliveryId = DeliveryId.make("0b989ba4-242f-11e5-81e1-c7b6966d2516")
const acceptedAt = "2026-03-01T12:00:00.000Z"
const publisher: Publisher = { appVersion: "1.2.3" }
const target = {
  repository: RepositoryName.make("octo-org/deploy"),
  workflow: WorkflowFile.make("cd.yml"),
  ref: "main"
}
const runOf = (runId: number): SourceRun => ({
  repository: RepositoryName.make("octo-org/octo-repo"),
  repositoryId: GitHubId.make("1296269"),
  installationId: GitHubId.make("5"),
  defaultBranch: "main",
  workflow: WorkflowFile.make("ci.yml"),
  runId: GitHubId.make(String(runId)),
  attempt: 1,
  branch: "main",
  sha: "7fd1a60b01f91b314f59955a4e4d4e80d8edf11d",
  event: "push",
  conclusion: "success",
  actor: null,
  url: "https://github.com/octo-org/octo-repo/actions/runs/1",
  fork: false
})
const acceptanceOf = (runId: number) => ({ deliveryId, run: runOf(runId), acceptedAt, generation: 0 })

/** A run was accepted. */
export const accepted = (runId: number): Fact => requestAccepted(acceptanceOf(runId), publisher)

/** A trigger failed, with as long a message as may be. */
export const failed = (runId: number, message: string): Fact => {
  const acceptance = acceptanceOf(runId)
  const order = {
    ...acceptance,
    id: orderId(acceptance.run, target),
    target,
    inputs: {},
    chain: chainOf(acceptance.run)
  }
  const outcome = { _tag: "Failed", code: "unavailable", message } as const
  return outcomeFact(order, { outcome, at: Date.parse(acceptedAt) }, publisher)
}

/** A target was denied after so many checks. */
export const denied = (runId: number, checks: number): typeof TargetDenied.Type => {
  const { data, ...fact } = failed(runId, "no rule lets it in")
  if (!("target" in data) || !("orderId" in data)) throw new Error("a failed trigger has a target")
  const check: Check = {
    name: "inbound_not_allowed",
    passed: false,
    expected: "a rule that names octo-org/octo-repo and ci.yml on branch grüße",
    actual: "a rule that names another repository",
    rule: { repository: target.repository, file: "dispatching.yml", path: "inbound[0]", line: 12 }
  }
  return {
    ...fact,
    id: `dispatch.target.denied/${runId}`,
    type: "dispatch.target.denied",
    data: {
      ...data,
      code: "inbound_not_allowed",
      message: "no rule lets it in",
      checks: Array.from({ length: checks }, () => check)
    }
  }
}
