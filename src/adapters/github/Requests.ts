/**
 * The one way in which a request is made: ended after a while, its answer decoded, its failure put into the words of
 * GitHubError; and the one policy by which requests are repeated.
 *
 * Invariant: a request that is `harmful` to repeat reaches GitHub at most once, because what may have reached it fails
 * with `Ambiguous`, and `Ambiguous` is never tried again here.
 */
import { Clock, Duration, Effect, identity, Schedule, type Schema } from "effect"
import { GitHubError, type GitHubErrorReason, NotFound, Unavailable } from "../../ports/GitHubError.ts"
import { type Client, type Request, requestUntil } from "./Octokits.ts"
import { answerLost, type Repeat, reasonOf } from "./Reasons.ts"

export type { Request } from "./Octokits.ts"
export type { Repeat } from "./Reasons.ts"

/** What Octokit gives for an answer below 400. */
export interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: unknown }
  readonly data: unknown
}

/** One request to GitHub: how to send it and what to make of the answer. */
export interface Call<A> {
  /** For errors, logs and traces: `Workflows.start`. */
  readonly operation: string
  /** Whose budget it spends: GitHub counts REST and GraphQL apart. */
  readonly api: "rest" | "graphql"
  /** Whether it may be sent twice. */
  readonly repeat: Repeat
  /** Makes the request; called again where it may be repeated. */
  readonly send: (request: Request) => Promise<Answer>
  /** An answer that does not decode counts as lost. */
  readonly read: (answer: Answer) => Effect.Effect<A, GitHubErrorReason | Schema.SchemaError>
}

/**
 * How long one request may take. GitHub gives up after 10 s itself, and Node gives up connecting after 10 s; being a
 * little more patient lets both say so (502, `UND_ERR_CONNECT_TIMEOUT`), which tells more than our own time-out.
 * @internal
 */
export const requestTimeout = Duration.seconds(12)

const fail = (call: Call<unknown>, reason: GitHubErrorReason) =>
  Effect.fail(new GitHubError({ operation: call.operation, reason }))

/** GitHub redirects (301, 302, 307) from the former names of repositories. */
const isHere = ({ status }: Answer): boolean => status < 300 || status >= 400

/** Makes the call once: one request. @internal */
export const perform = <A>(octokit: Client, call: Call<A>): Effect.Effect<A, GitHubError> =>
  Effect.tryPromise({ try: (signal) => call.send(requestUntil(octokit, signal)), catch: identity }).pipe(
    Effect.catch((error) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fail(reasonOf(error, call.repeat, now)))
    ),
    Effect.timeoutOrElse({
      duration: requestTimeout,
      orElse: () => Effect.fail(answerLost(call.repeat, `no answer within ${Duration.toSeconds(requestTimeout)} s`))
    }),
    Effect.filterOrFail(
      isHere,
      () => new NotFound({ message: "it was renamed or moved; name it as it is called now" })
    ),
    Effect.flatMap(call.read),
    Effect.catchTag("SchemaError", ({ message }) =>
      Effect.fail(answerLost(call.repeat, `the answer is not what was expected: ${message}`))
    ),
    Effect.catch((reason) => fail(call, reason))
  )

/** Performs the call unless it is later than `sendBefore` (epoch milliseconds); then nothing was sent. @internal */
export const performBefore = <A>(sendBefore: number, octokit: Client, call: Call<A>): Effect.Effect<A, GitHubError> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    now <= sendBefore
      ? perform(octokit, call)
      : fail(call, new Unavailable({ message: "the request could not be sent in time" }))
  )

/** After this long, a call is not tried again; waits for another try end before it. @internal */
export const retryBudget = Duration.seconds(10)
/**
 * After this long, a call's request is not sent any more, however long tokens and turns took. With it, and {@link
 * requestTimeout}, a call ends within 37 s, and finding its installation within 15 s more: before the ledger's lease of
 * 60 s does.
 */
const sendBudget = Duration.seconds(25)
const mostTries = 4

const mayBeTriedAgain = ({ reason }: GitHubError): boolean =>
  reason._tag === "Unavailable" || reason._tag === "RateLimited"

const policy = (startedAt: number) =>
  Schedule.exponential("250 millis").pipe(
    Schedule.setInputType<GitHubError>(),
    Schedule.jittered,
    Schedule.modifyDelay(({ input, duration }) =>
      Effect.succeed(input.retryAfter ?? Duration.min(duration, Duration.seconds(5)))
    ),
    Schedule.while(
      ({ input, attempt, now, duration }) =>
        mayBeTriedAgain(input) &&
        attempt < mostTries &&
        now - startedAt + Duration.toMillis(duration) <= Duration.toMillis(retryBudget)
    ),
    Schedule.tap(({ input, duration }) =>
      Effect.logWarning("GitHub did not answer as hoped; trying again").pipe(
        Effect.annotateLogs({
          operation: input.operation,
          reason: input.message,
          waitMillis: Math.round(Duration.toMillis(duration))
        })
      )
    )
  )

/**
 * Tries again what is safe to try again: what GitHub did not get or did not act on. Backs off exponentially (250 ms to
 * 5 s, ±20 %), except that GitHub's own wish (`retry-after`, `x-ratelimit-reset`) is kept to exactly; where that wish
 * does not fit the budget, `RateLimited` fails at once, for a queue to wait. At most 4 tries. `attempt` is told until
 * when it may send.
 * @internal
 */
export const retrySafely = <A>(
  attempt: (sendBefore: number) => Effect.Effect<A, GitHubError>
): Effect.Effect<A, GitHubError> =>
  Effect.flatMap(Clock.currentTimeMillis, (startedAt) =>
    Effect.retry(attempt(startedAt + Duration.toMillis(sendBudget)), policy(startedAt))
  )
