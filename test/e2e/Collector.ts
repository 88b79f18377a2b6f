/** An OpenTelemetry collector on loopback: keeps what comes by OTLP/HTTP as JSON. */
import type { IncomingHttpHeaders } from "node:http"
import { text } from "node:stream/consumers"
import { Effect } from "effect"
import { loopback } from "../fixtures/Loopback.ts"

/** A span, as far as the tests look at it. */
export interface Span {
  readonly name: string
  readonly traceId: string
  readonly links: ReadonlyArray<{ readonly traceId: string }>
}

/** A line of the log. */
interface LogLine {
  readonly traceId?: string
  readonly spanId?: string
  readonly body: { readonly stringValue?: string }
}

/** How something was sent. */
interface Sent {
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

interface Received {
  readonly resourceSpans?: ReadonlyArray<{
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Span> }>
  }>
  readonly resourceLogs?: ReadonlyArray<{
    readonly scopeLogs: ReadonlyArray<{ readonly logRecords: ReadonlyArray<LogLine> }>
  }>
}

/** What was collected so far. */
export interface Collected {
  readonly spans: ReadonlyArray<Span>
  readonly logs: ReadonlyArray<LogLine>
  /** All that came, as it came. */
  readonly text: string
}

const collectedFrom = (texts: ReadonlyArray<string>): Collected => {
  const all = texts.map((each) => JSON.parse(each) as Received)
  return {
    spans: all
      .flatMap(({ resourceSpans = [] }) => resourceSpans)
      .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    logs: all
      .flatMap(({ resourceLogs = [] }) => resourceLogs)
      .flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords)),
    text: texts.join("\n")
  }
}

/** Listens; gives its address and what has come so far. */
export const collector = Effect.gen(function* () {
  const texts: Array<string> = []
  const requests: Array<Sent> = []
  const url = yield* loopback(async (request, response) => {
    requests.push({ path: request.url ?? "", headers: request.headers })
    texts.push(await text(request))
    response.end("{}")
  })
  return {
    url,
    collected: Effect.sync(() => collectedFrom(texts)),
    /** All requests so far, in order. */
    sent: Effect.sync((): ReadonlyArray<Sent> => [...requests])
  }
})
