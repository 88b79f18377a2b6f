/** How an order ended. */
import { Schema } from "effect"
import { ReasonCode } from "./Denial.ts"
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
/** One of {@link failureCodes}: what programs distinguish failures by. */
export const FailureCode = Schema.Literals(failureCodes)
export type FailureCode = typeof FailureCode.Type

/**
 * - `Dispatched`: GitHub started the workflow. `started` is null where GitHub (Enterprise Server before 3.21) named no run and listed none.
 * - `Failed`: GitHub refused, or stayed out of reach until patience ended; nothing was started.
 * - `Withdrawn`: the order waited, and at the moment of its start the source's or the target's `dispatching.yml` no longer admits it.
 *   Nothing was started. `code` is what a plan made at that moment would deny the target with; `message` names the side that withdrew.
 * - `Unknown`: a request's answer was lost, and GitHub refuses for good to list what it started; never repeated by itself.
 */
export const Outcome = Schema.TaggedUnion({
  Dispatched: { started: Schema.NullOr(StartedRun) },
  Failed: { code: FailureCode, message: Schema.String },
  Withdrawn: { code: ReasonCode, message: Schema.String },
  Unknown: { message: Schema.String }
})
export type Outcome = typeof Outcome.Type
