/** How long to wait before work is tried again: as long as GitHub asks, otherwise longer with every attempt, and never all at once. */
import { Duration, Effect, Random } from "effect"
import { type Received, retry, type Verdict } from "../ports/WorkQueue.ts"
import { Timing } from "./Settings.ts"

/** The wait after the given attempt (from 1): doubling, capped, at least as long as GitHub asked, and up to a fifth longer. */
export const waitAfter = Effect.fnUntraced(function* (attempt: number, asked = Duration.zero) {
  const { backoff, backoffCap } = yield* Timing
  const grown = Duration.toMillis(backoff) * 2 ** Math.min(attempt - 1, 30)
  const least = Math.max(Math.min(grown, Duration.toMillis(backoffCap)), Duration.toMillis(asked))
  return Duration.millis(Math.ceil(least * (1 + 0.2 * (yield* Random.next))))
})

/** Gives a message back to its queue after {@link waitAfter}. */
export const retryLater = (
  message: Pick<Received<unknown>, "attempt">,
  reason: string,
  asked?: Duration.Duration
): Effect.Effect<Verdict> => Effect.map(waitAfter(message.attempt, asked), (after) => retry(after, reason))
