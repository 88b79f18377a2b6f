/**
 * Which refusals are final. "Resource not accessible by integration" (403) is also what GitHub says for a while after a right was granted
 * and in outages, so it counts when it was said to a new token, again and again, for a minute. Nothing sleeps for that: until then the
 * refusal is trouble that passes, with a wait.
 *
 * What is remembered is of this process; another one that meets the same refusal waits its own minute.
 */
import { Clock, Context, Duration, Effect } from "effect"
import { type GitHubError, type GitHubErrorReason, Unavailable } from "../../ports/GitHubError.ts"

/** For how long a right that is missing may still be on its way. */
export const RefusalTimeout = Context.Reference<Duration.Duration>("dispatcher/adapters/github/RefusalTimeout", {
  defaultValue: () => Duration.seconds(60)
})

/** The latest of this many are remembered; one that was not met again for {@link forgotten} starts anew. */
const capacity = 1000
const forgotten = Duration.toMillis(Duration.minutes(10))

interface Met {
  readonly since: number
  readonly last: number
  readonly times: number
}

/** Remembers refusals by what was refused. */
export interface Refusals {
  /** Null if the refusal that was met just now is final, else what it is until then. */
  readonly meet: (key: string, message: string) => Effect.Effect<GitHubErrorReason | null>
  /** It was allowed after all. */
  readonly forget: (key: string) => void
}

/** Whether the words are those of a right that may be on its way. */
export const mayPass = (message: string): boolean => /resource not accessible/i.test(message)

/** Whether the failure is a refusal that may pass. */
export const isMissingRight = ({ reason }: GitHubError): boolean =>
  reason._tag === "Forbidden" && mayPass(reason.message)

export const make: Effect.Effect<Refusals> = Effect.gen(function* () {
  const patience = Duration.toMillis(yield* RefusalTimeout)
  const met = new Map<string, Met>()

  const remember = (key: string, now: number): Met => {
    const known = met.get(key)
    const goesOn = known !== undefined && now - known.last <= forgotten
    const next = goesOn ? { ...known, last: now, times: known.times + 1 } : { since: now, last: now, times: 1 }
    met.delete(key)
    met.set(key, next)
    const [oldest] = met.keys()
    if (met.size > capacity && oldest !== undefined) met.delete(oldest)
    return next
  }

  return {
    meet: (key, message) =>
      Effect.map(Clock.monotonicTimeNanos, (nanos) => {
        const now = Number(nanos / 1_000_000n)
        const { since, times } = remember(key, now)
        if (times > 1 && now - since >= patience) return null
        // After 10, 20 and 30 of 60 s.
        const retryAfter = (patience * Math.min(times, 3)) / 6
        return new Unavailable({ message: `GitHub refuses it for now: ${message}`, retryAfter })
      }),
    forget: (key) => {
      met.delete(key)
    }
  }
})
