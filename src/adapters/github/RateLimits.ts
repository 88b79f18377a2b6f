/**
 * Reads from an answer how long GitHub wants us to stay away.
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately
 */

/** As Octokit gives them: lower-case names. */
export type Headers = { readonly [name: string]: unknown }

/** "If neither is given, wait for at least one minute." */
const unspecifiedWait = 60_000
/** The reset may lie in the past of a clock that is ahead of GitHub's; asking at once would be refused again. */
const leastWait = 1000

const secondaryLimit = /secondary rate limit|abuse detection/i

const seconds = (value: unknown): number | undefined =>
  typeof value === "string" && /^\d{1,10}$/.test(value) ? Number(value) : undefined

/**
 * Milliseconds by `retry-after`, or until `x-ratelimit-reset` if the budget is spent; a minute where neither is said.
 */
export const statedWait = (headers: Headers, now: number): number => {
  const retryAfter = seconds(headers["retry-after"])
  if (retryAfter !== undefined) return Math.max(retryAfter * 1000, leastWait)
  const reset = budgetIsSpent(headers) ? seconds(headers["x-ratelimit-reset"]) : undefined
  return reset === undefined ? unspecifiedWait : Math.max(reset * 1000 - now, leastWait)
}

const budgetIsSpent = (headers: Headers): boolean => headers["x-ratelimit-remaining"] === "0"

/** The wait in milliseconds if a 403 or 429 is a rate limit; undefined if it is a plain refusal. */
export const rateLimitWait = (status: number, headers: Headers, message: string, now: number): number | undefined => {
  const limited =
    status === 429 ||
    seconds(headers["retry-after"]) !== undefined ||
    budgetIsSpent(headers) ||
    secondaryLimit.test(message)
  return limited ? statedWait(headers, now) : undefined
}
