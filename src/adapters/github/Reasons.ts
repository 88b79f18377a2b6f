/**
 * Says what a failed request means, in the words of GitHubError: pure, and total over whatever Octokit throws.
 *
 * The line that matters most runs between "GitHub did not act" and "GitHub may have acted". An answer below 500 is a
 * refusal: GitHub did not act. A 5xx or no answer at all leaves it open, unless the request cannot have left this
 * machine.
 *
 * Messages are GitHub's own, shortened. Of errors without an answer only the code is told: their texts may quote
 * headers.
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
import { rateLimitWait } from "./RateLimits.ts"

/** Whether a request may be sent twice: `harmless` for reads and for writes that only set things. */
export type Repeat = "harmless" | "harmful"

/**
 * There is no answer that we could read: safe to ask again if repeating is harmless, otherwise GitHub may have acted.
 */
export const answerLost = (repeat: Repeat, message: string): GitHubErrorReason =>
  repeat === "harmless" ? new Unavailable({ message }) : new Ambiguous({ message })

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

/** GitHub's message with the details that it lists; the status where the body is none of GitHub's (a proxy's page). */
const renderRefusal = (status: number, data: unknown): string =>
  Option.match(asRefusal(data), {
    onNone: () => `HTTP ${status}`,
    onSome: ({ message, errors = [] }) => {
      const details = (Predicate.isString(errors) ? [errors] : errors).map(renderDetail).filter((text) => text !== "")
      return tidy([message, details.join("; ")].filter((text) => text !== "").join(": "))
    }
  })

const reasonOfAnswer = ({ status, response }: typeof Answered.Type, repeat: Repeat, now: number): GitHubErrorReason => {
  const message = renderRefusal(status, response.data)
  if (status === 403 || status === 429) {
    const retryAfter = rateLimitWait(status, response.headers, message, now)
    return retryAfter === undefined ? new Forbidden({ message }) : new RateLimited({ retryAfter })
  }
  if (status === 401) return new Unauthorized({ message })
  if (status === 404 || status === 410) return new NotFound({ message })
  if (status === 451) return new Forbidden({ message })
  if (status === 408 || status < 400 || status >= 500) return answerLost(repeat, message)
  return new Unprocessable({ message })
}

/** Errors of looking up the address, connecting and agreeing on encryption: no request was written. */
const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
])

interface SystemError {
  readonly code: string
  readonly syscall: unknown
}

/**
 * The innermost error that has a code: Octokit wraps `fetch failed`, which wraps what the socket said, or one such
 * error for each of the host's addresses.
 */
const systemError = (error: unknown): SystemError | undefined => {
  if (!Predicate.isObject(error)) return undefined
  if ("errors" in error && Array.isArray(error.errors)) return systemError(error.errors[0])
  const inner = "cause" in error ? systemError(error.cause) : undefined
  if (inner !== undefined) return inner
  return "code" in error && Predicate.isString(error.code)
    ? { code: error.code, syscall: "syscall" in error ? error.syscall : undefined }
    : undefined
}

const reasonOfSilence = (error: unknown, repeat: Repeat): GitHubErrorReason => {
  const system = systemError(error)
  if (system === undefined) {
    return answerLost(repeat, `the request broke off (${Predicate.isError(error) ? error.name : "unknown error"})`)
  }
  const { code, syscall } = system
  return neverSent.has(code) || (code === "ETIMEDOUT" && syscall === "connect")
    ? new Unavailable({ message: `GitHub cannot be reached (${code})` })
    : answerLost(repeat, `the connection broke off (${code})`)
}

/** What the error means. `now` in epoch milliseconds, to turn `x-ratelimit-reset` into a wait. */
export const reasonOf = (error: unknown, repeat: Repeat, now: number): GitHubErrorReason =>
  Option.match(asAnswered(error), {
    onNone: () => reasonOfSilence(error, repeat),
    onSome: (answered) => reasonOfAnswer(answered, repeat, now)
  })
