/**
 * Decoder of a journey: the facts of `domain/Fact.ts`, as far as the page shows them.
 *
 * A type that this page does not know yet is kept with what all facts have in common, so that a journey never has a hole.
 */
import type { DeliveryRow } from "../../../domain/Answers.ts"
import type { Check, RuleRef } from "../../../domain/Decision.ts"
import type { FactType } from "../../../domain/Fact.ts"
import type { WorkflowFile } from "../../../domain/Names.ts"
import type { Target } from "../../../domain/Order.ts"
import { deliveryRow } from "./Answers.ts"
import { branded, type Decoder, flag, list, nullable, number, optional, struct, text } from "./Decode.ts"
import { repository } from "./Scopes.ts"

/** What every fact says. */
interface Said<Type extends string, Details> {
  readonly type: Type
  readonly id: string
  readonly time: string
  readonly appversion: string
  readonly data: Details & About
}
interface About {
  readonly deliveryId: string
  readonly sourceRepository: string
  readonly sourceWorkflow: string
  readonly runId: string
  readonly attempt: number
  readonly acceptedAt: string
  readonly generation: number
}
/** What a check says; its name is kept as text, so that a newer server's checks are shown too. */
export type CheckView = Omit<Check, "name"> & { readonly name: string }
/** A rule that is not about the run, and why. */
export interface SkippedView {
  readonly rule: RuleRef
  readonly check: CheckView
  readonly message: string
}
/** Absent where no rule was skipped. */
interface Skipping {
  readonly skipped?: ReadonlyArray<SkippedView>
  /** How many more there are than are listed. */
  readonly moreSkipped?: number
}
interface OfTarget {
  readonly target: Target
  readonly orderId?: string
}
interface Details {
  "dispatch.request.accepted": {
    readonly branch: string | null
    readonly sha: string
    readonly event: string
    readonly conclusion: string | null
    readonly actor: string | null
    readonly runUrl: string
    readonly appVersion?: string
  }
  "dispatch.request.ignored": Skipping & { readonly reason: string }
  "dispatch.config.invalid": {
    readonly file: string
    readonly line: number
    readonly message: string
    readonly problems: number
  }
  "dispatch.config.unreachable": { readonly message: string }
  "dispatch.plan.created": Skipping & { readonly allowed: number; readonly denied: number }
  "dispatch.target.denied": OfTarget & {
    readonly code: string
    readonly message: string
    readonly checks: ReadonlyArray<CheckView>
  }
  "dispatch.target.queued": OfTarget & { readonly checks: ReadonlyArray<CheckView> }
  "dispatch.trigger.succeeded": OfTarget & {
    readonly started: { readonly id: string; readonly url: string } | null
    readonly elapsed: number
  }
  "dispatch.trigger.failed": OfTarget & { readonly code: string; readonly message: string }
  "dispatch.trigger.withdrawn": OfTarget & { readonly code: string; readonly message: string }
  "dispatch.trigger.unknown": OfTarget & { readonly message: string }
  "dispatch.run.completed": OfTarget & {
    readonly started: { readonly id: string; readonly url: string }
    readonly conclusion: string | null
    readonly startedAttempt: number
    readonly completedAt: string
    readonly duration: number | null
    readonly elapsed: number
  }
  "dispatch.run.lost": OfTarget & {
    readonly started: { readonly id: string; readonly url: string }
    readonly message: string
  }
  "dispatch.report.published": { readonly issue: { readonly number: number; readonly url: string } | null }
  "dispatch.replay.requested": { readonly by: string }
  "dispatch.delivery.redelivered": { readonly asked: number }
}
type Known = { readonly [Type in FactType]: Said<Type, Details[Type]> }
/** A fact of a type that this page does not know; `type` is kept in `kind` so that types distinguish facts. */
export interface OtherFact extends Said<"other", object> {
  readonly kind: string
}
/** A fact as the page shows it. */
export type FactView = Known[FactType] | OtherFact
/** The fact of one type. */
export type FactViewOf<Type extends FactType> = Known[Type]

const about: { readonly [Key in keyof About]: Decoder<About[Key]> } = {
  deliveryId: text,
  sourceRepository: text,
  sourceWorkflow: text,
  runId: text,
  attempt: number,
  acceptedAt: text,
  generation: number
}
export const target = struct<Target>({ repository, workflow: branded<WorkflowFile>(), ref: text })
const ofTarget = { target, orderId: optional(text) }
export const rule = struct<RuleRef>({ repository, file: text, path: text, line: number })
const check = struct<CheckView>({ name: text, passed: flag, expected: text, actual: text, rule: optional(rule) })
export const checks = list(check)

export const decodeSkippedRules = list(struct<SkippedView>({ rule, check, message: text }))
const skipping = {
  skipped: optional(decodeSkippedRules),
  moreSkipped: optional(number)
}

const started = struct<{ readonly id: string; readonly url: string }>({ id: text, url: text })

type Fields<A> = { readonly [Key in keyof A]-?: Decoder<A[Key]> }
const details: { readonly [Type in FactType]: Fields<Details[Type]> } = {
  "dispatch.request.accepted": {
    branch: nullable(text),
    sha: text,
    event: text,
    conclusion: nullable(text),
    actor: nullable(text),
    runUrl: text,
    appVersion: optional(text)
  },
  "dispatch.request.ignored": { ...skipping, reason: text },
  "dispatch.config.invalid": { file: text, line: number, message: text, problems: number },
  "dispatch.config.unreachable": { message: text },
  "dispatch.plan.created": { ...skipping, allowed: number, denied: number },
  "dispatch.target.denied": { ...ofTarget, code: text, message: text, checks },
  "dispatch.target.queued": { ...ofTarget, checks },
  "dispatch.trigger.succeeded": {
    ...ofTarget,
    started: nullable(started),
    elapsed: number
  },
  "dispatch.trigger.failed": { ...ofTarget, code: text, message: text },
  "dispatch.trigger.withdrawn": { ...ofTarget, code: text, message: text },
  "dispatch.trigger.unknown": { ...ofTarget, message: text },
  "dispatch.run.completed": {
    ...ofTarget,
    started,
    conclusion: nullable(text),
    startedAttempt: number,
    completedAt: text,
    duration: nullable(number),
    elapsed: number
  },
  "dispatch.run.lost": { ...ofTarget, started, message: text },
  "dispatch.report.published": {
    issue: nullable(struct<{ readonly number: number; readonly url: string }>({ number, url: text }))
  },
  "dispatch.replay.requested": { by: text },
  "dispatch.delivery.redelivered": { asked: number }
}

const isKnown = (type: string): type is FactType => Object.hasOwn(details, type)
const envelope = struct<{ type: string; id: string; time: string; appversion: string; data: About }>({
  type: text,
  id: text,
  time: text,
  appversion: text,
  data: struct<About>(about)
})
const detailed = struct<{ data: object }>

const fact: Decoder<FactView> = (value, at) => {
  const base = envelope(value, at)
  if (!isKnown(base.type)) return { ...base, type: "other", kind: base.type }
  const { data } = detailed({ data: struct<object>(details[base.type]) })(value, at)
  // The fields were checked by the decoder of exactly this type.
  return { ...base, data: { ...base.data, ...data } } as FactView
}

/** A source run: its row, and all its facts in the order in which they are shown. */
export interface JourneyView {
  /** Null while the run is only known to have been lost. */
  readonly row: DeliveryRow | null
  readonly facts: ReadonlyArray<FactView>
  /** Whether there are more facts than are listed. */
  readonly more: boolean
}
export const decodeJourney = struct<JourneyView>({ row: nullable(deliveryRow), facts: list(fact), more: flag })
