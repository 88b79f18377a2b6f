import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, References, Tracer } from "effect"
import { currentTraceparent, inTraceOf, spanOf, traceparentOf } from "../../src/queue/TraceContext.ts"

// The examples of https://www.w3.org/TR/trace-context/
const traceId = "4bf92f3577b34da6a3ce929d0e0e4736"
const spanId = "00f067aa0ba902b7"
const another = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
const of = (flags: string) => `00-${traceId}-${spanId}-${flags}`

const span = Effect.orDie(Effect.currentSpan)

describe("traceparent", () => {
  it("is read and written", () => {
    const read = spanOf(of("01"))
    assert.deepInclude(read, { traceId, spanId, sampled: true })
    assert.strictEqual(read && traceparentOf(read), of("01"))
    assert.isFalse(spanOf(of("00"))?.sampled)
    assert.isTrue(spanOf(of("03"))?.sampled)
  })
  it("that means nothing names no span", () => {
    const none = ["", "nonsense", `01-${traceId}-${spanId}-01`, of("1"), of("01").toUpperCase(), `${of("01")}-00`]
    const zeros = [`00-${"0".repeat(32)}-${spanId}-01`, `00-${traceId}-${"0".repeat(16)}-01`]
    for (const text of [undefined, ...none, ...zeros]) assert.isUndefined(spanOf(text), text)
  })
  it("of a trace with the short id of B3 is filled up", () => {
    const short = Tracer.externalSpan({ traceId: traceId.slice(16), spanId, sampled: true })
    assert.strictEqual(traceparentOf(short), `00-${"0".repeat(16)}${traceId.slice(16)}-${spanId}-01`)
  })
  it.effect("is that of the current span, and none where there is none or nothing is traced", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* currentTraceparent)
      const within = Effect.withSpan(Effect.all([currentTraceparent, span]), "a span")
      const [carried, current] = yield* within
      assert.strictEqual(carried, traceparentOf(current))
      const [untraced] = yield* Effect.withSpan(Effect.all([currentTraceparent]), "a span").pipe(
        Effect.provideService(References.TracerEnabled, false)
      )
      assert.isUndefined(untraced)
    })
  )
})

describe("work on messages", () => {
  const related = (...origins: ReadonlyArray<string | undefined>) =>
    Effect.map(inTraceOf("work", origins, span), (own) => ({
      trace: own.traceId,
      parent: Option.getOrUndefined(own.parent)?.spanId,
      links: own.links.map((link) => link.span.spanId),
      sampled: own.sampled
    }))
  const sibling = `00-${traceId}-b7ad6b7169203331-01`

  it.effect("of one trace belongs to it, once for each span that it comes from", () =>
    Effect.gen(function* () {
      const expected = { trace: traceId, parent: spanId, links: [], sampled: true }
      assert.deepStrictEqual(yield* related(of("01")), expected)
      assert.deepStrictEqual(yield* related(of("01"), of("01")), expected)
      assert.deepStrictEqual(yield* related(of("01"), sibling), { ...expected, links: ["b7ad6b7169203331"] })
    })
  )
  it.effect("of several traces, or of some that are not known, is a trace of its own with links", () =>
    Effect.gen(function* () {
      for (const origins of [
        [of("01"), another],
        [of("01"), undefined]
      ]) {
        const { trace, parent, links } = yield* Effect.withSpan(related(...origins), "where it happens to run")
        assert.notStrictEqual(trace, traceId)
        assert.isUndefined(parent)
        assert.lengthOf(links, origins.filter((each) => each !== undefined).length)
      }
    })
  )
  it.effect("that was not to be sampled is not", () =>
    Effect.gen(function* () {
      assert.isFalse((yield* related(of("00"))).sampled)
      assert.isFalse((yield* related(of("00"), undefined)).sampled)
      assert.isTrue((yield* related(of("00"), another)).sampled)
      assert.isTrue((yield* related(undefined)).sampled)
    })
  )
})
