/** The part of the WorkQueue contract that is about traces: the consumer of a message goes on with the trace that it was offered in. */
import { assert } from "@effect/vitest"
import { Duration, Effect, Option, References, type Tracer } from "effect"
import { done, retry, type Verdict } from "../../ports/WorkQueue.ts"
import { QueueUnderTest } from "./QueueUnderTest.ts"
import { consumeWith, jobs, leisurely, namesOf, type QueueSuite } from "./WorkQueueSupport.ts"

/** Offers in a span of its own; gives the span. */
const offerInSpan = (...names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    yield* (yield* QueueUnderTest).queue.offer(jobs(...names))
    return yield* Effect.orDie(Effect.currentSpan)
  }).pipe(Effect.withSpan(`the offer of ${names.join(", ")}`))

const untraced = Effect.provideService(References.TracerEnabled, false)

/** A batch as its handler got it, and the span that the handler worked in. */
interface Handled {
  readonly names: ReadonlyArray<string>
  readonly span: Tracer.Span
}

/** Consumes for the rest of the test; gives the batches, as they come. */
const consumeInSpans = Effect.fnUntraced(function* (verdict: (attempt: number) => Verdict = () => done) {
  const handled: Array<Handled> = []
  yield* consumeWith(
    (messages) =>
      Effect.map(Effect.orDie(Effect.currentSpan), (span) => {
        handled.push({ names: namesOf(messages), span })
        return messages.map(({ attempt }) => verdict(attempt))
      }),
    leisurely
  )
  return handled
})

const parentOf = ({ parent }: Tracer.Span): string | undefined => Option.getOrUndefined(parent)?.spanId
const linksOf = ({ links }: Tracer.Span): ReadonlyArray<string> => links.map(({ span }) => span.spanId).sort()

export const traceTests = ({ test, soon }: QueueSuite): void => {
  test(
    "handles a message in the trace that it was offered in, also when it comes again",
    Effect.gen(function* () {
      const offer = yield* offerInSpan("traced")
      const handled = yield* consumeInSpans((attempt) => (attempt === 1 ? retry(Duration.zero, "again") : done))
      yield* soon("it is handled twice", () => handled.length === 2)
      for (const { span } of handled) {
        assert.strictEqual(span.traceId, offer.traceId)
        assert.strictEqual(parentOf(span), offer.spanId)
        assert.strictEqual(span.kind, "consumer")
        assert.deepStrictEqual(linksOf(span), [])
      }
    })
  )
  test(
    "handles messages of one trace in it",
    Effect.gen(function* () {
      const offer = yield* offerInSpan("a", "b")
      const handled = yield* consumeInSpans()
      yield* soon("both are handled", () => handled.flatMap(({ names }) => names).length === 2)
      for (const { span } of handled) assert.strictEqual(span.traceId, offer.traceId)
    })
  )
  test(
    "handles messages of several traces in a trace of its own, linked with all of them",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      const offers = [yield* offerInSpan("a"), yield* offerInSpan("b")]
      yield* untraced(queue.offer(jobs("untraced")))
      const handled = yield* consumeInSpans()
      yield* soon("they are handled", () => handled.length > 0)
      const [{ names, span } = assert.fail()] = handled
      assert.deepStrictEqual(names, ["a", "b", "untraced"])
      assert.isUndefined(parentOf(span))
      assert.deepStrictEqual(linksOf(span), offers.map(({ spanId }) => spanId).sort())
    })
  )
  test(
    "starts a trace of its own where a message brings none",
    Effect.gen(function* () {
      const { queue } = yield* QueueUnderTest
      yield* untraced(queue.offer(jobs("untraced")))
      const handled = yield* consumeInSpans()
      yield* soon("it is handled", () => handled.length === 1)
      const [{ span } = assert.fail()] = handled
      assert.isUndefined(parentOf(span))
    })
  )
}
