/** How an order ended. */
import { Schema } from "effect"
import { GitHubId } from "./SourceRun.ts"

/** A workflow run that the dispatcher started. */
export const StartedRun = Schema.Struct({ id: GitHubId, url: Schema.String })
export interface StartedRun extends Schema.Schema.Type<typeof StartedRun> {}

/** Why a dispatch failed for good. */
export const failureCodes = [
  "not_found",
  "forbidden",
  "unauthorized",
  "unprocessable",
  "rate_limited",
  "unavailable"
] as const
/** One of {@link failureCodes}: what programs tell failures apart by. */
export const FailureCode = Schema.Literals(failureCodes)
export type FailureCode = typeof FailureCode.Type

/**
 * - `Dispatched`: GitHub started the workflow. `started` is null where nobody knows which run that is: an old GitHub Enterprise Server
 *   told no id, or answers for several orders were lost at once and each of them was started.
 * - `Failed`: GitHub refused, or stayed out of reach until patience ended; nothing was started.
 * - `Unknown`: a request's answer was lost and GitHub could not be asked, or does not say, whether it acted; never repeated by itself.
 */
export const Outcome = Schema.TaggedUnion({
  Dispatched: { started: Schema.NullOr(StartedRun) },
  Failed: { code: FailureCode, message: Schema.String },
  Unknown: { message: Schema.String }
})
export type Outcome = typeof Outcome.Type
