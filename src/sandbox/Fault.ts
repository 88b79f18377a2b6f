/**
 * What can go wrong on demand, and where: the fault as people write it in a scenario, send it to the control endpoint or
 * hand it over in a test. Faults.ts decides when one strikes; the front door (Front.ts) carries it out.
 */
import { Schema } from "effect"

/** An answer in place of GitHub's. A body that is not text is sent as JSON; without a body GitHub's error shape is used. */
export const FaultAnswer = Schema.Struct({
  status: Schema.Int.check(Schema.isBetween({ minimum: 200, maximum: 599 })),
  headers: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  body: Schema.optionalKey(Schema.Json),
  /** `elsewhere`: by something that stands before GitHub, such as a proxy, so without the headers that GitHub puts on everything. */
  by: Schema.optionalKey(Schema.Literals(["github", "elsewhere"]))
})
export type FaultAnswer = typeof FaultAnswer.Type

const effectFields = {
  /** How many requests it strikes before it is spent; by default one. */
  times: Schema.optionalKey(Schema.Union([Schema.Int.check(Schema.isGreaterThan(0)), Schema.Literal("always")])),
  /** Milliseconds to wait before GitHub does anything. The request is carried out even if the client hangs up meanwhile. */
  delayMillis: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  /** Answer this and do nothing. */
  answer: Schema.optionalKey(FaultAnswer),
  /** Make the change, and answer this in place of what it gives. */
  answerAfter: Schema.optionalKey(FaultAnswer),
  /**
   * Destroy the connection without having acted (`before`), after the change was made, its answer lost (`after`), or at once while the
   * request is carried out later all the same (`first`, with `delayMillis`).
   */
  drop: Schema.optionalKey(Schema.Literals(["before", "after", "first"])),
  /** Milliseconds between the change and its answer. */
  answerDelayMillis: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  /** Refuse for the secondary rate limit, as 403 or 429, with `retry-after` when given. */
  secondaryLimit: Schema.optionalKey(
    Schema.Struct({
      status: Schema.Literals([403, 429]),
      retryAfterSeconds: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)))
    })
  )
}

/**
 * A fault as text: `path` is a glob over the request's path, where `*` stands for part of one segment and `**` for
 * anything (`/repos/acme/*\/actions/**`). Without `method` any method matches.
 */
export const FaultSpec = Schema.Struct({
  method: Schema.optionalKey(Schema.String),
  path: Schema.String,
  ...effectFields
})
export type FaultSpec = typeof FaultSpec.Type

/** What a fault's predicate is asked about. */
export interface FaultTarget {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
}

/** A fault as tests hand it over: the path may also be a RegExp, or a predicate over the whole request. */
export type Fault = Omit<FaultSpec, "path"> & {
  /** Which requests it is about. */
  readonly path: string | RegExp | ((request: FaultTarget) => boolean)
}
