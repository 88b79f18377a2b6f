/**
 * Facts: what happened, in the past tense, as CloudEvents 1.0.
 *
 * A fact's id is made of what it tells, so a stage that runs twice tells the same fact twice and the recorder counts one.
 * `../flow` makes them; the event log and every projection are made from nothing else.
 */
import { Schema } from "effect"
import { Check } from "./Decision.ts"
import { DenialCode } from "./Denial.ts"
import { RepositoryName, WorkflowFile } from "./Names.ts"
import { type Order, OrderId, Target, targetKey } from "./Order.ts"
import { FailureCode, type Outcome, StartedRun } from "./Outcome.ts"
import { isComplete, type Plan } from "./Plan.ts"
import { DeliveryId, GitHubId, runKey, type SourceRun } from "./SourceRun.ts"

/** What every fact tells of: the delivery and the source run. */
const journey = {
  deliveryId: DeliveryId,
  sourceRepository: RepositoryName,
  sourceRepositoryId: GitHubId,
  sourceWorkflow: WorkflowFile,
  runId: GitHubId,
  attempt: GitHubId
}
const target = { target: Target, orderId: Schema.optionalKey(OrderId) }

const cloudEvent = <const Type extends string, Data extends Schema.Struct.Fields>(type: Type, data: Data) =>
  Schema.Struct({
    specversion: Schema.Literal("1.0"),
    id: Schema.String,
    source: Schema.Literal("dispatcher"),
    type: Schema.Literal(type),
    /** The source repository. */
    subject: RepositoryName,
    /** RFC 3339, UTC. */
    time: Schema.String,
    datacontenttype: Schema.Literal("application/json"),
    /** CloudEvents extension: the version of the dispatcher that told it. */
    appversion: Schema.String,
    data: Schema.Struct({ ...journey, ...data })
  })

/** A delivery was verified, decoded and stored. */
export const RequestAccepted = cloudEvent("dispatch.request.accepted", {
  branch: Schema.NullOr(Schema.String),
  sha: Schema.String,
  event: Schema.String,
  conclusion: Schema.NullOr(Schema.String),
  actor: Schema.NullOr(Schema.String),
  runUrl: Schema.String
})
/** A `workflow_run` was asked for and needed nothing: its repository has no config, or no rule for the workflow. */
export const RequestIgnored = cloudEvent("dispatch.request.ignored", { reason: Schema.String })
/** All decisions for a run were made. */
export const PlanCreated = cloudEvent("dispatch.plan.created", {
  config: Schema.Literals(["found", "absent", "invalid", "unreachable"]),
  allowed: Schema.Int,
  denied: Schema.Int
})
/** A target was denied. */
export const TargetDenied = cloudEvent("dispatch.target.denied", {
  ...target,
  code: DenialCode,
  message: Schema.String,
  checks: Schema.Array(Check)
})
/** A target was allowed and its order queued. */
export const TargetQueued = cloudEvent("dispatch.target.queued", { ...target, checks: Schema.Array(Check) })
/** GitHub started the target workflow. */
export const TriggerSucceeded = cloudEvent("dispatch.trigger.succeeded", {
  ...target,
  started: Schema.NullOr(StartedRun)
})
/** The target workflow was not started and will not be. */
export const TriggerFailed = cloudEvent("dispatch.trigger.failed", {
  ...target,
  code: FailureCode,
  message: Schema.String
})
/** Nobody can tell whether the target workflow was started. */
export const TriggerUnknown = cloudEvent("dispatch.trigger.unknown", { ...target, message: Schema.String })
/** The source repository was told. */
export const ReportPublished = cloudEvent("dispatch.report.published", {
  issue: Schema.NullOr(Schema.Struct({ number: Schema.Int, url: Schema.String }))
})

/** Anything that can have happened. */
export const Fact = Schema.Union([
  RequestAccepted,
  RequestIgnored,
  PlanCreated,
  TargetDenied,
  TargetQueued,
  TriggerSucceeded,
  TriggerFailed,
  TriggerUnknown,
  ReportPublished
])
export type Fact = typeof Fact.Type
export type FactType = Fact["type"]

/** When and by which version a fact is told. */
export interface Telling {
  /** RFC 3339, UTC. */
  readonly time: string
  readonly appVersion: string
}
type DataOf<Type extends FactType> = Omit<Extract<Fact, { readonly type: Type }>["data"], keyof typeof journey>

/** Builds a fact about a run; `about` tells facts of one type about one run apart (a target's key). */
const tell = <Type extends FactType>(
  type: Type,
  about: string | undefined,
  deliveryId: DeliveryId,
  run: SourceRun,
  data: DataOf<Type>,
  telling: Telling
): Extract<Fact, { readonly type: Type }> =>
  ({
    specversion: "1.0",
    id: about === undefined ? `${type}/${runKey(run)}` : `${type}/${runKey(run)}/${about}`,
    source: "dispatcher",
    type,
    subject: run.repository,
    time: telling.time,
    datacontenttype: "application/json",
    appversion: telling.appVersion,
    data: {
      deliveryId,
      sourceRepository: run.repository,
      sourceRepositoryId: run.repositoryId,
      sourceWorkflow: run.workflow,
      runId: run.runId,
      attempt: run.attempt,
      ...data
    }
  }) as unknown as Extract<Fact, { readonly type: Type }>

/** The fact that a delivery was stored. */
export const requestAccepted = (deliveryId: DeliveryId, run: SourceRun, telling: Telling): Fact =>
  tell(
    "dispatch.request.accepted",
    undefined,
    deliveryId,
    run,
    {
      branch: run.branch,
      sha: run.sha,
      event: run.event,
      conclusion: run.conclusion,
      actor: run.actor,
      runUrl: run.url
    },
    telling
  )

/**
 * The facts of a plan: what was decided, in the order of the decisions. That the plan was created is told once it is complete; until
 * then its numbers may still grow, and the recorder would count the first.
 */
export const planFacts = (plan: Plan, telling: Telling): ReadonlyArray<Fact> => {
  const { deliveryId, run } = plan
  const allowed = plan.decisions.filter((decision) => decision._tag === "Allowed").length
  const config = plan.config._tag.toLowerCase() as Lowercase<Plan["config"]["_tag"]>
  const denied = plan.decisions.length - allowed
  const summary = tell("dispatch.plan.created", undefined, deliveryId, run, { config, allowed, denied }, telling)
  const decisions = plan.decisions.map((decision, index): Fact => {
    const key = targetKey(decision.target)
    return decision._tag === "Allowed"
      ? tell(
          "dispatch.target.queued",
          key,
          deliveryId,
          run,
          { target: decision.target, orderId: decision.orderId, checks: decision.checks },
          telling
        )
      : tell(
          "dispatch.target.denied",
          `${key}/${index}`,
          deliveryId,
          run,
          { target: decision.target, ...decision.denial, checks: decision.checks },
          telling
        )
  })
  return isComplete(plan) ? [summary, ...decisions] : decisions
}

/** The fact that nothing was to be done for a run. */
export const requestIgnored = (plan: Plan, reason: string, telling: Telling): Fact =>
  tell("dispatch.request.ignored", undefined, plan.deliveryId, plan.run, { reason }, telling)

/** The fact of how an order ended. */
export const outcomeFact = (order: Order, outcome: Outcome, telling: Telling): Fact => {
  const about = targetKey(order.target)
  const base = { target: order.target, orderId: order.id }
  switch (outcome._tag) {
    case "Dispatched": {
      const data = { ...base, started: outcome.started }
      return tell("dispatch.trigger.succeeded", about, order.deliveryId, order.run, data, telling)
    }
    case "Failed": {
      const data = { ...base, code: outcome.code, message: outcome.message }
      return tell("dispatch.trigger.failed", about, order.deliveryId, order.run, data, telling)
    }
    case "Unknown": {
      const data = { ...base, message: outcome.message }
      return tell("dispatch.trigger.unknown", about, order.deliveryId, order.run, data, telling)
    }
  }
}

/** The fact that the source repository was told; `issue` is null where reports go to the log. */
export const reportPublished = (
  deliveryId: DeliveryId,
  run: SourceRun,
  issue: { readonly number: number; readonly url: string } | null,
  telling: Telling
): Fact => tell("dispatch.report.published", undefined, deliveryId, run, { issue }, telling)
