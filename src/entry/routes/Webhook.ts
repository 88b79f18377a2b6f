/**
 * `POST /webhooks/github`: what Receive says, as HTTP. GitHub shows status and body with the delivery, so both are for people.
 */
import { ByteSize, Effect } from "effect"
import { HttpIncomingMessage, HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { runKey } from "../../domain/SourceRun.ts"
import { countDelivery } from "../../flow/Metrics.ts"
import { type Reception, receive } from "../../flow/Receive.ts"

/** GitHub sends no bodies over 25 MB ("Webhook events and payloads"). */
export const maxBodyBytes = 25 * 1024 * 1024

const answer = (status: number, body: Readonly<Record<string, string>>) =>
  HttpServerResponse.jsonUnsafe(body, { status })

const respond = (reception: Reception) => {
  switch (reception._tag) {
    case "Accepted":
      return answer(202, { status: "accepted", delivery: reception.deliveryId })
    case "AlreadyAccepted":
      return answer(202, { status: "already accepted", delivery: reception.deliveryId })
    case "Ignored":
      return answer(202, { status: "ignored", reason: reception.reason })
    case "Malformed":
      return answer(400, { status: "malformed", reason: reception.message })
    case "BadSignature":
      return answer(401, { status: "bad signature", reason: reception.message })
    case "NotStored":
      return answer(503, { status: "not stored", reason: reception.message })
  }
}

const log = (reception: Reception) => {
  switch (reception._tag) {
    case "Accepted":
    case "AlreadyAccepted":
      return Effect.logInfo(`delivery ${reception._tag === "Accepted" ? "accepted" : "accepted before"}`).pipe(
        Effect.annotateLogs({
          deliveryId: reception.deliveryId,
          source: reception.run.repository,
          workflow: reception.run.workflow,
          run: runKey(reception.run)
        })
      )
    case "Ignored":
      return Effect.logDebug("delivery ignored").pipe(Effect.annotateLogs({ why: reception.reason }))
    default:
      return Effect.logWarning("delivery refused").pipe(
        Effect.annotateLogs({ reason: reception._tag, why: reception.message })
      )
  }
}

const tooLarge = answer(413, { status: "too large", reason: `the body exceeds ${maxBodyBytes} bytes` })
const unreadable = answer(400, { status: "malformed", reason: "the body could not be read" })

const handle = Effect.gen(function* () {
  const request = yield* HttpServerRequest.HttpServerRequest
  if (Number(request.headers["content-length"] ?? 0) > maxBodyBytes) return tooLarge
  const body = new Uint8Array(yield* request.arrayBuffer)
  const reception = yield* receive({
    event: request.headers["x-github-event"],
    deliveryId: request.headers["x-github-delivery"],
    signature: request.headers["x-hub-signature-256"],
    body
  })
  yield* countDelivery(reception)
  yield* log(reception)
  return respond(reception)
}).pipe(
  Effect.catchTag("HttpServerError", ({ reason }) =>
    Effect.succeed(reason._tag === "RequestParseError" && reason.reason === "BodyTooLarge" ? tooLarge : unreadable)
  ),
  Effect.provideService(HttpIncomingMessage.MaxBodySize, ByteSize.bytes(maxBodyBytes))
)

/** The route. */
export const layer = HttpRouter.add("POST", "/webhooks/github", handle)
