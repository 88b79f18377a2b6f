/**
 * What can go wrong when GitHub is asked, said so that the flow can decide what is safe: 404 is not 429, and a lost answer
 * (`Ambiguous`: GitHub may have acted) is neither a refusal nor a failure.
 */
import { Duration, Schema } from "effect"
import { RepositoryName } from "../domain/Names.ts"
import { GitHubId } from "../domain/SourceRun.ts"

/** GitHub wants us to wait (429, or 403 with rate-limit headers). Nothing was done. */
export class RateLimited extends Schema.TaggedError<RateLimited>()("RateLimited", {
  /** Milliseconds, from `retry-after` or `x-ratelimit-reset`; at least a minute where GitHub says neither. */
  retryAfter: Schema.Finite
}) {
  override get message() {
    return `GitHub asks to wait ${Math.ceil(this.retryAfter / 1000)} s (rate limit)`
  }
}
/** The thing does not exist, or the App may not see it; GitHub gives the same answer for both (404, 410). */
export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", {
  message: Schema.String,
  /** The repository that GitHub redirects to, under the name that it has now, where the App may see it. */
  movedTo: Schema.optionalKey(Schema.Struct({ repositoryId: GitHubId, repository: RepositoryName }))
}) {}
/** Refused for good (403, 451). */
export class Forbidden extends Schema.TaggedError<Forbidden>()("Forbidden", { message: Schema.String }) {}
/**
 * GitHub does not accept the App, or a token (401): a key that was deleted too early, a clock that is wrong, a token that is not known
 * everywhere yet. It passes once that is put right.
 */
export class Unauthorized extends Schema.TaggedError<Unauthorized>()("Unauthorized", { message: Schema.String }) {}
/** GitHub understood and will not do it (400, 409, 422). */
export class Unprocessable extends Schema.TaggedError<Unprocessable>()("Unprocessable", { message: Schema.String }) {}
/** GitHub could not be reached, failed at something that changes nothing, or did not answer itself. Trying again is safe. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", {
  message: Schema.String,
  /** Milliseconds before which trying again is of no use, where that is known. */
  retryAfter: Schema.optionalKey(Schema.Finite)
}) {}
/** The answer to a request that changes something was lost (5xx, time-out, broken connection): GitHub may have acted. */
export class Ambiguous extends Schema.TaggedError<Ambiguous>()("Ambiguous", { message: Schema.String }) {}

/** What went wrong, in the words that the flow decides by. */
export const GitHubErrorReason = Schema.Union([
  RateLimited,
  NotFound,
  Forbidden,
  Unauthorized,
  Unprocessable,
  Unavailable,
  Ambiguous
])
export type GitHubErrorReason = typeof GitHubErrorReason.Type

const passing: ReadonlySet<GitHubErrorReason["_tag"]> = new Set([
  "RateLimited",
  "Unauthorized",
  "Unavailable",
  "Ambiguous"
])

/** A request to GitHub did not succeed. */
export class GitHubError extends Schema.TaggedError<GitHubError>()("GitHubError", {
  /** What was asked, such as `Workflows.start`. */
  operation: Schema.String,
  reason: GitHubErrorReason
}) {
  override get message() {
    return `${this.operation}: ${this.reason._tag}: ${this.reason.message}`
  }
  /** How long to wait at least, where that is known. */
  get retryAfter(): Duration.Duration | undefined {
    const wait =
      this.reason._tag === "RateLimited" || this.reason._tag === "Unavailable" ? this.reason.retryAfter : undefined
    return wait === undefined ? undefined : Duration.millis(wait)
  }
  /** Whether the same request may succeed later: GitHub did not refuse it for good. */
  get isTransient(): boolean {
    return passing.has(this.reason._tag)
  }
}
