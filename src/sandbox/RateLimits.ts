/**
 * The primary rate limit: an hourly allowance for each caller, apart for REST (`core`) and GraphQL. Every answer names how
 * much is left; an exhausted allowance refuses until it is renewed.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
import type { CallerKind } from "./Caller.ts"
import type { RateBucket, RateResource, SandboxState } from "./State.ts"

const windowSeconds = 3600
/** What GitHub allows without credentials. */
const anonymousLimit = 60

export const resourceOf = (path: string): RateResource => (path === "/graphql" ? "graphql" : "core")

/** What the bucket of an installation is called, and how GitHub names who has exceeded its limit. */
const installationKey = (id: number): string => `installation ID ${id}`

/** Who a bucket belongs to, in GitHub's words. */
export const callerKey = (caller: CallerKind): string =>
  caller._tag === "Installation" ? installationKey(caller.installation.id) : caller._tag.toLowerCase()

/** The caller's bucket, renewed when its window has passed. `now` in epoch milliseconds. */
export const rateBucketOf = (
  state: SandboxState,
  caller: CallerKind,
  resource: RateResource,
  now: number
): RateBucket => {
  const key = `${callerKey(caller)}/${resource}`
  const seconds = Math.floor(now / 1000)
  const known = state.buckets.get(key)
  if (known !== undefined && known.resetAt > seconds) return known
  const allowance = state.allowances[resource]
  const limit = caller._tag === "Anonymous" ? anonymousLimit : allowance.limit
  const remaining = known === undefined ? (allowance.remaining ?? limit) : limit
  const bucket: RateBucket = { limit, remaining: Math.min(remaining, limit), resetAt: seconds + windowSeconds }
  state.buckets.set(key, bucket)
  return bucket
}

/** Takes one request out of the bucket; false if nothing was left. */
export const consume = (bucket: RateBucket): boolean => {
  if (bucket.remaining <= 0) return false
  bucket.remaining -= 1
  return true
}

/** A conditional request that is answered 304 costs nothing. */
export const refund = (bucket: RateBucket): void => {
  bucket.remaining += 1
}

export const rateLimitHeaders = (bucket: RateBucket, resource: RateResource): Record<string, string> => ({
  "x-ratelimit-limit": String(bucket.limit),
  "x-ratelimit-remaining": String(bucket.remaining),
  "x-ratelimit-used": String(bucket.limit - bucket.remaining),
  "x-ratelimit-reset": String(bucket.resetAt),
  "x-ratelimit-resource": resource
})

/** How a test sets the allowance of all installations, or of one. */
export interface RateLimitChange {
  readonly resource?: RateResource
  readonly limit?: number
  readonly remaining: number
  /** Seconds from now until the window ends; an hour by default. */
  readonly resetInSeconds?: number
  readonly installation?: number
}

/** Applies a change; `now` in epoch milliseconds. */
export const changeRateLimit = (state: SandboxState, change: RateLimitChange, now: number): void => {
  const resource = change.resource ?? "core"
  const ids = change.installation === undefined ? state.installations.map(({ id }) => id) : [change.installation]
  for (const id of ids) {
    state.buckets.set(`${installationKey(id)}/${resource}`, {
      limit: change.limit ?? state.allowances[resource].limit,
      remaining: change.remaining,
      resetAt: Math.floor(now / 1000) + (change.resetInSeconds ?? windowSeconds)
    })
  }
}
