/**
 * Carries a trace from stage to stage: as `traceparent` (https://www.w3.org/TR/trace-context/) with the messages of a queue and in facts.
 * The consumer of a message goes on with its trace. Where nothing is traced, nothing is carried.
 */
import { Context, Effect, Tracer } from "effect"

const format = /^00-(?!0+-)([0-9a-f]{32})-(?!0+-)([0-9a-f]{16})-([0-9a-f]{2})$/

/** `00-<trace id>-<span id>-<flags>`; undefined for a span that has no real ids, as where tracing is off. */
export const traceparentOf = ({ traceId, spanId, sampled }: Tracer.AnySpan): string | undefined => {
  const traceparent = `00-${traceId.padStart(32, "0")}-${spanId}-0${sampled ? 1 : 0}`
  return format.test(traceparent) ? traceparent : undefined
}

/** The current span, if there is one that others could go on with. */
export const currentTraceparent: Effect.Effect<string | undefined> = Effect.withFiberSucceed(({ context }) => {
  const span = Context.getOrUndefined(context, Tracer.ParentSpan)
  return span === undefined ? undefined : traceparentOf(span)
})

/** The span that a `traceparent` names; undefined where it names none. */
export const spanOf = (traceparent: string | undefined): Tracer.ExternalSpan | undefined => {
  const [, traceId, spanId, flags = ""] = format.exec(traceparent ?? "") ?? []
  if (traceId === undefined || spanId === undefined) return undefined
  return Tracer.externalSpan({ traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 })
}

const linkWith = (span: Tracer.AnySpan): Tracer.SpanLink => ({ span, attributes: {} })

/** How work is related to the spans that it comes from: it goes on with their trace if it is one, or else is linked with all of them. */
const relationTo = (origins: ReadonlyArray<string | undefined>) => {
  const spans = [...new Set(origins)].map(spanOf)
  const known = spans.filter((span) => span !== undefined)
  const [parent, ...others] = known
  if (parent === undefined) return { root: true }
  if (spans.every((span) => span?.traceId === parent.traceId)) return { parent, links: others.map(linkWith) }
  return { root: true, links: known.map(linkWith), sampled: known.some(({ sampled }) => sampled) }
}

/** Runs work on messages in a span of its own, which goes on with the trace that they all come from, or is linked with their traces. */
export const inTraceOf = <A, E, R>(
  name: string,
  origins: ReadonlyArray<string | undefined>,
  work: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => Effect.withSpan(work, name, { kind: "consumer", ...relationTo(origins) })
