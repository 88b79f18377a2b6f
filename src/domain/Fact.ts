/**
 * Facts: what happened, in the past tense, as CloudEvents 1.0.
 *
 * A fact is a pure function of ledger state: id, time and content are the same however often a stage publishes it. `../flow` publishes
 * them; the event log and every read model are made from nothing else.
 */
import { Predicate, Schema } from "effect"
import { isoTime } from "./Bucket.ts"
import { Check, type Decision, type SkippedRules, skippedRules } from "./Decision.ts"
import { ReasonCode } from "./Denial.ts"
import { RepositoryName, WorkflowFile } from "./Names.ts"
import { ChainPlace, type Order, OrderId, placeOf, Target, targetKey } from "./Order.ts"
import { FailureCode, type Outcome, StartedRun } from "./Outcome.ts"
import { decidedAt, isComplete, isKept, type Plan, plannedAt } from "./Plan.ts"
import { attemptOf, type Resulted } from "./RunResult.ts"
import {
  type Acceptance,
  DeliveryId,
  GitHubId,
  Ordinal,
  type ReplayRequest,
  runKey,
  type SourceRun
} from "./SourceRun.ts"

/** What every fact is about: the delivery and the source run. */
const journey = {
  deliveryId: DeliveryId,
  sourceRepository: RepositoryName,
  sourceRepositoryId: GitHubId,
  sourceWorkflow: WorkflowFile,
  runId: GitHubId,
  attempt: Ordinal,
  acceptedAt: Schema.String,
  generation: Schema.Int,
  /** Where the source run stands in its chain, once that is known. */
  chain: Schema.optionalKey(ChainPlace)
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
    /** CloudEvents extension: the version of the dispatcher that published it; no part of the fact's content. */
    appversion: Schema.String,
    /** CloudEvents extension "Distributed Tracing": the trace that it was published in; no part of the fact's content. */
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
/** It is unknown whether the target workflow was started. */
export const TriggerUnknown = cloudEvent("dispatch.trigger.unknown", { ...target, message: Schema.String })
const started = { ...target, started: StartedRun }
/** An attempt of the workflow run that an order started has ended. */
export const RunCompleted = cloudEvent("dispatch.run.completed", {
  ...started,
  /** Of the started run; null where GitHub gives none. */
  conclusion: Schema.NullOr(Schema.String),
  /** Of the started run: 1, and one more for each re-run. */
  startedAttempt: Ordinal,
  /** RFC 3339, by GitHub. */
  completedAt: Schema.String,
  /** Milliseconds that the attempt took; null where GitHub does not say when it began. */
  duration: Schema.NullOr(Schema.Int),
  /** Milliseconds from the acceptance of the delivery to the end of the attempt. */
  elapsed: Schema.Int
})
/** How the workflow run ended that an order started cannot be learned any more. */
export const RunLost = cloudEvent("dispatch.run.lost", { ...started, message: Schema.String })
/** The run was reported to the source repository. */
export const ReportPublished = cloudEvent("dispatch.report.published", {
  issue: Schema.NullOr(Schema.Struct({ number: Schema.Int, url: Schema.String }))
})

/**
 * A delivery that never arrived was sent again by GitHub, as we had asked; `asked` counts how often. What it holds of the run is GitHub's
 * record of what it sent. Nothing is accepted yet: `acceptedAt` is when it was lost first.
 */
export const DeliveryRedelivered = cloudEvent("dispatch.delivery.redelivered", { asked: Schema.Int })
/** A person had the delivery planned again; `generation` counts how often. */
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
  RunCompleted,
  RunLost,
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

/** Which version publishes a fact, and in which trace: no part of the fact's content. */
export interface Publisher {
  readonly appVersion: string
  readonly traceparent?: string | undefined
}
type DataOf<Type extends FactType> = Omit<Extract<Fact, { readonly type: Type }>["data"], keyof typeof journey>

/** What a fact is about, and when that happened (RFC 3339, UTC). */
interface Happening {
  readonly of: Acceptance
  readonly chain?: ChainPlace | undefined
  readonly time: string
  /** Distinguishes facts of one type about one run (a target's key). */
  readonly about?: string
}

/** Builds a fact. All of it but the publisher's part is what is stored, so that the same state gives the same fact. */
const fact = <Type extends FactType>(
  type: Type,
  { of, chain, time, about }: Happening,
  data: DataOf<Type>,
  { appVersion, traceparent }: Publisher
): Extract<Fact, { readonly type: Type }> => {
  const { deliveryId, run, acceptedAt, generation } = of
  const id = about === undefined ? `${type}/${runKey(run)}` : `${type}/${runKey(run)}/${about}`
  return {
    specversion: "1.0",
    id: generation === 0 ? id : `${id}@${generation}`,
    source: "dispatcher",
    type,
    subject: run.repository,
    time,
    datacontenttype: "application/json",
    appversion: appVersion,
    ...(traceparent === undefined ? {} : { traceparent }),
    data: {
      deliveryId,
      sourceRepository: run.repository,
      sourceRepositoryId: run.repositoryId,
      sourceWorkflow: run.workflow,
      runId: run.runId,
      attempt: run.attempt,
      acceptedAt,
      generation,
      ...(chain === undefined ? {} : { chain }),
      ...data
    }
  } as unknown as Extract<Fact, { readonly type: Type }>
}

/** The fact that a delivery was accepted, at the time when it was; a replay does not change it. */
export const requestAccepted = (acceptance: Acceptance, publisher: Publisher): Fact => {
  const { branch, sha, event, conclusion, actor, url: runUrl, runNumber } = acceptance.run
  const { appVersion } = acceptance
  return fact(
    "dispatch.request.accepted",
    { of: { ...acceptance, generation: 0 }, time: acceptance.acceptedAt },
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
    publisher
  )
}

const decisionFact = (plan: Plan, decision: Decision, index: number, publisher: Publisher): Fact => {
  const { target, checks } = decision
  const key = targetKey(target)
  const time = decidedAt(plan, index)
  if (decision._tag === "Allowed") {
    const data = { target, orderId: decision.orderId, checks }
    return fact("dispatch.target.queued", { of: plan, chain: plan.chain, time, about: key }, data, publisher)
  }
  const data = { target, ...decision.denial, checks }
  return fact(
    "dispatch.target.denied",
    { of: plan, chain: plan.chain, time, about: `${key}/${index}` },
    data,
    publisher
  )
}

const skippedOf = ({ skipped, moreSkipped }: Plan): SkippedRules => ({
  ...(skipped === undefined ? {} : { skipped }),
  ...(moreSkipped === undefined ? {} : { moreSkipped })
})

/** What became of planning a run, once there is nothing left to decide. */
const planSummary = (plan: Plan, publisher: Publisher): Fact => {
  const { config, ignored } = plan
  const happening = { of: plan, chain: plan.chain, time: plannedAt(plan) }
  if (ignored !== undefined) {
    return fact("dispatch.request.ignored", happening, { reason: ignored, ...skippedOf(plan) }, publisher)
  }
  switch (config._tag) {
    case "Invalid": {
      const { line = 1, message = "the file is invalid" } = config.issues[0] ?? {}
      const data = { file: config.file, line, message, problems: config.issues.length }
      return fact("dispatch.config.invalid", happening, data, publisher)
    }
    case "Unreachable":
      return fact("dispatch.config.unreachable", happening, { message: config.message }, publisher)
    default: {
      const allowed = plan.decisions.filter(({ _tag }) => _tag === "Allowed").length
      const data = { allowed, denied: plan.decisions.length - allowed, ...skippedOf(plan) }
      return fact("dispatch.plan.created", happening, data, publisher)
    }
  }
}

/**
 * The facts of a plan: what was decided, in the order of the decisions, and what it came to once there is nothing left to decide. What is
 * kept from an earlier plan was published with that.
 */
export const planFacts = (plan: Plan, publisher: Publisher): ReadonlyArray<Fact> => {
  const decisions = plan.decisions.flatMap((decision, index) =>
    isKept(plan, decision) ? [] : [decisionFact(plan, decision, index, publisher)]
  )
  return isComplete(plan) ? [planSummary(plan, publisher), ...decisions] : decisions
}

/** How an order ended, and when, in milliseconds since the epoch. */
export interface Ended {
  readonly outcome: Outcome
  readonly at: number
}

/** The fact of how an order ended. */
export const outcomeFact = (order: Order, { outcome, at }: Ended, publisher: Publisher): Fact => {
  const happening = { of: order, chain: placeOf(order.chain), time: isoTime(at), about: targetKey(order.target) }
  const base = { target: order.target, orderId: order.id }
  switch (outcome._tag) {
    case "Dispatched": {
      const elapsed = Math.max(0, at - Date.parse(order.acceptedAt))
      const data = { ...base, started: outcome.started, elapsed }
      return fact("dispatch.trigger.succeeded", happening, data, publisher)
    }
    case "Failed": {
      const { code, message } = outcome
      return fact("dispatch.trigger.failed", happening, { ...base, code, message }, publisher)
    }
    case "Withdrawn": {
      const { code, message } = outcome
      return fact("dispatch.trigger.withdrawn", happening, { ...base, code, message }, publisher)
    }
    case "Unknown":
      return fact("dispatch.trigger.unknown", happening, { ...base, message: outcome.message }, publisher)
  }
}

/** The fact of how the run ended that an order started. */
export const resultFact = (order: Order, started: StartedRun, { result, at }: Resulted, publisher: Publisher): Fact => {
  const about = `${targetKey(order.target)}/${attemptOf(result)}`
  const happening = { of: order, chain: placeOf(order.chain), time: isoTime(at), about }
  const base = { target: order.target, orderId: order.id, started }
  if (result._tag === "Lost")
    return fact("dispatch.run.lost", happening, { ...base, message: result.message }, publisher)
  const { conclusion, attempt: startedAttempt, completedAt, duration } = result
  const elapsed = Math.max(0, Date.parse(completedAt) - Date.parse(order.acceptedAt))
  const data = { ...base, conclusion, startedAttempt, completedAt, duration, elapsed }
  return fact("dispatch.run.completed", happening, data, publisher)
}

/** When a run was reported, in milliseconds since the epoch, and where: null stands for the log. */
export interface Reported {
  readonly at: number
  readonly issue: { readonly number: number; readonly url: string } | null
}

/** The fact that a run was reported to its repository, or to the log. */
export const reportPublished = (of: Acceptance, { at, issue }: Reported, publisher: Publisher): Fact =>
  fact("dispatch.report.published", { of, time: isoTime(at) }, { issue }, publisher)

/** A request to GitHub for a delivery that never arrived; times are milliseconds since the epoch. */
export interface Redelivery {
  readonly deliveryId: DeliveryId
  readonly run: SourceRun
  /** When it was lost first. */
  readonly lostAt: number
  /** How often it was asked for by now. */
  readonly asked: number
  readonly at: number
}

/** The fact that GitHub was asked for a lost delivery; each time is a fact of its own. */
export const deliveryRedelivered = ({ deliveryId, run, lostAt, asked, at }: Redelivery, publisher: Publisher): Fact =>
  fact(
    "dispatch.delivery.redelivered",
    {
      of: { deliveryId, run, acceptedAt: isoTime(lostAt), generation: 0 },
      time: isoTime(at),
      about: `${deliveryId}/${asked}`
    },
    { asked },
    publisher
  )

/** The fact that an operator had a delivery planned again. */
export const replayRequested = (acceptance: Acceptance, { by, at }: ReplayRequest, publisher: Publisher): Fact =>
  fact("dispatch.replay.requested", { of: acceptance, time: at }, { by }, publisher)
