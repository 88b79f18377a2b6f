/**
 * Reads from an answer whether GitHub wants us to stay away, and for how long.
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately
 */

/** As Octokit gives them: lower-case names. */
export type ResponseHeaders = { readonly [name: string]: unknown }

/** "If neither is given, wait for at least one minute." */
const unspecifiedWait = 60_000
/** The reset may lie in the past of a clock that is ahead of GitHub's; asking at once would be refused again. */
const leastWait = 1000

/**
 * The words of the primary limit, the secondary one, the one on content, and the older forms of both.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
const limitWords =
  /rate limit exceeded|secondary rate limit|exceeded a rate limit|abuse detection|submitted too quickly/i

const seconds = (value: unknown): number | undefined =>
  typeof value === "string" && /^\d{1,10}$/.test(value) ? Number(value) : undefined

const dateOf = (value: unknown): number | undefined => {
  const date = typeof value === "string" && /^[A-Z][a-z]{2}, /.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? undefined : date
}

/** Milliseconds by `retry-after`: seconds, or a date (RFC 9110), measured by the answer's own `date`; undefined where it is absent. */
export const retryAfterOf = (headers: ResponseHeaders, now: number): number | undefined => {
  const value = headers["retry-after"]
  const wait = seconds(value)
  if (wait !== undefined) return Math.max(wait * 1000, leastWait)
  const date = dateOf(value)
  return date === undefined ? undefined : Math.max(date - (dateOf(headers.date) ?? now), leastWait)
}

/**
 * Milliseconds by `retry-after`, or until `x-ratelimit-reset` if the budget is spent; a minute where neither is said. Both times are
 * GitHub's, so they are measured by the `date` of the same answer; `now` (epoch milliseconds) serves where it has none.
 */
export const statedWait = (headers: ResponseHeaders, now: number): number => {
  const retryAfter = retryAfterOf(headers, now)
  if (retryAfter !== undefined) return retryAfter
  const reset = budgetIsSpent(headers) ? seconds(headers["x-ratelimit-reset"]) : undefined
  return reset === undefined ? unspecifiedWait : Math.max(reset * 1000 - (dateOf(headers.date) ?? now), leastWait)
}

const budgetIsSpent = (headers: ResponseHeaders): boolean => headers["x-ratelimit-remaining"] === "0"

/** Whether GitHub's words are about a limit, whatever the status. */
export const isLimitMessage = (message: string): boolean => limitWords.test(message)

/** The wait in milliseconds if a refusal (4xx) is a rate limit; undefined if it is a plain refusal. */
export const rateLimitWait = (
  status: number,
  headers: ResponseHeaders,
  message: string,
  now: number
): number | undefined => {
  const limited =
    status === 429 ||
    isLimitMessage(message) ||
    (status === 403 && (retryAfterOf(headers, now) !== undefined || budgetIsSpent(headers)))
  return limited ? statedWait(headers, now) : undefined
}
