/**
 * `POST /webhooks/github`: what Receive says, as HTTP. GitHub shows status and body with the delivery, so both are for people.
 *
 * On a server, `WebhookServer.ts` answers the requests without the HTTP layer between; the route here is for functions, and for other
 * methods than POST.
 */
import { Effect, LogLevel } from "effect"
import { HttpRouter, type HttpServerRequest, HttpServerResponse } from "effect/http"
import { runKey } from "../../domain/SourceRun.ts"
import { countDelivery, type DeliveryResult } from "../../flow/Metrics.ts"
import { type Reception, receive, receiveAll, unsignedReception, type WebhookRequest } from "../../flow/Receive.ts"
import * as SignatureWatch from "../../flow/SignatureWatch.ts"
import { webhookPath } from "./Addresses.ts"

/** GitHub sends no bodies over 25 MB ("Webhook events and payloads"). */
export const maxBodyBytes = 25 * 1024 * 1024

/** An answer: its body is JSON. */
export interface WebhookAnswer {
  readonly status: number
  readonly body: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}
const answer = (
  status: number,
  body: WebhookAnswer["body"],
  headers: WebhookAnswer["headers"] = {}
): WebhookAnswer => ({
  status,
  body,
  headers
})

const respond = (reception: Reception): WebhookAnswer => {
  switch (reception._tag) {
    case "Accepted":
      return answer(202, { status: "accepted", delivery: reception.deliveryId })
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

/** Annotates a line only where its level is logged: that costs more than to find out. */
const annotatedAt = (
  level: LogLevel.Severity,
  line: Effect.Effect<void>,
  annotations: () => Readonly<Record<string, string>>
) =>
  Effect.flatMap(LogLevel.isEnabled(level), (isEnabled) =>
    isEnabled ? Effect.annotateLogs(line, annotations()) : Effect.void
  )

const log = (reception: Reception) => {
  switch (reception._tag) {
    case "Accepted": {
      const { deliveryId, run } = reception
      const { repository: source, workflow } = run
      const annotations = () => ({ deliveryId, source, workflow, run: runKey(run) })
      return annotatedAt("Info", Effect.logInfo("delivery accepted"), annotations)
    }
    case "Ignored":
      return annotatedAt("Debug", Effect.logDebug("delivery ignored"), () => ({ why: reception.reason }))
    default:
      return Effect.logWarning("delivery refused").pipe(
        Effect.annotateLogs({ reason: reception._tag, why: reception.message })
      )
  }
}

/** A browser that the webhook's address was pasted into, or a check of it, gets an answer that names what the address is for (RFC 9110, 15.5.6). */
const notAllowed = Effect.as(
  countDelivery("not_allowed"),
  answer(
    405,
    { status: "method not allowed", reason: "GitHub sends its webhooks here by POST; there is nothing else to see" },
    { allow: "POST" }
  )
)

/** Why a body is not taken. */
export type BodyRefusal = "TooLarge" | "Busy" | "Late" | "Displaced" | "Unreadable"

const refusals: Readonly<Record<BodyRefusal, WebhookAnswer>> = {
  TooLarge: answer(413, { status: "too large", reason: `the body exceeds ${maxBodyBytes} bytes` }),
  Unreadable: answer(400, { status: "malformed", reason: "the body could not be read" }),
  Late: answer(408, { status: "late", reason: "the body did not arrive in time" }),
  Displaced: answer(408, {
    status: "late",
    reason: "newer requests took the place of the body, which was still arriving"
  }),
  Busy: answer(503, { status: "busy", reason: "too many requests are under way; redeliver it" }, { "retry-after": "5" })
}

/** What is answered where the body is not taken; GitHub shows it, and the sweep has it redelivered. */
export const refuseBody = (reason: BodyRefusal): Effect.Effect<WebhookAnswer> =>
  Effect.logWarning("body refused").pipe(
    Effect.annotateLogs({ reason }),
    Effect.andThen(countDelivery(resultOf[reason])),
    Effect.as(refusals[reason])
  )

const resultOf: Readonly<Record<Reception["_tag"] | BodyRefusal, DeliveryResult>> = {
  Accepted: "accepted",
  Ignored: "ignored",
  Malformed: "malformed",
  BadSignature: "bad_signature",
  NotStored: "not_stored",
  TooLarge: "too_large",
  Late: "late",
  Displaced: "displaced",
  Busy: "busy",
  Unreadable: "unreadable"
}

/** Counts and logs what became of requests, and gives the answers; one count for those of which the same became. */
const finishAll = Effect.fnUntraced(function* (receptions: ReadonlyArray<Reception>) {
  for (const [result, some] of Map.groupBy(receptions, ({ _tag }) => resultOf[_tag])) {
    yield* countDelivery(result, some.length)
  }
  for (const reception of receptions) yield* log(reception)
  return receptions.map(respond)
})
const finish = (reception: Reception) => Effect.as(finishAll([reception]), respond(reception))

/** The headers of a request, their names in lower case. */
export type WebhookHeaders = Readonly<Record<string, string | undefined>>

/** The answer to a request that can be refused by its headers, before its body is read. */
export const refuseByHeaders = (headers: WebhookHeaders): Effect.Effect<WebhookAnswer> | undefined => {
  const unsigned = unsignedReception(headers["x-hub-signature-256"])
  if (unsigned !== undefined) return finish(unsigned)
  return Number(headers["content-length"] ?? 0) > maxBodyBytes ? refuseBody("TooLarge") : undefined
}

/** A request with its whole body. */
export const webhookRequest = (headers: WebhookHeaders, body: Uint8Array): WebhookRequest => ({
  event: headers["x-github-event"],
  deliveryId: headers["x-github-delivery"],
  userAgent: headers["user-agent"],
  signature: headers["x-hub-signature-256"],
  body
})

/** The answers to requests that arrived together. */
export const answerAll = (requests: ReadonlyArray<WebhookRequest>) => Effect.flatMap(receiveAll(requests), finishAll)

const answerOne = (headers: WebhookHeaders, body: Uint8Array) =>
  Effect.flatMap(receive(webhookRequest(headers, body)), finish)

const toResponse = ({ status, body, headers = {} }: WebhookAnswer) =>
  HttpServerResponse.jsonUnsafe(body, { status, headers })

const readBody = Effect.fnUntraced(function* (request: HttpServerRequest.HttpServerRequest) {
  const body = yield* Effect.result(request.arrayBuffer)
  if (body._tag === "Failure") return yield* refuseBody("Unreadable")
  if (body.success.byteLength > maxBodyBytes) return yield* refuseBody("TooLarge")
  return yield* answerOne(request.headers, new Uint8Array(body.success))
})

/** The route. */
export const layer = HttpRouter.use((router) =>
  Effect.gen(function* () {
    const watch = yield* SignatureWatch.SignatureWatch
    yield* router.add("*", webhookPath, (request) =>
      Effect.suspend(() => {
        if (request.method !== "POST") return notAllowed
        return refuseByHeaders(request.headers) ?? readBody(request)
      }).pipe(Effect.map(toResponse), Effect.provideService(SignatureWatch.SignatureWatch, watch))
    )
  })
)
