/**
 * Facts: what happened, in the past tense, as CloudEvents 1.0.
 *
 * A fact's id is made of what it tells, so a stage that runs twice tells the same fact twice and the recorder counts one.
 * `../flow` makes them; the event log and every projection are made from nothing else.
 */
import { Predicate, Schema } from "effect"
import { Check, type Decision, type SkippedRules, skippedRules } from "./Decision.ts"
import { ReasonCode } from "./Denial.ts"
import { RepositoryName, WorkflowFile } from "./Names.ts"
import { type Order, OrderId, Target, targetKey } from "./Order.ts"
import { FailureCode, type Outcome, StartedRun } from "./Outcome.ts"
import { isComplete, isKept, type Plan } from "./Plan.ts"
import { type Acceptance, DeliveryId, GitHubId, Ordinal, runKey, type SourceRun } from "./SourceRun.ts"

/** What every fact tells of: the delivery and the source run. */
const journey = {
  deliveryId: DeliveryId,
  sourceRepository: RepositoryName,
  sourceRepositoryId: GitHubId,
  sourceWorkflow: WorkflowFile,
  runId: GitHubId,
  attempt: Ordinal,
  acceptedAt: Schema.String,
  generation: Schema.Int
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
    /** CloudEvents extension "Distributed Tracing": the trace that it was told in. It is not part of what the fact says. */
    traceparent: Schema.optionalKey(Schema.String),
    data: Schema.Struct({ ...journey, ...data })
  })

/** A delivery was verified, decoded and stored. */
export const RequestAccepted = cloudEvent("dispatch.request.accepted", {
  branch: Schema.NullOr(Schema.String),
  sha: Schema.String,
  event: Schema.String,
  conclusion: Schema.NullOr(Schema.String),
  actor: Schema.NullOr(Schema.String),
  runUrl: Schema.String,
  /** GitHub's number of the run among those of its workflow; facts of earlier versions lack it. */
  runNumber: Schema.optionalKey(Ordinal),
  /** The version that accepted the delivery; facts of earlier versions lack it. */
  appVersion: Schema.optionalKey(Schema.String)
})
/** A run needed nothing: its repository has no config, or no rule that is about the run. */
export const RequestIgnored = cloudEvent("dispatch.request.ignored", { reason: Schema.String, ...skippedRules })
/** Nothing was planned for a run: its repository's own `dispatching.yml` is invalid. The first problem stands for all of them. */
export const ConfigInvalid = cloudEvent("dispatch.config.invalid", {
  file: Schema.String,
  /** From 1. */
  line: Schema.Int,
  message: Schema.String,
  /** How many problems the file has. */
  problems: Schema.Int
})
/** Nothing was planned for a run: its repository's own `dispatching.yml` could not be read for good. */
export const ConfigUnreachable = cloudEvent("dispatch.config.unreachable", { message: Schema.String })
/** All decisions for a run were made. */
export const PlanCreated = cloudEvent("dispatch.plan.created", {
  allowed: Schema.Int,
  denied: Schema.Int,
  ...skippedRules
})
/** A target was denied. */
export const TargetDenied = cloudEvent("dispatch.target.denied", {
  ...target,
  code: ReasonCode,
  message: Schema.String,
  checks: Schema.Array(Check)
})
/** A target was allowed and its order queued. */
export const TargetQueued = cloudEvent("dispatch.target.queued", { ...target, checks: Schema.Array(Check) })
/** GitHub started the target workflow. */
export const TriggerSucceeded = cloudEvent("dispatch.trigger.succeeded", {
  ...target,
  started: Schema.NullOr(StartedRun),
  /** Milliseconds from the acceptance of the delivery. */
  elapsed: Schema.Int
})
/** The target workflow was not started and will not be. */
export const TriggerFailed = cloudEvent("dispatch.trigger.failed", {
  ...target,
  code: FailureCode,
  message: Schema.String
})
/** The target workflow was not started: what the order waited for took long enough for one side to withdraw its consent. */
export const TriggerWithdrawn = cloudEvent("dispatch.trigger.withdrawn", {
  ...target,
  code: ReasonCode,
  message: Schema.String
})
/** Nobody can tell whether the target workflow was started. */
export const TriggerUnknown = cloudEvent("dispatch.trigger.unknown", { ...target, message: Schema.String })
/** The source repository was told. */
export const ReportPublished = cloudEvent("dispatch.report.published", {
  issue: Schema.NullOr(Schema.Struct({ number: Schema.Int, url: Schema.String }))
})

/**
 * A delivery that never arrived was sent again by GitHub, as we had asked; `asked` counts how often. What it tells of the run is GitHub's
 * record of what it sent. Nothing is accepted yet: `acceptedAt` is when it was lost first.
 */
export const DeliveryRedelivered = cloudEvent("dispatch.delivery.redelivered", { asked: Schema.Int })
/** Somebody had the delivery planned again; `generation` counts how often. */
export const ReplayRequested = cloudEvent("dispatch.replay.requested", { by: Schema.String })

/** Anything that can have happened. */
export const Fact = Schema.Union([
  RequestAccepted,
  RequestIgnored,
  ConfigInvalid,
  ConfigUnreachable,
  PlanCreated,
  TargetDenied,
  TargetQueued,
  TriggerSucceeded,
  TriggerFailed,
  TriggerWithdrawn,
  TriggerUnknown,
  ReportPublished,
  ReplayRequested,
  DeliveryRedelivered
])
export type Fact = typeof Fact.Type
/** The `type` of a fact. */
export type FactType = Fact["type"]

const types: ReadonlySet<unknown> = new Set(Fact.members.map(({ fields }) => fields.type.literal))

/** Whether something is a fact of a type that no version up to this one knows. */
export const isNewerFact = (message: unknown): boolean =>
  Predicate.hasProperty(message, "source") &&
  message.source === "dispatcher" &&
  Predicate.hasProperty(message, "type") &&
  !types.has(message.type)

/** When, by which version and in which trace a fact is told. */
export interface Telling {
  /** RFC 3339, UTC. */
  readonly time: string
  readonly appVersion: string
  readonly traceparent?: string | undefined
}
type DataOf<Type extends FactType> = Omit<Extract<Fact, { readonly type: Type }>["data"], keyof typeof journey>

/** Builds a fact about a run; `about` tells facts of one type about one run apart (a target's key). */
const tell = <Type extends FactType>(
  type: Type,
  about: string | undefined,
  { deliveryId, run, acceptedAt, generation }: Acceptance,
  data: DataOf<Type>,
  telling: Telling
): Extract<Fact, { readonly type: Type }> => {
  const id = about === undefined ? `${type}/${runKey(run)}` : `${type}/${runKey(run)}/${about}`
  return {
    specversion: "1.0",
    id: generation === 0 ? id : `${id}@${generation}`,
    source: "dispatcher",
    type,
    subject: run.repository,
    time: telling.time,
    datacontenttype: "application/json",
    appversion: telling.appVersion,
    ...(telling.traceparent === undefined ? {} : { traceparent: telling.traceparent }),
    data: {
      deliveryId,
      sourceRepository: run.repository,
      sourceRepositoryId: run.repositoryId,
      sourceWorkflow: run.workflow,
      runId: run.runId,
      attempt: run.attempt,
      acceptedAt,
      generation,
      ...data
    }
  } as unknown as Extract<Fact, { readonly type: Type }>
}

/** The fact that a delivery was stored, at the time when it was; a replay does not change it. */
export const requestAccepted = (acceptance: Acceptance, telling: Omit<Telling, "time">): Fact => {
  const { branch, sha, event, conclusion, actor, url: runUrl, runNumber } = acceptance.run
  const { appVersion } = acceptance
  return tell(
    "dispatch.request.accepted",
    undefined,
    { ...acceptance, generation: 0 },
    {
      branch,
      sha,
      event,
      conclusion,
      actor,
      runUrl,
      ...(runNumber === undefined ? {} : { runNumber }),
      ...(appVersion === undefined ? {} : { appVersion })
    },
    { ...telling, time: acceptance.acceptedAt }
  )
}

const decisionFact = (plan: Plan, decision: Decision, index: number, telling: Telling): Fact => {
  const { target, checks } = decision
  const key = targetKey(target)
  return decision._tag === "Allowed"
    ? tell("dispatch.target.queued", key, plan, { target, orderId: decision.orderId, checks }, telling)
    : tell("dispatch.target.denied", `${key}/${index}`, plan, { target, ...decision.denial, checks }, telling)
}

const skippedOf = ({ skipped, moreSkipped }: Plan): SkippedRules => ({
  ...(skipped === undefined ? {} : { skipped }),
  ...(moreSkipped === undefined ? {} : { moreSkipped })
})

/** What became of planning a run, once there is nothing left to decide. */
const planSummary = (plan: Plan, telling: Telling): Fact => {
  const { config } = plan
  switch (config._tag) {
    case "Invalid": {
      const { line = 1, message = "the file is invalid" } = config.issues[0] ?? {}
      const data = { file: config.file, line, message, problems: config.issues.length }
      return tell("dispatch.config.invalid", undefined, plan, data, telling)
    }
    case "Unreachable":
      return tell("dispatch.config.unreachable", undefined, plan, { message: config.message }, telling)
    default: {
      const allowed = plan.decisions.filter(({ _tag }) => _tag === "Allowed").length
      const data = { allowed, denied: plan.decisions.length - allowed, ...skippedOf(plan) }
      return tell("dispatch.plan.created", undefined, plan, data, telling)
    }
  }
}

/**
 * The facts of a plan: what was decided, in the order of the decisions, and what it came to once there is nothing left to decide. What is
 * kept from an earlier plan was told with that.
 */
export const planFacts = (plan: Plan, telling: Telling): ReadonlyArray<Fact> => {
  const decisions = plan.decisions.flatMap((decision, index) =>
    isKept(plan, decision) ? [] : [decisionFact(plan, decision, index, telling)]
  )
  return isComplete(plan) ? [planSummary(plan, telling), ...decisions] : decisions
}

/** The fact that nothing was to be done for a run. */
export const requestIgnored = (plan: Plan, reason: string, telling: Telling): Fact =>
  tell("dispatch.request.ignored", undefined, plan, { reason, ...skippedOf(plan) }, telling)

/** The fact of how an order ended. */
export const outcomeFact = (order: Order, outcome: Outcome, telling: Telling): Fact => {
  const key = targetKey(order.target)
  const base = { target: order.target, orderId: order.id }
  switch (outcome._tag) {
    case "Dispatched": {
      const elapsed = Math.max(0, Date.parse(telling.time) - Date.parse(order.acceptedAt))
      return tell("dispatch.trigger.succeeded", key, order, { ...base, started: outcome.started, elapsed }, telling)
    }
    case "Failed": {
      const { code, message } = outcome
      return tell("dispatch.trigger.failed", key, order, { ...base, code, message }, telling)
    }
    case "Withdrawn": {
      const { code, message } = outcome
      return tell("dispatch.trigger.withdrawn", key, order, { ...base, code, message }, telling)
    }
    case "Unknown":
      return tell("dispatch.trigger.unknown", key, order, { ...base, message: outcome.message }, telling)
  }
}

/** The fact that the source repository was told; `issue` is null where reports go to the log. */
export const reportPublished = (
  of: Acceptance,
  issue: { readonly number: number; readonly url: string } | null,
  telling: Telling
): Fact => tell("dispatch.report.published", undefined, of, { issue }, telling)

/** The fact that a delivery, lost at a time (RFC 3339), was sent again; each time is a fact of its own. */
export const deliveryRedelivered = (
  { deliveryId, lostAt, asked }: { readonly deliveryId: DeliveryId; readonly lostAt: string; readonly asked: number },
  run: SourceRun,
  telling: Telling
): Fact =>
  tell(
    "dispatch.delivery.redelivered",
    `${deliveryId}/${asked}`,
    { deliveryId, run, acceptedAt: lostAt, generation: 0 },
    { asked },
    telling
  )

/** The fact that somebody had a delivery planned again. */
export const replayRequested = (acceptance: Acceptance, by: string, telling: Telling): Fact =>
  tell("dispatch.replay.requested", undefined, acceptance, { by }, telling)
