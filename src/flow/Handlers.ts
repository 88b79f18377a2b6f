/** The stages as batch handlers, the same for worker fibers and for Lambda; `handlers/` has one for each queue, so that a function loads its own only. */
import { Cause, Effect } from "effect"
import type { BatchHandler, Received, Verdict } from "../ports/WorkQueue.ts"
import { retryLater } from "./Waiting.ts"

/**
 * A handler of single messages as a handler of batches. The messages of a batch are handled side by side, and one that meets a bug
 * (a defect) does not take the others with it.
 */
export const each =
  <A, R>(handle: (message: Received<A>) => Effect.Effect<Verdict, never, R>): BatchHandler<A, R> =>
  (messages) =>
    Effect.forEach(messages, (message) => Effect.catchCause(handle(message), afterDefect(message)), {
      concurrency: "unbounded"
    })

const afterDefect = (message: Received<unknown>) => (cause: Cause.Cause<never>) =>
  Cause.hasInterruptsOnly(cause)
    ? Effect.failCause(cause)
    : Effect.logError("a handler died; its message will come again", cause).pipe(
        Effect.andThen(retryLater(message, `the handler died: ${Cause.squash(cause)}`))
      )
