/**
 * The one way in which a request is made: ended after a while, its answer decoded, its failure put into the words of
 * GitHubError; and the one policy by which requests are repeated.
 *
 * Invariant: a request that is `harmful` to repeat reaches GitHub at most once, because what may have reached it fails
 * with `Ambiguous`, and `Ambiguous` is never tried again here.
 */
import { Clock, Duration, Effect, identity, Schedule, Schema } from "effect"
import { RepositoryName } from "../../domain/Names.ts"
import { GitHubId, type SourceRun } from "../../domain/SourceRun.ts"
import { GitHubError, type GitHubErrorReason, NotFound, Unauthorized } from "../../ports/GitHubError.ts"
import type { SendGate } from "./Fetch.ts"
import type { OctokitClient, OctokitRequest } from "./Octokits.ts"
import { answerLost, isGitHubs, type Repeat, reasonOf, reasonOfAnswer } from "./Reasons.ts"

export type { OctokitRequest } from "./Octokits.ts"
export type { Repeat } from "./Reasons.ts"

/** What Octokit gives for an answer below 400. */
export interface GitHubResponse {
  readonly status: number
  readonly headers: { readonly [name: string]: unknown }
  readonly data: unknown
}

/** One request to GitHub: how to send it and what to make of the answer. */
export interface Call<A> {
  /** For errors, logs and traces: `Workflows.start`. */
  readonly operation: string
  /**
   * Whose budget it spends: GitHub counts REST and GraphQL apart, and limits what creates content (issues, comments) by itself, too.
   * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
   */
  readonly api: "rest" | "graphql" | "content"
  /** Whether it may be sent twice. */
  readonly repeat: Repeat
  /** How often it is tried where GitHub fails; default: 4. What GitHub asked to wait for is no try. */
  readonly tries?: number
  /** What it is about, where an installation has several of that: a refusal is remembered for this alone. */
  readonly about?: string
  /** Makes the request; called again where it may be repeated. */
  readonly send: (request: OctokitRequest) => Promise<GitHubResponse>
  /** An answer that does not decode counts as lost. */
  readonly read: (answer: GitHubResponse) => Effect.Effect<A, GitHubErrorReason | Schema.SchemaError>
}

/**
 * How long one request may take. GitHub gives up after 10 s itself, and so does connecting; being a little more patient lets both say so
 * (502, `UND_ERR_CONNECT_TIMEOUT`), which explains more than our own time-out.
 * @internal
 */
export const requestTimeout = Duration.seconds(12)

const fail = (call: Pick<Call<unknown>, "operation">, reason: GitHubErrorReason) =>
  Effect.fail(new GitHubError({ operation: call.operation, reason }))

/** GitHub redirects (301, 302, 307) from the former names of repositories, to their number. */
const isRedirection = ({ status }: GitHubResponse): boolean => status >= 300 && status < 400

/** The number of the repository that GitHub redirects to, of an address of this GitHub. */
const numberIn = (apiUrl: string, { headers }: GitHubResponse): GitHubId | undefined => {
  const location = String(headers.location ?? "")
  if (!location.startsWith(`${apiUrl}/`)) return undefined
  const id = /^\/repositories\/(\d{1,18})(?:[/?]|$)/.exec(location.slice(apiUrl.length))?.[1]
  return id === undefined ? undefined : GitHubId.make(id)
}

const decodeName = Schema.decodeUnknownEffect(Schema.Struct({ full_name: RepositoryName }))

const nameCall = (id: GitHubId): Call<RepositoryName> => ({
  operation: "Requests.nameOf",
  api: "rest",
  repeat: "harmless",
  send: (request) => request("GET /repositories/{id}", { id }),
  read: ({ data }) => Effect.map(decodeName(data), ({ full_name }) => full_name)
})

/** What GitHub's own redirection means: another name. The token goes nowhere else for that; the name is asked for here, 1 request. */
const moved = (client: OctokitClient, answer: GitHubResponse): Effect.Effect<never, GitHubErrorReason> => {
  const id = numberIn(client.apiUrl, answer)
  const unnamed = new NotFound({ message: "it was renamed or moved; name it as it is called now" })
  if (id === undefined) return Effect.fail(unnamed)
  return Effect.matchEffect(performRequest(client, nameCall(id)), {
    onFailure: () => Effect.fail(unnamed),
    onSuccess: (repository) => {
      const message = `it was renamed or moved and is called ${repository} now`
      return Effect.fail(new NotFound({ message, movedTo: { repositoryId: id, repository } }))
    }
  })
}

/**
 * Makes the call once: one request, or none where `maySend` is false when its first byte could be written. @internal
 */
export const performRequest = <A>(
  client: OctokitClient,
  call: Call<A>,
  maySend: SendGate = () => true
): Effect.Effect<A, GitHubError> =>
  Effect.suspend(() => {
    let sent = false
    let over = false
    // A fetch may send again by its own rules (421): not through here.
    const gate = () => {
      if (sent || over || !maySend()) return false
      sent = true
      return true
    }
    const circumstances = () => Effect.map(Clock.currentTimeMillis, (now) => ({ repeat: call.repeat, sent, now }))
    const lost = (message: string) =>
      Effect.flatMap(circumstances(), (known) => Effect.fail(answerLost(known, message)))
    const judged = (answer: GitHubResponse): Effect.Effect<GitHubResponse, GitHubErrorReason> => {
      if (isGitHubs(answer.headers) && !isRedirection(answer)) return Effect.succeed(answer)
      return Effect.flatMap(circumstances(), (known) => {
        const reason = reasonOfAnswer(answer, known)
        return reason._tag === "NotFound" ? moved(client, answer) : Effect.fail(reason)
      })
    }
    return Effect.tryPromise({ try: (signal) => call.send(client.requestUntil(signal, gate)), catch: identity }).pipe(
      Effect.catch((error) => Effect.flatMap(circumstances(), (known) => Effect.fail(reasonOf(error, known)))),
      Effect.timeoutOrElse({
        duration: requestTimeout,
        orElse: () => {
          over = true
          return lost(`no answer within ${Duration.toSeconds(requestTimeout)} s`)
        }
      }),
      Effect.flatMap(judged),
      Effect.flatMap(call.read),
      Effect.catchTag("SchemaError", ({ message }) => lost(`the answer is not what was expected: ${message}`)),
      Effect.catch((reason) => fail(call, reason))
    )
  })

/** A signature that is of another time than GitHub's. */
const isUntimely = ({ reason }: GitHubError): boolean =>
  reason._tag === "Unauthorized" && /claim \('(?:exp|iat)'\)/.test(reason.message)

const isUnauthorized = ({ reason }: GitHubError): boolean => reason._tag === "Unauthorized"

/** To the signature of an App that it does not know, GitHub says 404; that is about us, not about what was asked for. */
const isUnknownApp = ({ reason }: GitHubError): boolean =>
  reason._tag === "NotFound" && reason.message.startsWith("Integration not found")

/**
 * Makes a call as the App: one request, or two where GitHub refused the time of the signature. By that answer its time is known, so the
 * second signature is made by it. One more where GitHub refused the key and there is a newer one. `Unauthorized` where GitHub does not know the App. @internal
 */
export const performAsApp = <A>(
  client: OctokitClient,
  call: Call<A>,
  maySend?: SendGate
): Effect.Effect<A, GitHubError> => {
  const signed = Effect.retry(performRequest(client, call, maySend), { while: isUntimely, times: 1 })
  return signed.pipe(
    Effect.catchIf(isUnauthorized, (error) =>
      Effect.flatMap(client.renewed, (isNewer) => (isNewer ? signed : Effect.fail(error)))
    ),
    Effect.catchIf(isUnknownApp, ({ reason: { message } }) => fail(call, new Unauthorized({ message })))
  )
}

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

const policy = (startedAt: number, tries: number) => {
  // By one call: its policy is made for it.
  let failed = 0
  return Schedule.exponential("250 millis").pipe(
    Schedule.setInputType<GitHubError>(),
    Schedule.jittered,
    Schedule.modifyDelay(({ input, duration }) =>
      Effect.succeed(input.retryAfter ?? Duration.min(duration, Duration.seconds(5)))
    ),
    Schedule.while(({ input, now, duration }) => {
      if (input.reason._tag !== "RateLimited") failed++
      return (
        mayBeTriedAgain(input) &&
        failed < tries &&
        now - startedAt + Duration.toMillis(duration) <= Duration.toMillis(retryBudget)
      )
    }),
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
}

/**
 * Tries again what is safe to try again: what GitHub did not get or did not act on. Backs off exponentially (250 ms to
 * 5 s, ±20 %), except that the wait that GitHub asks for (`retry-after`, `x-ratelimit-reset`) is kept to exactly; where that wait
 * does not fit the budget, the call fails at once, for a queue to wait. Such a wait is no try; at most `tries` otherwise. `attempt` gets a gate that closes when the
 * call's time is over, by the monotonic clock.
 * @internal
 */
export const retrySafely = <A>(
  attempt: (inTime: SendGate) => Effect.Effect<A, GitHubError>,
  tries = mostTries
): Effect.Effect<A, GitHubError> =>
  Effect.flatMap(Clock.Clock, (clock) => {
    const end = clock.monotonicTimeNanosUnsafe() + Duration.toNanosUnsafe(sendBudget)
    const inTime = () => clock.monotonicTimeNanosUnsafe() <= end
    return Effect.flatMap(Clock.currentTimeMillis, (startedAt) =>
      Effect.retry(attempt(inTime), policy(startedAt, tries))
    )
  })

/** The name of a repository, as far as it is known, and its number. */
type Named = Pick<SourceRun, "repository" | "repositoryId">

/**
 * Asks by the name that is known, and where GitHub redirects from there to the same repository, by its present name; what is redirected
 * elsewhere, as an issue that was transferred, stays not found. The token goes to no address of GitHub's choice.
 * Cost: two requests more where the name is a former one. @internal
 */
export const byPresentName = <Of extends Named, A>(
  of: Of,
  ask: (of: Of) => Effect.Effect<A, GitHubError>
): Effect.Effect<A, GitHubError> =>
  Effect.catch(ask(of), (error) => {
    const movedTo = error.reason._tag === "NotFound" ? error.reason.movedTo : undefined
    return movedTo?.repositoryId === of.repositoryId
      ? ask({ ...of, repository: movedTo.repository })
      : Effect.fail(error)
  })
