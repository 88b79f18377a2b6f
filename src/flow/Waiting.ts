/** How long to wait before work is tried again: as long as GitHub asks, otherwise longer with every attempt, and never all at once. */
import { Duration, Effect, Random } from "effect"
import { type Received, retry, type Verdict } from "../ports/WorkQueue.ts"
import { Timing } from "./Settings.ts"

/** The wait after the given attempt (from 1): doubling, capped, with 20 % jitter, and at least as long as GitHub asked. */
export const waitAfter = Effect.fnUntraced(function* (attempt: number, asked?: Duration.Duration) {
  const { backoff, backoffCap } = yield* Timing
  const grown = Duration.toMillis(backoff) * 2 ** Math.min(attempt - 1, 30)
  const capped = Math.min(grown, Duration.toMillis(backoffCap))
  const jittered = capped * (0.8 + 0.4 * (yield* Random.next))
  return Duration.millis(Math.round(Math.max(jittered, asked === undefined ? 0 : Duration.toMillis(asked))))
})

/** Gives a message back to its queue after {@link waitAfter}. */
export const retryLater = (
  message: Pick<Received<unknown>, "attempt">,
  reason: string,
  asked?: Duration.Duration
): Effect.Effect<Verdict> => Effect.map(waitAfter(message.attempt, asked), (after) => retry(after, reason))
