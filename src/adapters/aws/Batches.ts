/**
 * Requests that take several entries and may do some of them only: entries that failed for a reason that may pass are sent again, alone.
 */
import { Effect } from "effect"
import { AwsError, type AwsFailure, performAwsCall, repeated } from "./AwsCall.ts"

/** An entry that a service did not do. */
export interface FailedEntry<A> {
  readonly entry: A
  readonly failure: AwsFailure
  readonly code: string
  readonly detail: string
}

/** A request with entries; gives those that the service did not do. */
export interface BatchRequest<A> {
  /** Service and operation: `SQS.SendMessageBatch`. */
  readonly operation: string
  readonly send: (entries: ReadonlyArray<A>, signal: AbortSignal) => Promise<ReadonlyArray<FailedEntry<A>>>
}

/**
 * Makes a request with entries, and again with those that failed, until all are done or the budget is spent. Gives the entries that the
 * service refused; they do not hold up the others.
 */
export const callWithEntries = <A>(
  { operation, send }: BatchRequest<A>,
  entries: ReadonlyArray<A>
): Effect.Effect<ReadonlyArray<FailedEntry<A>>, AwsError> =>
  Effect.suspend(() => {
    let left = entries
    const refused: Array<FailedEntry<A>> = []
    const attempt = Effect.flatMap(
      Effect.suspend(() => performAwsCall({ operation, send: (signal) => send(left, signal) })),
      (failed) => {
        refused.push(...failed.filter(({ failure }) => failure === "refused"))
        const again = failed.filter(({ failure }) => failure !== "refused")
        left = again.map(({ entry }) => entry)
        const [first] = again
        if (first === undefined) return Effect.succeed(refused)
        const { failure, code, detail } = first
        return Effect.fail(new AwsError({ operation, failure, code, detail: `${again.length} entries: ${detail}` }))
      }
    )
    return repeated(attempt)
  }).pipe(Effect.withSpan(operation, { kind: "client" }))
