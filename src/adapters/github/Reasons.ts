/**
 * Says what an answer that is no success means, in the words of GitHubError: pure, and total over whatever Octokit throws.
 *
 * Two lines matter. "GitHub did not act" or "GitHub may have acted": known by whether the request's first byte was written. And "GitHub
 * refused" or "something on the way did": a refusal ends work, so it has to be GitHub's own, well-formed word: `x-github-request-id`,
 * JSON, and an object with a `message`. Everything else passes. *Lost* below is {@link answerLost}: `Unavailable`, or `Ambiguous` for
 * what must not be sent twice. A test reads this table and tries each of its rows.
 *
 * | answer | means | we |
 * | --- | --- | --- |
 * | none, and no byte was written (name, connection, TLS, a proxy's CONNECT, too late) | not sent | `Unavailable`: again |
 * | none, after the request began to be written (any code) | lost | lost: again, or look up what happened |
 * | 2xx without GitHub's headers, or not of the form asked for | a page of something on the way | lost |
 * | 2xx of a start that is neither 204 nor 200 with the run | lost | `Ambiguous` (Workflows.ts) |
 * | 200 with a GraphQL error `RATE_LIMITED` or `RATE_LIMIT` | limit | `RateLimited` (ConfigSource.ts) |
 * | 3xx, GitHub's own | the repository was renamed or moved | `NotFound`, with the new name where the App may see it (Requests.ts) |
 * | 3xx, of anything else | a sign-in page, a proxy | lost; never followed |
 * | 401, GitHub's own | it does not accept the App, or the token | `Unauthorized`, which passes: one new token (Installations.ts) |
 * | 403, 429 and any 4xx in the words of a limit | limit | `RateLimited`: as long as `retry-after` (seconds or date) or the reset says |
 * | 403 "Resource not accessible by integration" | a right that is missing, or not yet there | final after a minute (Refusals.ts) |
 * | 403, 451, GitHub's own | refused | `Forbidden`: final |
 * | 404, 410, GitHub's own | not there for the App | `NotFound`: final |
 * | 404 "Integration not found" as the App | GitHub does not know the App | `Unauthorized`, which passes |
 * | 400, 409, 422 and other 4xx, GitHub's own | refused | `Unprocessable`: final |
 * | 408, 5xx | GitHub failed, or what stands before it | lost; after `retry-after` where it is said |
 * | 4xx that is not GitHub's (HTML, 407, no request id) | a proxy, a firewall | lost |
 *
 * Messages are GitHub's own, shortened. Of errors without an answer only the code is said: their texts may quote headers.
 */
import { Option, Predicate, Schema } from "effect"
import {
  Ambiguous,
  Forbidden,
  type GitHubErrorReason,
  NotFound,
  RateLimited,
  Unauthorized,
  Unavailable,
  Unprocessable
} from "../../ports/GitHubError.ts"
import { type ResponseHeaders, rateLimitWait, retryAfterOf } from "./RateLimits.ts"

/** Whether a request may be sent twice: `harmless` for reads and for writes that only set things. */
export type Repeat = "harmless" | "harmful"

/** What is known of a request beside its answer. */
export interface Circumstances {
  readonly repeat: Repeat
  /** Whether its first byte was written. */
  readonly sent: boolean
  /** Milliseconds since the epoch, to turn times into waits where the answer has no `date`. */
  readonly now: number
}

/**
 * There is no answer that we could read: safe to ask again if repeating is harmless or nothing was sent, otherwise GitHub may have acted.
 */
export const answerLost = (
  { repeat, sent }: Pick<Circumstances, "repeat" | "sent">,
  message: string,
  retryAfter?: number
): GitHubErrorReason =>
  sent && repeat === "harmful"
    ? new Ambiguous({ message })
    : new Unavailable({ message, ...(retryAfter === undefined ? {} : { retryAfter }) })

/** What Octokit's `RequestError` holds when there was an answer. */
const Answered = Schema.Struct({
  status: Schema.Int,
  response: Schema.Struct({
    headers: Schema.Record(Schema.String, Schema.Unknown),
    data: Schema.Unknown
  })
})
const asAnswered = Schema.decodeUnknownOption(Answered)

/** GitHub's form of a refusal. https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api */
const Refusal = Schema.Struct({
  message: Schema.String,
  errors: Schema.optionalKey(Schema.Union([Schema.String, Schema.Array(Schema.Unknown)]))
})
const asRefusal = Schema.decodeUnknownOption(Refusal)

const longestMessage = 500

const tidy = (text: string): string => {
  const line = text.replace(/\s+/g, " ").trim()
  return line.length > longestMessage ? `${line.slice(0, longestMessage)}…` : line
}

const renderDetail = (detail: unknown): string => {
  if (Predicate.isString(detail)) return detail
  if (!Predicate.isObject(detail)) return String(detail)
  if ("message" in detail && Predicate.isString(detail.message)) return detail.message
  return ["resource", "field", "code"]
    .flatMap((key) => (Predicate.hasProperty(detail, key) ? [detail[key]] : []))
    .join(" ")
}

/** GitHub's message with the details that it lists. */
const renderRefusal = ({ message, errors = [] }: typeof Refusal.Type): string => {
  const details = (Predicate.isString(errors) ? [errors] : errors).map(renderDetail).filter((text) => text !== "")
  return tidy([message, details.join("; ")].filter((text) => text !== "").join(": "))
}

/** Whether GitHub itself answered: everything that it answers has this header, and what stands before it does not. */
export const isGitHubs = (headers: ResponseHeaders): boolean => Predicate.isString(headers["x-github-request-id"])

/** GitHub's own words, if these are that. */
const ownWords = (headers: ResponseHeaders, data: unknown): string | undefined =>
  isGitHubs(headers) && /^application\/json\b/i.test(String(headers["content-type"] ?? ""))
    ? Option.getOrUndefined(Option.map(asRefusal(data), renderRefusal))
    : undefined

const hostOf = (location: unknown): string | undefined =>
  Predicate.isString(location) && URL.canParse(location) ? new URL(location).host : undefined

/** An answer that is not GitHub's, in words that name what to look at: a proxy, a sign-in page, a wrong address. */
const foreign = (status: number, headers: ResponseHeaders): string => {
  const host = hostOf(headers.location)
  if (status >= 300 && status < 400) {
    return `something redirects to ${host ?? "another page"} (HTTP ${status}) in GitHub's place`
  }
  const type = String(headers["content-type"] ?? "").split(";", 1)[0]
  const what = type === "" || type === undefined ? "no content" : tidy(type).slice(0, 60)
  return `something else than GitHub answered (HTTP ${status}, ${what})`
}

/** What an answer means that is neither a success nor GitHub's redirection. */
export const reasonOfAnswer = (
  { status, headers, data }: { readonly status: number; readonly headers: ResponseHeaders; readonly data: unknown },
  circumstances: Circumstances
): GitHubErrorReason => {
  const { now, repeat } = circumstances
  const message = ownWords(headers, data)
  const wait = status < 500 ? rateLimitWait(status, headers, message ?? "", now) : undefined
  if (wait !== undefined && (message !== undefined || repeat === "harmless"))
    return new RateLimited({ retryAfter: wait })
  if (status === 408 || status >= 500) {
    const words = message === undefined ? `HTTP ${status}` : `HTTP ${status}: ${message}`
    return answerLost(circumstances, words, retryAfterOf(headers, now))
  }
  if (message === undefined) return answerLost(circumstances, foreign(status, headers))
  if (status === 401) return new Unauthorized({ message })
  if (status === 403 || status === 451) return new Forbidden({ message })
  if (status < 400 || status === 404 || status === 410) return new NotFound({ message })
  return new Unprocessable({ message })
}

/**
 * The innermost error that has a code: Octokit wraps `fetch failed`, which wraps what the socket said, or one such error for each of the
 * host's addresses.
 */
const codeOf = (error: unknown): string | undefined => {
  if (!Predicate.isObject(error)) return undefined
  if ("errors" in error && Array.isArray(error.errors)) return codeOf(error.errors[0])
  const inner = "cause" in error ? codeOf(error.cause) : undefined
  if (inner !== undefined) return inner
  return "code" in error && Predicate.isString(error.code) ? error.code : undefined
}

/** What a proxy answered to CONNECT, which undici says in its message only. */
const refusedTunnel = (error: unknown): string | undefined => {
  if (!Predicate.isError(error)) return undefined
  const [, status] = /^Proxy response \((\d{3})\)/.exec(error.message) ?? []
  return status ?? refusedTunnel(error.cause)
}

/** What zlib and undici say of an answer that came, and is not what it is declared to be, or larger than is read. */
const unreadable = /^(Z_\w+|ERR_BUFFER_TOO_LARGE|UND_ERR_RES_EXCEEDED_MAX_SIZE)$/

const reasonOfSilence = (error: unknown, circumstances: Circumstances): GitHubErrorReason => {
  const proxy = refusedTunnel(error)
  const code = codeOf(error)
  if (circumstances.sent) {
    const how = code ?? (Predicate.isError(error) ? error.name : "unknown error")
    const what = unreadable.test(how) ? "the answer cannot be read" : "the connection broke off"
    return answerLost(circumstances, `${what} (${how})`)
  }
  if (proxy !== undefined) return new Unavailable({ message: `the proxy refuses the way to GitHub (HTTP ${proxy})` })
  return new Unavailable({ message: `GitHub cannot be reached (${code ?? "unknown error"})` })
}

/** What the error means. */
export const reasonOf = (error: unknown, circumstances: Circumstances): GitHubErrorReason =>
  Option.match(asAnswered(error), {
    onNone: () => reasonOfSilence(error, circumstances),
    onSome: ({ status, response }) => reasonOfAnswer({ status, ...response }, circumstances)
  })
