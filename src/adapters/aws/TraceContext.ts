/**
 * Carries a trace through queues and events: as `traceparent` (https://www.w3.org/TR/trace-context/) in what we send ourselves, and as
 * X-Ray's header, which AWS's services pass on. A consumer goes on with the trace of the message that it works on.
 */
import { Effect, Option, Tracer } from "effect"

/** The two ways to name a span. */
export interface TraceHeaders {
  /** `00-<trace id>-<span id>-<flags>` */
  readonly traceparent: string
  /** `Root=1-<8 digits>-<24 digits>;Parent=<span id>;Sampled=<0 or 1>` */
  readonly xray: string
}

const traceId = /^(?!0+$)[0-9a-f]{32}$/
const spanId = /^(?!0+$)[0-9a-f]{16}$/

const headersOf = (span: Tracer.AnySpan): TraceHeaders => {
  const sampled = span.sampled ? 1 : 0
  const root = `1-${span.traceId.slice(0, 8)}-${span.traceId.slice(8)}`
  return {
    traceparent: `00-${span.traceId}-${span.spanId}-0${sampled}`,
    xray: `Root=${root};Parent=${span.spanId};Sampled=${sampled}`
  }
}

/** The current span, if there is one that others could go on with. */
export const currentTrace: Effect.Effect<TraceHeaders | undefined> = Effect.map(
  Effect.option(Effect.currentParentSpan),
  Option.match({
    onNone: () => undefined,
    // Where tracing is off, spans have no real ids.
    onSome: (span) => (traceId.test(span.traceId) && spanId.test(span.spanId) ? headersOf(span) : undefined)
  })
)

const external = (trace: string, span: string, sampled: boolean): Tracer.ExternalSpan | undefined =>
  traceId.test(trace) && spanId.test(span) ? Tracer.externalSpan({ traceId: trace, spanId: span, sampled }) : undefined

const fromTraceparent = (text: string): Tracer.ExternalSpan | undefined => {
  const [, trace = "", span = "", flags = ""] = /^00-(\w{32})-(\w{16})-([0-9a-f]{2})$/.exec(text) ?? []
  return external(trace, span, (Number.parseInt(flags, 16) & 1) === 1)
}

const fromXray = (text: string): Tracer.ExternalSpan | undefined => {
  const [, start = "", rest = ""] = /\bRoot=1-(\w{8})-(\w{24})\b/.exec(text) ?? []
  const [, span = ""] = /\bParent=(\w{16})\b/.exec(text) ?? []
  return external(start + rest, span, /\bSampled=1\b/.test(text))
}

/** The span that a message came from, if it tells. */
export const spanOf = (headers: {
  readonly traceparent: string | undefined
  readonly xray: string | undefined
}): Tracer.ExternalSpan | undefined => fromTraceparent(headers.traceparent ?? "") ?? fromXray(headers.xray ?? "")

/** Runs the work on messages in a span of its own: within the trace of a single message, linked with the traces of several. */
export const inTraceOf = <A, E, R>(
  name: string,
  origins: ReadonlyArray<Tracer.ExternalSpan | undefined>,
  work: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => {
  const known = origins.filter((span) => span !== undefined)
  const [parent] = known
  const kin =
    parent !== undefined && origins.length === 1
      ? { parent }
      : { links: known.map((span): Tracer.SpanLink => ({ span, attributes: {} })) }
  return Effect.withSpan(work, name, { kind: "consumer", ...kin })
}
