/**
 * A value from outside that may change while the process runs, such as a secret: it is read again when it is old, and sooner where it seems
 * to be wrong. However often it seems so, it is read once in 30 seconds at most. What cannot be read stays as it was.
 */
import { Clock, Duration, Effect, Semaphore } from "effect"

/** The value. Neither effect fails. */
export interface Renewed<A> {
  /** The value, read again where it was read 5 minutes ago or earlier. */
  readonly get: Effect.Effect<A>
  /** The value after it seemed to be wrong: read again, unless that was tried within the last 30 seconds. */
  readonly renew: Effect.Effect<A>
}

/** A value that stays. */
export const fixed = <A>(value: A): Renewed<A> => ({ get: Effect.succeed(value), renew: Effect.succeed(value) })

/** How old a value gets. */
export const renewEvery = Duration.minutes(5)
/** How soon it is read again at the earliest. */
export const renewAtMostEvery = Duration.seconds(30)
/** A webhook waits for it, whose answer GitHub awaits for 10 seconds. */
const patience = Duration.seconds(2)

/** Both clocks, in milliseconds: the wall clock may be set back, and the monotonic one may stand still while a function is frozen. */
const moment = Effect.map(
  Effect.all([Clock.currentTimeMillis, Clock.monotonicTimeNanos]),
  ([wall, monotonic]) => [wall, Number(monotonic / 1_000_000n)] as const
)
type Moment = Effect.Success<typeof moment>
const passed = (since: Moment, now: Moment): number => Math.max(now[0] - since[0], now[1] - since[1])

/** A value that was just read, and how to read it again. `what` names it in the log. Those who ask at once share one reading. */
export const make = Effect.fnUntraced(function* <A>(
  what: string,
  first: A,
  read: Effect.Effect<A, { readonly message: string }>
) {
  const single = yield* Semaphore.make(1)
  let value = first
  let readAt = yield* moment
  let triedAt = readAt

  const reading = Effect.gen(function* () {
    triedAt = yield* moment
    yield* read.pipe(
      Effect.timeout(patience),
      Effect.matchEffect({
        onSuccess: (latest) =>
          Effect.sync(() => {
            value = latest
            readAt = triedAt
          }),
        onFailure: ({ message }) =>
          Effect.logWarning("a secret cannot be read again and stays as it is", { what, message })
      })
    )
  })
  const readAgainIf = (isDue: (now: Moment) => boolean) =>
    Effect.gen(function* () {
      // A caller that waited for another's reading finds it done.
      if (isDue(yield* moment)) {
        yield* single.withPermits(1)(Effect.flatMap(moment, (now) => (isDue(now) ? reading : Effect.void)))
      }
      return value
    })
  const isAllowed = (now: Moment) => passed(triedAt, now) >= Duration.toMillis(renewAtMostEvery)
  const isOld = (now: Moment) => passed(readAt, now) >= Duration.toMillis(renewEvery)

  const renewed: Renewed<A> = {
    get: readAgainIf((now) => isOld(now) && isAllowed(now)),
    renew: readAgainIf(isAllowed)
  }
  return renewed
})
