/**
 * Receive: from GitHub's request to stored work.
 *
 * The signature is verified over the raw bytes before anything is parsed, and the answer is `Accepted` only once the work is durable.
 * Nothing here asks GitHub or decides anything. A delivery that comes again is stored again: Plan finds what it made of the first.
 */
import { verifyWithFallback } from "@octokit/webhooks-methods"
import { DateTime, Effect, Fiber, Redacted, Result, Schema } from "effect"
import { mayBeRounded, parseJson } from "../domain/Json.ts"
import { DeliveryId, runKey, type SourceRun } from "../domain/SourceRun.ts"
import { type Reading, readWorkflowRun } from "../domain/WorkflowRunEvent.ts"
import { PlanQueue } from "./Queues.ts"
import { Settings, WebhookSecrets } from "./Settings.ts"
import { SignatureWatch } from "./SignatureWatch.ts"

/** The parts of a webhook request that matter. */
export interface WebhookRequest {
  /** `X-GitHub-Event` */
  readonly event: string | undefined
  /** `X-GitHub-Delivery` */
  readonly deliveryId: string | undefined
  /** `User-Agent` */
  readonly userAgent: string | undefined
  /** `X-Hub-Signature-256` */
  readonly signature: string | undefined
  /** The body exactly as it arrived. */
  readonly body: Uint8Array
}

/** What became of a request. */
export type Reception =
  | { readonly _tag: "Accepted"; readonly deliveryId: DeliveryId; readonly run: SourceRun }
  | { readonly _tag: "Ignored"; readonly reason: string }
  | { readonly _tag: "Malformed"; readonly message: string }
  | { readonly _tag: "BadSignature"; readonly message: string }
  | { readonly _tag: "NotStored"; readonly message: string }

/** GitHub gives up after 10 s; an answer must be on its way before. */
const storeTimeout = "6 seconds"

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const decodeText = (body: Uint8Array): Result.Result<string, string> =>
  Result.try({ try: () => utf8.decode(body), catch: () => "the body is not UTF-8" })
const parsed = (text: string): Result.Result<unknown, string> =>
  Result.try({
    try: () => JSON.parse(text),
    catch: () => "the body is not JSON; set the webhook's content type to application/json"
  })
/** What a payload is. Ids beyond 2^53 are malformed where they were rounded; the payload is parsed without rounding then, which takes twice as long. */
const readPayload = (text: string, payload: unknown): Reading => {
  const reading = readWorkflowRun(payload)
  return reading._tag === "Malformed" && mayBeRounded(text) ? readWorkflowRun(parseJson(text)) : reading
}
const decodeDeliveryId = Schema.decodeUnknownResult(DeliveryId)

/** Whether the body was signed with the current secret, or the previous one while it is being rotated. */
const isSigned = Effect.fnUntraced(function* (text: string, signature: string) {
  const { current, previous } = yield* WebhookSecrets
  const others = previous === undefined ? [] : [Redacted.value(previous)]
  return yield* Effect.promise(() => verifyWithFallback(Redacted.value(current), text, signature, others))
})

const malformed = (message: string): Reception => ({ _tag: "Malformed", message })

/** Waits for work, but not for ever. Work that is over already, as with a queue in memory, costs no timer. */
const inTime = Effect.fnUntraced(function* <A, E, R>(work: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(work, { startImmediately: true })
  return yield* fiber.pollUnsafe() ?? Effect.timeout(Fiber.join(fiber), storeTimeout)
})

/** Stores the work: one durable write, of the plan queue. */
const store = Effect.fnUntraced(function* (deliveryId: DeliveryId, run: SourceRun) {
  const plans = yield* PlanQueue
  const { appVersion } = yield* Settings
  const acceptedAt = DateTime.formatIso(yield* DateTime.now)
  yield* inTime(plans.offer([{ body: { version: 1, deliveryId, run, acceptedAt, generation: 0, appVersion } }]))
})

const accept = (deliveryId: DeliveryId, run: SourceRun) =>
  store(deliveryId, run).pipe(
    Effect.as<Reception>({ _tag: "Accepted", deliveryId, run }),
    Effect.catch((error) =>
      Effect.as(Effect.logError("delivery not stored", error), {
        _tag: "NotStored",
        message: "the delivery could not be stored; redeliver it"
      } satisfies Reception)
    ),
    Effect.annotateLogs({ deliveryId, source: run.repository, workflow: run.workflow, run: runKey(run) })
  )

const receiveRun = Effect.fnUntraced(function* (deliveryHeader: string, text: string) {
  const deliveryId = decodeDeliveryId(deliveryHeader)
  if (Result.isFailure(deliveryId)) return malformed("X-GitHub-Delivery is not a delivery GUID")
  const payload = parsed(text)
  if (Result.isFailure(payload)) return malformed(payload.failure)
  const reading = readPayload(text, payload.success)
  return reading._tag === "Completed" ? yield* accept(deliveryId.success, reading.run) : reading
})

const missingSignature: Reception = { _tag: "BadSignature", message: "X-Hub-Signature-256 is missing" }

/** What becomes of a request whose signature cannot be one, before its body is read: "sha256=" and 64 hexadecimal digits (GitHub, "Validating webhook deliveries"). */
export const unsignedReception = (signature: string | undefined): Reception | undefined => {
  if (signature === undefined || signature === "") return missingSignature
  return /^sha256=[0-9a-f]{64}$/.test(signature)
    ? undefined
    : { _tag: "BadSignature", message: "X-Hub-Signature-256 is not sha256= and 64 hexadecimal digits" }
}

/**
 * Takes one webhook request. Never fails: everything that can be wrong with a request is an answer. One queue write.
 * Untraced: the server has a span for each request.
 */
export const receive = Effect.fnUntraced(function* (request: WebhookRequest) {
  const unsigned = unsignedReception(request.signature)
  if (unsigned !== undefined || request.signature === undefined) return unsigned ?? missingSignature
  if (request.body.length === 0) return malformed("the body is empty")
  const text = decodeText(request.body)
  if (Result.isFailure(text)) return malformed(text.failure)
  const watch = yield* SignatureWatch
  if (!(yield* isSigned(text.success, request.signature))) {
    yield* watch.refused(request.userAgent)
    return { _tag: "BadSignature", message: "X-Hub-Signature-256 does not match the body" } satisfies Reception
  }
  yield* watch.matched
  if (request.event === undefined || request.deliveryId === undefined) {
    return malformed("X-GitHub-Event or X-GitHub-Delivery is missing")
  }
  if (request.event !== "workflow_run") {
    return {
      _tag: "Ignored",
      reason: `event ${request.event.slice(0, 64)}: only workflow_run starts anything`
    } satisfies Reception
  }
  return yield* receiveRun(request.deliveryId, text.success)
})
