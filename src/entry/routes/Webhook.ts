/**
 * `POST /webhooks/github`: what Receive says, as HTTP. GitHub shows status and body with the delivery, so both are for people.
 */
import { Effect, Layer } from "effect"
import { HttpRouter, type HttpServerRequest, HttpServerResponse } from "effect/http"
import { runKey } from "../../domain/SourceRun.ts"
import { countDelivery } from "../../flow/Metrics.ts"
import { type Reception, receive, unsignedReception } from "../../flow/Receive.ts"
import * as SignatureWatch from "../../flow/SignatureWatch.ts"
import { webhookPath } from "./Addresses.ts"
import { type BodyRefused, makeBodies } from "./Bodies.ts"

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

/** A browser that the webhook's address was pasted into, or a check of it, gets an answer that names what the address is for (RFC 9110, 15.5.6). */
const notAllowed = HttpServerResponse.setHeader(
  answer(405, {
    status: "method not allowed",
    reason: "GitHub sends its webhooks here by POST; there is nothing else to see"
  }),
  "allow",
  "POST"
)

const tooLarge = answer(413, { status: "too large", reason: `the body exceeds ${maxBodyBytes} bytes` })

/** What is answered where the body is not taken; GitHub shows it, and the sweep has it redelivered. */
const refuse = ({ reason }: BodyRefused) => {
  switch (reason) {
    case "TooLarge":
      return tooLarge
    case "Unreadable":
      return answer(400, { status: "malformed", reason: "the body could not be read" })
    case "Late":
      return answer(408, { status: "late", reason: "the body did not arrive in time" })
    case "Busy":
      return HttpServerResponse.setHeader(
        answer(503, { status: "busy", reason: "too many requests are under way; redeliver it" }),
        "retry-after",
        "5"
      )
  }
}

const finish = Effect.fnUntraced(function* (reception: Reception) {
  yield* countDelivery(reception)
  yield* log(reception)
  return respond(reception)
})

/** The route. What can be refused by its headers is refused before its body is read. */
export const layer = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const { withBody } = yield* makeBodies
    const watch = yield* SignatureWatch.SignatureWatch
    const handle = Effect.fnUntraced(
      function* (request: HttpServerRequest.HttpServerRequest) {
        if (request.method !== "POST") return notAllowed
        const signature = request.headers["x-hub-signature-256"]
        const unsigned = unsignedReception(signature)
        if (unsigned !== undefined) return yield* finish(unsigned)
        if (Number(request.headers["content-length"] ?? 0) > maxBodyBytes) return tooLarge
        return yield* withBody(request, maxBodyBytes, (body) =>
          Effect.flatMap(
            receive({
              event: request.headers["x-github-event"],
              deliveryId: request.headers["x-github-delivery"],
              userAgent: request.headers["user-agent"],
              signature,
              body
            }).pipe(Effect.provideService(SignatureWatch.SignatureWatch, watch)),
            finish
          )
        )
      },
      Effect.catchTag("BodyRefused", (error) =>
        Effect.as(Effect.logWarning("body refused").pipe(Effect.annotateLogs({ reason: error.reason })), refuse(error))
      )
    )
    yield* router.add("*", webhookPath, handle)
  })
).pipe(Layer.provide(SignatureWatch.layer))
