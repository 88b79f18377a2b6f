/** What the traces of a journey must be like, wherever the service runs. */
import type { IncomingHttpHeaders } from "node:http"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { Fact } from "../../src/domain/Fact.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import type { Collected, Span } from "./Collector.ts"

/** The stages after the webhook, by the names of their spans, and what they ask GitHub. */
const stages = ["plan queue", "Plan", "order queue", "Dispatch", "Report", "fact queue", "Record", "GitHub.call"]

/** Whether all stages have sent their spans; Record works last. */
export const isComplete = ({ spans }: Collected): boolean =>
  stages.every((stage) => spans.some(({ name }) => name === stage))

/** The traces that a span's trace is linked with, and itself. */
const kin = (span: Span, spans: ReadonlyArray<Span>): ReadonlyArray<string> => [
  span.traceId,
  ...spans.filter(({ traceId }) => traceId === span.traceId).flatMap(({ links }) => links.map(({ traceId }) => traceId))
]

/**
 * Each delivery has made one trace: every stage belongs to one, or is linked with it where it worked on several deliveries; so do the facts. A
 * delivery that is not answered in time is sent once more, as a delivery of its own. Gives the ids of the traces.
 */
export const assertTraces = (
  { spans }: Collected,
  facts: ReadonlyArray<Fact>,
  deliveries: ReadonlyArray<unknown>
): ReadonlyArray<string> => {
  const traces = spans.filter(({ name }) => name === "POST").map(({ traceId }) => traceId)
  assert.isNotEmpty(traces)
  assert.strictEqual(new Set(traces).size, traces.length)
  assert.isAtMost(traces.length, deliveries.length)
  for (const stage of stages) {
    const own = spans.filter(({ name }) => name === stage)
    assert.isNotEmpty(own, stage)
    for (const span of own) {
      const related = kin(span, spans)
      assert.isTrue(
        traces.some((trace) => related.includes(trace)),
        stage
      )
    }
  }
  assert.isNotEmpty(facts)
  for (const { type, traceparent } of facts) assert.include(traces, traceparent?.split("-")[1], type)
  return traces
}

/** Every secret that admits its holder, of those that the service knows or that it has sent to GitHub. */
export const secretsOf = (sentToGitHub: ReadonlyArray<IncomingHttpHeaders>) =>
  Effect.gen(function* () {
    const { app, deliveries } = yield* Sandbox
    const tokens = sentToGitHub.flatMap(({ authorization }) => authorization?.split(" ")[1] ?? [])
    assert.isNotEmpty(tokens)
    const signatures = (yield* deliveries).map(({ requestHeaders }) => requestHeaders["x-hub-signature-256"] ?? "")
    const [, key = ""] = app.privateKeyPem.split("\n")
    return [...new Set([...tokens, ...signatures, app.webhookSecret, key])]
  })

/** No secret is in what was collected, and nothing of our traces went to GitHub. */
export const assertDiscreet = (
  { text }: Collected,
  secrets: ReadonlyArray<string>,
  sentToGitHub: ReadonlyArray<IncomingHttpHeaders>
): void => {
  for (const secret of secrets) assert.isFalse(text.includes(secret), `${secret.slice(0, 6)}… was exported`)
  for (const { traceparent, b3 } of sentToGitHub) assert.deepStrictEqual([traceparent, b3], [undefined, undefined])
}
