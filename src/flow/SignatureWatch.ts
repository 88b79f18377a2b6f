/**
 * Notices when the webhook secret is not the App's: many requests in a row that seem to be GitHub's and are signed with another secret.
 *
 * | met | logged | stored |
 * | --- | --- | --- |
 * | the 5th refusal in a row within 10 minutes | one warning for the whole row | an obstacle for 10 minutes |
 * | each further one | | the obstacle for another 10 minutes, at most once a minute |
 * | a signature that matches | one line, if there was a warning | the obstacle ends |
 * | no refusal for 10 minutes | | the obstacle ends by itself |
 *
 * A row is one process's: on AWS, each instance of the function counts its own.
 */
import { Clock, Context, DateTime, Duration, Effect, Layer } from "effect"
import { describeObstacle, type Obstacle } from "../domain/Obstacle.ts"
import { obstacleWrite } from "../ledger/Obstacles.ts"
import { Table } from "../ports/Table.ts"
import { steadyMillis } from "../queue/SteadyTime.ts"
import { countRefusedSignature } from "./Metrics.ts"

const rowLength = 5
const lasting = Duration.minutes(10)
const writeEvery = Duration.minutes(1)
/** The answer to the request does not depend on the write. */
const writeTimeout = Duration.millis(1500)

/** Takes note of every signature that was compared. Neither effect fails; a store that does not answer delays them by 1.5 s at most. */
export class SignatureWatch extends Context.Service<
  SignatureWatch,
  {
    /** A signature did not match. At most one write a minute. */
    readonly refused: (userAgent: string | undefined) => Effect.Effect<void>
    /** A signature matched. One write where it ends an obstacle. */
    readonly matched: Effect.Effect<void>
  }
>()("dispatcher/flow/SignatureWatch") {}

/** GitHub's webhooks have this user agent ("Webhook events and payloads", delivery headers); anybody may use it. */
const seemsGitHubs = (userAgent: string | undefined): boolean => userAgent?.startsWith("GitHub-Hookshot/") === true

/** An unbroken row of refusals. */
interface Row {
  /** The latest, at most {@link rowLength}, in `steadyMillis`. */
  readonly times: ReadonlyArray<number>
  /** Once it is long enough. */
  readonly obstacle: Obstacle | undefined
  /** Whether the obstacle was stored. */
  readonly stored: boolean
}
const noRow: Row = { times: [], obstacle: undefined, stored: false }

const isWithin = (from: number | undefined, to: number, span: Duration.Duration): boolean =>
  from !== undefined && to - from < Duration.toMillis(span)

/** Stores an obstacle for a while. */
type Store = (obstacle: Obstacle, lasts: Duration.Duration) => Effect.Effect<void>

const storeIn =
  (table: Table["Service"]): Store =>
  (obstacle, lasts) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      table.write(obstacleWrite(obstacle, now + Duration.toMillis(lasts)))
    ).pipe(
      Effect.timeout(writeTimeout),
      Effect.catch((error) => Effect.logWarning("health does not show how signatures are", error))
    )

const make = (store: Store) => {
  let row = noRow
  let lastWrite: number | undefined

  /** Takes one more into the row. Without effects, so that no other request comes between. */
  const advance = (now: number, since: string) => {
    const before = isWithin(row.times.at(-1), now, lasting) ? row : noRow
    const times = [...before.times, now].slice(-rowLength)
    const isLong = times.length === rowLength && isWithin(times[0], now, lasting)
    const found: Obstacle | undefined = isLong ? { kind: "signatures", subject: "", since } : undefined
    const obstacle = before.obstacle ?? found
    const due = obstacle !== undefined && !isWithin(lastWrite, now, writeEvery)
    if (due) lastWrite = now
    row = { times, obstacle, stored: before.stored || due }
    return { obstacle, due, isNew: before.obstacle === undefined }
  }

  const refused = Effect.fnUntraced(function* (userAgent: string | undefined) {
    if (!seemsGitHubs(userAgent)) return
    yield* countRefusedSignature
    const { obstacle, due, isNew } = advance(yield* steadyMillis, DateTime.formatIso(yield* DateTime.now))
    if (obstacle === undefined) return
    if (isNew) yield* Effect.logWarning(describeObstacle(obstacle))
    if (due) yield* store(obstacle, lasting)
  })

  const matched = Effect.suspend(() => {
    const { obstacle, stored } = row
    row = noRow
    if (obstacle === undefined) return Effect.void
    const noted = Effect.logInfo("signatures match again")
    return stored ? Effect.andThen(noted, store(obstacle, Duration.zero)) : noted
  })

  return SignatureWatch.of({ refused, matched })
}

/** The watch of one process. */
export const layer: Layer.Layer<SignatureWatch, never, Table> = Layer.effect(
  SignatureWatch,
  Effect.map(Table, (table) => make(storeIn(table)))
)

/** A watch that logs and counts, for a process that has no table; there the sweep finds out for health. */
export const layerLogged: Layer.Layer<SignatureWatch> = Layer.sync(SignatureWatch, () => make(() => Effect.void))
