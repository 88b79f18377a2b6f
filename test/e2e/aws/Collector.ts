/** An OpenTelemetry collector on loopback: keeps the spans that come by OTLP/HTTP as JSON. */
import { createServer } from "node:http"
import { text } from "node:stream/consumers"
import { Effect } from "effect"

/** A span, as far as the tests look at it. */
export interface Span {
  readonly name: string
  readonly traceId: string
}

interface Traces {
  readonly resourceSpans?: ReadonlyArray<{
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Span> }>
  }>
}

/** Listens; gives its address and what has come so far. */
export const collector = Effect.acquireRelease(
  Effect.callback<{
    readonly url: string
    readonly spans: Effect.Effect<ReadonlyArray<Span>>
    readonly close: () => void
  }>((resume) => {
    const spans: Array<Span> = []
    const server = createServer(async (request, response) => {
      const { resourceSpans = [] } = JSON.parse(await text(request)) as Traces
      for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans)
      response.end("{}")
    }).listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      const close = () => {
        server.close()
        server.closeAllConnections()
      }
      resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, spans: Effect.sync(() => [...spans]), close }))
    })
  }),
  ({ close }) => Effect.sync(close)
)
