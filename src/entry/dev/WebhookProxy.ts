/**
 * Receives deliveries through a channel of smee.io (or another server of https://github.com/probot/smee.io) and posts them to the service
 * here: for developers whom GitHub cannot reach. The channel gives the body parsed, so it is written as GitHub writes it; a payload that
 * GitHub wrote otherwise fails the signature check.
 */
import { Effect, Result, Schedule, Schema, Stream } from "effect"
import { Sse } from "effect/encoding"
import { HttpBody, HttpClient, HttpClientRequest } from "effect/http"

/** What the channel sends for a delivery: the headers, and the body among them. */
const Relayed = Schema.StructWithRest(Schema.Struct({ body: Schema.Record(Schema.String, Schema.Unknown) }), [
  Schema.Record(Schema.String, Schema.Unknown)
])
const decodeRelayed = Schema.decodeUnknownResult(Schema.fromJsonString(Relayed))

const passedOn = ["x-github-event", "x-github-delivery", "x-hub-signature-256"] as const

const headersOf = (relayed: typeof Relayed.Type): Readonly<Record<string, string>> =>
  Object.fromEntries(
    passedOn.flatMap((name) => {
      const value = relayed[name]
      return typeof value === "string" ? [[name, value]] : []
    })
  )

/** Posts one delivery; whatever becomes of it is a line in the log. */
const relay = Effect.fnUntraced(function* (data: string, target: string) {
  const relayed = decodeRelayed(data)
  // The channel's own messages have no body.
  if (Result.isFailure(relayed)) return
  const response = yield* HttpClientRequest.post(target).pipe(
    HttpClientRequest.setBody(HttpBody.text(JSON.stringify(relayed.success.body), "application/json")),
    HttpClientRequest.setHeaders(headersOf(relayed.success)),
    HttpClient.execute
  )
  yield* Effect.logInfo(`relayed a delivery: ${response.status}`)
})

/** How often a lost channel is opened again. */
const reopening = Schedule.min([Schedule.exponential("500 millis"), Schedule.spaced("10 seconds")])

/** Relays from the channel to the service, for ever. */
export const relayAll = (channel: string, target: string) =>
  Stream.unwrap(
    Effect.map(
      HttpClientRequest.get(channel).pipe(
        HttpClientRequest.setHeader("accept", "text/event-stream"),
        HttpClient.execute
      ),
      ({ stream }) => stream
    )
  ).pipe(
    Stream.decodeText(),
    Stream.pipeThroughChannel(Sse.decode()),
    Stream.runForEach(({ data }) =>
      Effect.catch(relay(data, target), (error) => Effect.logWarning("a delivery could not be relayed", error))
    ),
    Effect.andThen(Effect.fail("closed" as const)),
    Effect.tapError(() => Effect.logDebug("the webhook proxy's channel is opened again")),
    Effect.retry(reopening)
  )
