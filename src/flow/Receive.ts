/**
 * Receive: from GitHub's request to stored work.
 *
 * The signature is verified over the raw bytes before anything is parsed, and the answer is `Accepted` only once the work is durable.
 * Nothing here asks GitHub or decides anything. A delivery that comes again is stored again: Plan finds what it made of the first.
 */
import { verifyWithFallback } from "@octokit/webhooks-methods"
import { Array as Arrays, Clock, Effect, Fiber, Redacted, Result, Schema } from "effect"
import { mayBeRounded, parseJson } from "../domain/Json.ts"
import { DeliveryId, type SourceRun } from "../domain/SourceRun.ts"
import { type Reading, readWorkflowRun } from "../domain/WorkflowRunEvent.ts"
import { steadyMillis } from "../queue/SteadyTime.ts"
import { ProcessTraffic } from "../queue/Traffic.ts"
import { aboutRun, PlanQueue } from "./Queues.ts"
import { type SecretPair, Settings, WebhookSecrets } from "./Settings.ts"
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

const malformed = (message: string): Reception => ({ _tag: "Malformed", message })
const missingSignature: Reception = { _tag: "BadSignature", message: "X-Hub-Signature-256 is missing" }
const wrongSignature: Reception = { _tag: "BadSignature", message: "X-Hub-Signature-256 does not match the body" }

/** What becomes of a request whose signature cannot be one, before its body is read: "sha256=" and 64 hexadecimal digits (GitHub, "Validating webhook deliveries"). */
export const unsignedReception = (signature: string | undefined): Reception | undefined => {
  if (signature === undefined || signature === "") return missingSignature
  return /^sha256=[0-9a-f]{64}$/.test(signature)
    ? undefined
    : { _tag: "BadSignature", message: "X-Hub-Signature-256 is not sha256= and 64 hexadecimal digits" }
}

/** The text of a request that may be signed, or why there is none. */
const textOf = ({ signature, body }: WebhookRequest): Result.Result<string, Reception> => {
  const unsigned = unsignedReception(signature)
  if (unsigned !== undefined) return Result.fail(unsigned)
  return body.length === 0 ? Result.fail(malformed("the body is empty")) : Result.mapError(decodeText(body), malformed)
}

type Verified = Result.Result<string, Reception>
const isWrong = (text: Verified): boolean => Result.isFailure(text) && text.failure === wrongSignature

const verifierOf = ({ current, previous }: SecretPair) => {
  const others = previous === undefined ? [] : [Redacted.value(previous)]
  return async (request: WebhookRequest): Promise<Verified> => {
    const text = textOf(request)
    if (Result.isFailure(text)) return text
    const { signature = "" } = request
    const isSigned = await verifyWithFallback(Redacted.value(current), text.success, signature, others)
    return isSigned ? text : Result.fail(wrongSignature)
  }
}

/**
 * The text of each request that is signed with the current secret, or the previous one while it is being rotated; or what is wrong. Where a
 * signature fails with the secrets at hand, they may have changed: it is compared with those of now, too.
 */
const verifyAll = Effect.fnUntraced(function* (requests: ReadonlyArray<WebhookRequest>) {
  const secrets = yield* WebhookSecrets
  const atHand = yield* secrets.get
  const texts = yield* Effect.promise(() => Promise.all(requests.map(verifierOf(atHand))))
  if (!texts.some(isWrong)) return texts
  const latest = yield* secrets.renew
  if (latest === atHand) return texts
  const verify = verifierOf(latest)
  const again = Arrays.zip(requests, texts).map(([request, text]) => (isWrong(text) ? verify(request) : text))
  return yield* Effect.promise(() => Promise.all(again))
})

/** What a signed request is. `Accepted` is what remains to be stored. */
const receptionOf = ({ event, deliveryId: header }: WebhookRequest, text: string): Reception => {
  if (event === undefined || event === "" || header === undefined)
    return malformed("X-GitHub-Event or X-GitHub-Delivery is missing")
  if (event !== "workflow_run") {
    return { _tag: "Ignored", reason: `event ${event.slice(0, 64)}: only workflow_run starts anything` }
  }
  const deliveryId = decodeDeliveryId(header)
  if (Result.isFailure(deliveryId)) return malformed("X-GitHub-Delivery is not a delivery GUID")
  const payload = parsed(text)
  if (Result.isFailure(payload)) return malformed(payload.failure)
  const reading = readPayload(text, payload.success)
  return reading._tag === "Completed" ? { _tag: "Accepted", deliveryId: deliveryId.success, run: reading.run } : reading
}

type Accepted = Extract<Reception, { readonly _tag: "Accepted" }>

/** Waits for work, but not for ever. Work that is over already, as with a queue in memory, costs no timer. */
const inTime = Effect.fnUntraced(function* <A, E, R>(work: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(work, { startImmediately: true })
  return yield* fiber.pollUnsafe() ?? Effect.timeout(Fiber.join(fiber), storeTimeout)
})

const notStored: Reception = { _tag: "NotStored", message: "the delivery could not be stored; redeliver it" }
const logNotStored = (error: unknown) => (accepted: Accepted) =>
  Effect.logError("delivery not stored", error).pipe(Effect.annotateLogs(aboutRun(accepted)))

/** Stores the work: one durable write, of the plan queue. Whether it did. */
const store = Effect.fnUntraced(function* (accepted: ReadonlyArray<Accepted>) {
  const plans = yield* PlanQueue
  const { appVersion } = yield* Settings
  const acceptedAt = new Date(yield* Clock.currentTimeMillis).toISOString()
  const offers = accepted.map(({ deliveryId, run }) => ({
    body: { version: 1, deliveryId, run, acceptedAt, generation: 0, appVersion } as const
  }))
  return yield* inTime(plans.offer(offers)).pipe(
    Effect.as(true),
    Effect.catch((error) => Effect.as(Effect.forEach(accepted, logNotStored(error)), false))
  )
})

/** Counts verified deliveries as traffic, and takes note of signatures: of those that match one after another once, since more say no more. */
const noteSignatures = Effect.fnUntraced(function* (
  requests: ReadonlyArray<WebhookRequest>,
  texts: ReadonlyArray<Verified>
) {
  const watch = yield* SignatureWatch
  const traffic = yield* ProcessTraffic
  const now = yield* steadyMillis
  let hasMatched = false
  for (const [index, text] of texts.entries()) {
    if (Result.isSuccess(text)) {
      traffic.arrived(now)
      if (!hasMatched) yield* watch.matched
      hasMatched = true
    } else if (text.failure === wrongSignature) {
      yield* watch.refused(requests[index]?.userAgent)
      hasMatched = false
    }
  }
})

/**
 * Takes webhook requests that arrive together, and gives what became of each, in the same order. Never fails: everything that can be wrong
 * with a request is an answer. One queue write for all of them; where that fails, none of them is stored. Untraced: the server has a span
 * for each request.
 */
export const receiveAll = Effect.fnUntraced(function* (requests: ReadonlyArray<WebhookRequest>) {
  const texts = yield* verifyAll(requests)
  yield* noteSignatures(requests, texts)
  const receptions = Arrays.zipWith(requests, texts, (request, text) =>
    Result.isSuccess(text) ? receptionOf(request, text.success) : text.failure
  )
  const accepted = receptions.filter((reception) => reception._tag === "Accepted")
  if (accepted.length === 0 || (yield* store(accepted))) return receptions
  return receptions.map((reception) => (reception._tag === "Accepted" ? notStored : reception))
})

/** Takes one webhook request. */
export const receive = (request: WebhookRequest) =>
  Effect.map(receiveAll([request]), ([reception = missingSignature]) => reception)
