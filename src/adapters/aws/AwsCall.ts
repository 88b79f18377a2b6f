/**
 * The one way in which AWS is asked. A request ends after a while, its failure becomes an AwsError, and whatever may succeed a moment
 * later is asked again, after pauses that grow and are never the same, within a budget of time. Nothing else repeats requests: not the
 * SDK (`AwsClient.ts`), nor who uses the ports. So the budget is all the time that a call takes; calls of one operation share theirs.
 */
import { Clock, Context, Duration, Effect, Schedule, Schema } from "effect"

/**
 * What a failure means for asking again.
 * - `throttled`: AWS is busy, or another writer writes the same items; it did nothing.
 * - `unavailable`: no answer, or one that says that AWS failed; it may have acted.
 * - `refused`: the request itself is the problem, or our rights are.
 */
export const AwsFailure = Schema.Literals(["throttled", "unavailable", "refused"])
export type AwsFailure = typeof AwsFailure.Type

/** AWS did not do what was asked. */
export class AwsError extends Schema.TaggedError<AwsError>()("AwsError", {
  /** Service and operation: `DynamoDB.Query`. */
  operation: Schema.String,
  failure: AwsFailure,
  /** AWS's, Node's or the SDK's own name of the error. */
  code: Schema.String,
  detail: Schema.String,
  /** What the SDK threw; not for logs. */
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message() {
    return `${this.operation}: ${this.code}: ${this.detail}`
  }
}

/** How long AWS may take. The defaults let a call end within 9 seconds, before GitHub gives up on the webhook that waits for it. */
export interface Timeouts {
  /** One request. */
  readonly request: Duration.Duration
  /** From the first request until the last one is sent. */
  readonly call: Duration.Duration
}
export const Timeouts = Context.Reference<Timeouts>("dispatcher/adapters/aws/Timeouts", {
  defaultValue: () => ({ request: Duration.seconds(3), call: Duration.seconds(6) })
})

/** Until when requests may be sent, where they all belong to one operation; milliseconds since the epoch. */
const SendUntil = Context.Reference<number | undefined>("dispatcher/adapters/aws/SendUntil", {
  defaultValue: () => undefined
})
const sendUntil = Effect.gen(function* () {
  const { call } = yield* Timeouts
  return (yield* SendUntil) ?? (yield* Clock.currentTimeMillis) + Duration.toMillis(call)
})

/** Makes all the calls of an operation share one budget. */
export const asOneCall = <A, E, R>(operation: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(sendUntil, (until) => Effect.provideService(operation, SendUntil, until))

/** The services name it differently: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const throttling =
  /Throttl|ThroughputExceeded|TooManyRequests|RequestLimit|OverLimit|SlowDown|Transaction(InProgress|Conflict)/
const noAnswer = /^(Timeout|Abort)Error$/

/** What can be said of anything that the SDK throws. It has `$metadata.httpStatusCode` only where there was an answer. */
interface Thrown {
  readonly name?: string
  readonly code?: unknown
  readonly message?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}
const thrown = (cause: unknown): Thrown => (typeof cause === "object" && cause !== null ? cause : {})

/** What a thrown error means, for all that the services have in common. @internal */
export const awsFailureOf = (cause: unknown): AwsFailure => {
  const { name = "", code, $metadata } = thrown(cause)
  const status = $metadata?.httpStatusCode
  if (throttling.test(name) || status === 429) return "throttled"
  // An answer of 200 that is an error all the same was cut off or garbled.
  if (status !== undefined) return status >= 500 || status < 400 ? "unavailable" : "refused"
  return typeof code === "string" || noAnswer.test(name) ? "unavailable" : "refused"
}

/** What it means that a single entry of a request failed with a code; `ours`: whether the service says that it is our fault. @internal */
export const failureOfEntry = (code: string, ours: boolean): AwsFailure => {
  if (throttling.test(code)) return "throttled"
  return ours ? "refused" : "unavailable"
}

const awsError = (operation: string, cause: unknown, failure: AwsFailure): AwsError => {
  const { name, code, message } = thrown(cause)
  const named = name === undefined || name === "Error" ? code : name
  return new AwsError({ operation, failure, code: String(named ?? "Error"), detail: message ?? String(cause), cause })
}

const tooLate = (operation: string, detail: string) =>
  Effect.fail(new AwsError({ operation, failure: "unavailable", code: "TimeoutError", detail }))

const unsent = "its time was over before it was sent"
const isUnsent = (error: unknown): boolean => error instanceof AwsError && error.detail === unsent

/** One request, as the SDK makes it. @internal */
export interface AwsRequest<A> {
  /** Service and operation: `DynamoDB.Query`. */
  readonly operation: string
  readonly send: (signal: AbortSignal) => Promise<A>
  /** Where the service means something of its own by an error. */
  readonly failureOf?: (cause: unknown) => AwsFailure
  /** Time that AWS is asked to take (long polling), on top of what a request may take. */
  readonly extra?: Duration.Duration
}

/** Makes a request once. @internal */
export const performAwsCall = Effect.fnUntraced(function* <A>(request: AwsRequest<A>) {
  const { operation, send, extra = Duration.zero } = request
  const limit = Duration.sum((yield* Timeouts).request, extra)
  const until = yield* SendUntil
  if (until !== undefined && (yield* Clock.currentTimeMillis) > until) {
    return yield* tooLate(operation, unsent)
  }
  return yield* Effect.tryPromise({
    try: send,
    catch: (cause) => awsError(operation, cause, (request.failureOf ?? awsFailureOf)(cause))
  }).pipe(
    Effect.timeoutOrElse({
      duration: limit,
      orElse: () => tooLate(operation, `no answer within ${Duration.format(limit)}`)
    })
  )
})

const pause = { first: Duration.millis(40), longest: Duration.seconds(1) }

const mayPass = (error: unknown): boolean => error instanceof AwsError && error.failure !== "refused"

const policy = (until: number) =>
  Schedule.exponential(pause.first).pipe(
    Schedule.setInputType<{ readonly message: string }>(),
    Schedule.modifyDelay(({ duration }) => Effect.succeed(Duration.min(duration, pause.longest))),
    Schedule.jittered,
    Schedule.while(({ input, now, duration }) => mayPass(input) && now + Duration.toMillis(duration) <= until),
    Schedule.tap(({ input, attempt }) => Effect.logDebug("AWS is asked again", { attempt, reason: input.message }))
  )

/**
 * Repeats, within the budget, what failed at AWS for a reason that may pass. Where a pause ends too late for another attempt, it fails with
 * what the one before failed with. @internal
 */
export const repeated = <A, E extends { readonly message: string }, R>(
  attempt: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.flatMap(sendUntil, (until) => {
    let before: E | undefined
    const explained = Effect.mapError(attempt, (error) => {
      before = before !== undefined && isUnsent(error) ? before : error
      return before
    })
    return Effect.retry(explained, policy(until))
  })

/** Makes a request that does no harm when it is made again. @internal */
export const call = <A>(request: AwsRequest<A>): Effect.Effect<A, AwsError> =>
  repeated(performAwsCall(request)).pipe(Effect.withSpan(request.operation, { kind: "client" }))
