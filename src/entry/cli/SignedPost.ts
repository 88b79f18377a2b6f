/** A webhook request as GitHub makes it: signed over the very bytes, its answer waited for as long, redirects not followed. */
import { sign } from "@octokit/webhooks-methods"
import { Effect, Layer, Redacted } from "effect"
import { FetchHttpClient, HttpBody, HttpClient, HttpClientRequest } from "effect/http"

/** What is sent, and how it is signed. */
export interface Parcel {
  readonly payload: string
  readonly to: string
  readonly event: string
  readonly deliveryId: string
  readonly secret: Redacted.Redacted
}

/** GitHub waits this long for an answer. */
const patience = "10 seconds"

const layerClient = FetchHttpClient.layer.pipe(
  Layer.provideMerge(Layer.succeed(FetchHttpClient.RequestInit, { redirect: "manual" }))
)

/** Posts the parcel with GitHub's headers: https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers */
export const post = Effect.fnUntraced(
  function* ({ payload, to, event, deliveryId, secret }: Parcel) {
    const signature = yield* Effect.promise(() => sign(Redacted.value(secret), payload))
    const response = yield* HttpClientRequest.post(to).pipe(
      HttpClientRequest.setBody(HttpBody.text(payload, "application/json")),
      HttpClientRequest.setHeaders({
        "user-agent": "GitHub-Hookshot/dispatcher",
        "x-github-event": event,
        "x-github-delivery": deliveryId,
        "x-hub-signature-256": signature
      }),
      HttpClient.execute
    )
    return { status: response.status, body: yield* response.text }
  },
  Effect.timeout(patience),
  Effect.provide(layerClient)
)
