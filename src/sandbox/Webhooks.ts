/**
 * Sends webhook requests as GitHub does: signed over the bytes that are sent, with GitHub's headers, ten seconds to
 * answer, never a second try. Every request is kept as a delivery, and can be sent again with its GUID.
 */
import { createHash } from "node:crypto"
import { sign } from "@octokit/webhooks-methods"
import { Clock, Duration, Effect, Option, Schema } from "effect"
import { FetchHttpClient, HttpBody, HttpClient, HttpClientRequest } from "effect/http"
import { type Delivery, nextId, type SandboxState } from "./State.ts"

/** GitHub waits this long for an answer. */
const patience = Duration.seconds(10)

/** How a payload is to be sent; without a URL it goes to the App's webhook URL. */
export interface DeliveryOptions {
  readonly url?: string
  /** By default `workflow_run`. */
  readonly event?: string
  /** The `X-GitHub-Delivery` GUID; by default a new one. */
  readonly deliveryId?: string
  /** Signs with another secret, as an impostor would. */
  readonly secret?: string
}

/** Ids of deliveries have been so long since February 2026. */
const firstDeliveryId = 3_804_004_623_172_239_366n

/** There is nowhere to send it. */
export class NoWebhookUrl extends Schema.TaggedError<NoWebhookUrl>()("NoWebhookUrl", {}) {
  override get message(): string {
    return "No webhook URL is set: give one in the scenario (app.webhookUrl), with PATCH /app/hook/config or with the delivery"
  }
}

/** The fields of a payload that GitHub keeps with a delivery. */
const Gist = Schema.Struct({
  action: Schema.optionalKey(Schema.String),
  installation: Schema.optionalKey(Schema.Struct({ id: Schema.Int })),
  repository: Schema.optionalKey(Schema.Struct({ id: Schema.Int }))
})
/** A payload need not be one: tests also send what no GitHub would. */
const readGist = Schema.decodeUnknownOption(Schema.fromJsonString(Gist))

/** A GUID that follows from the seed and a counter, so that a run of the sandbox can be repeated exactly. */
const newGuid = (state: SandboxState): string => {
  const hex = createHash("sha256")
    .update(`delivery ${nextId(state, "guid")}`)
    .digest("hex")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const headersFor = (state: SandboxState, event: string, guid: string, signature: string) => ({
  accept: "*/*",
  "content-type": "application/json",
  "user-agent": "GitHub-Hookshot/5a4db0c",
  "x-github-delivery": guid,
  "x-github-event": event,
  "x-github-hook-id": String(500_000_000 + state.app.id),
  "x-github-hook-installation-target-id": String(state.app.id),
  "x-github-hook-installation-target-type": "integration",
  "x-hub-signature-256": signature
})

interface Outcome {
  readonly statusCode: number
  readonly status: string
  readonly body: string
}

/** Posts once; a connection that fails or an answer that does not come are outcomes, as they are for GitHub. */
const post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  payload: string
): Effect.Effect<Outcome, never, HttpClient.HttpClient> =>
  HttpClientRequest.post(url).pipe(
    HttpClientRequest.setBody(HttpBody.text(payload, "application/json")),
    HttpClientRequest.setHeaders(headers),
    HttpClient.execute,
    // GitHub does not say of which of its traces a delivery is.
    Effect.provideService(HttpClient.TracerPropagationEnabled, false),
    Effect.flatMap((response) =>
      Effect.map(response.text, (body) => ({
        statusCode: response.status,
        status: response.status < 400 ? "OK" : `Invalid HTTP Response: ${response.status}`,
        body
      }))
    ),
    Effect.timeoutOrElse({
      duration: patience,
      orElse: () => Effect.succeed({ statusCode: 0, status: "timed out", body: "" })
    }),
    Effect.catchTag("HttpClientError", () =>
      Effect.succeed({ statusCode: 0, status: "failed to connect to host", body: "" })
    ),
    Effect.provideService(HttpClient.TracerPropagationEnabled, false)
  )

interface Parcel {
  readonly url: string
  readonly event: string
  readonly guid: string
  readonly payload: string
  readonly secret: string
  readonly redelivery: boolean
}

const send = Effect.fnUntraced(function* (state: SandboxState, parcel: Parcel) {
  const { url, event, guid, payload, secret, redelivery } = parcel
  const signature = yield* Effect.promise(() => sign(secret, payload))
  const requestHeaders = headersFor(state, event, guid, signature)
  const deliveredAt = yield* Clock.currentTimeMillis
  const { statusCode, status, body } = yield* post(url, requestHeaders, payload)
  const gist = Option.getOrElse(readGist(payload), (): typeof Gist.Type => ({}))
  const delivery: Delivery = {
    id: String(firstDeliveryId + BigInt(nextId(state, "delivery"))),
    guid,
    deliveredAt,
    redelivery,
    duration: (yield* Clock.currentTimeMillis) - deliveredAt,
    status,
    statusCode,
    event,
    action: gist.action ?? null,
    installationId: gist.installation?.id ?? null,
    repositoryId: gist.repository?.id ?? null,
    url,
    requestHeaders,
    payload,
    responseBody: body
  }
  state.deliveries.push(delivery)
  return delivery
}, Effect.provide(FetchHttpClient.layer))

/** Signs and sends a payload (an object, or its very bytes as text) and returns the delivery with the answer. */
export const deliver = Effect.fnUntraced(function* (
  state: SandboxState,
  payload: unknown,
  options: DeliveryOptions = {}
) {
  const url = options.url ?? state.webhookUrl
  if (url === undefined) return yield* new NoWebhookUrl()
  return yield* send(state, {
    url,
    event: options.event ?? "workflow_run",
    guid: options.deliveryId ?? newGuid(state),
    payload: typeof payload === "string" ? payload : JSON.stringify(payload),
    secret: options.secret ?? state.app.webhookSecret,
    redelivery: false
  })
})

/** Sends a delivery again, to the URL that is set now: same GUID, same bytes. */
export const redeliverAttempt = (state: SandboxState, delivery: Delivery): Effect.Effect<Delivery> =>
  send(state, {
    url: state.webhookUrl ?? delivery.url,
    event: delivery.event,
    guid: delivery.guid,
    payload: delivery.payload,
    secret: state.app.webhookSecret,
    redelivery: true
  })
