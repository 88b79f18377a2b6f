/** What is done to a service while it works: one blow after the other, a while apart, each by the seed. */
import { Duration, Effect, Option } from "effect"
import { between, type Chance, oneOf } from "./Chance.ts"

/** Numbers from 0 to below 1, one after the other, that say how a blow is struck. */
export type How = () => number

/** What can be done to a service. */
export type Blows = Readonly<
  Record<string, { readonly weight: number; readonly strike: (how: How) => Effect.Effect<void> }>
>

/** How long the next blow waits for starts at most, which may be held up by the last one. */
const patience = Duration.seconds(20)

/** Strikes so many times, spread over the starts that are to come, for as long as there is work; counts what was done. */
export const chaos = Effect.fnUntraced(function* (options: {
  readonly chance: Chance
  readonly times: number
  readonly blows: Blows
  /** How many runs were started so far, and are to be started altogether. */
  readonly started: Effect.Effect<number>
  readonly expected: number
  readonly isDone: Effect.Effect<boolean>
}) {
  const { chance, times, started, expected, isDone } = options
  const weighted = Object.entries(options.blows).map(
    ([name, { weight, strike }]) => [weight, { name, strike }] as const
  )
  const counts = new Map<string, number>()
  for (let index = 0; index < times && !(yield* isDone); index++) {
    const enough = (yield* started) + between(0, Math.ceil((2 * expected) / times), chance("pause", index))
    yield* Effect.sleep("100 millis").pipe(
      Effect.andThen(started),
      Effect.repeat({ until: (count) => count >= enough }),
      Effect.timeoutOption(patience)
    )
    const blow = oneOf(weighted, chance("blow", index))
    if (blow === undefined) continue
    let roll = 0
    yield* blow.strike(() => chance("how", index, roll++))
    counts.set(blow.name, (counts.get(blow.name) ?? 0) + 1)
  }
  return counts
})

/** Waits for the next request that starts a workflow, and a little longer; not for ever, since there may be none. */
export const atStart = (nextStart: Effect.Effect<void>, millis: number): Effect.Effect<void> =>
  nextStart.pipe(
    Effect.timeoutOption("5 seconds"),
    Effect.andThen((came) => (Option.isSome(came) ? Effect.sleep(Duration.millis(millis)) : Effect.void))
  )
