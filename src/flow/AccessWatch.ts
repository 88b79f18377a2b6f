/**
 * Notices owners that shut the App out: whose answer to a read of their files says so, in GitHub's words. Whether that refusal is final for
 * the run is not decided here.
 *
 * | GitHub's words | means |
 * | --- | --- |
 * | "… the `ORG` organization has an IP allow list enabled, and your IP address is not permitted …" | the address is not on the list |
 * | "Resource protected by organization SAML enforcement …" | single sign-on is enforced for the App |
 * | "This installation has been suspended" | an owner, or GitHub, suspended it |
 *
 * A shut-out is an obstacle for a day, written at most once a minute for each owner. A read that works ends it: each process looks whether
 * there is one at the first read of an owner that works in a minute.
 */
import { Clock, DateTime, Duration, Effect, Layer, Option } from "effect"
import type { ConfigAnswer } from "../domain/Config.ts"
import { asciiLowerCase, ownerOf, repositoryKey } from "../domain/Names.ts"
import { describeObstacle, type Obstacle } from "../domain/Obstacle.ts"
import { ConfigSource } from "../ports/ConfigSource.ts"
import { steadyMillis } from "../ports/SteadyTime.ts"
import { Table } from "../ports/Table.ts"
import { obstacleWrite, readObstacle } from "../store/Obstacles.ts"
import { countShutOut } from "./Metrics.ts"

const lasting = Duration.days(1)
const lookEvery = Duration.toMillis(Duration.minutes(1))
/** The read does not depend on what is noted of it. */
const timeLimit = Duration.millis(1500)
/** Owners whose latest look is remembered. */
const capacity = 1000

const isShutOut = (answer: ConfigAnswer): boolean =>
  answer._tag === "Unreachable" && /IP allow list|SAML|has been suspended/i.test(answer.message)

const make = Effect.gen(function* () {
  const configs = yield* ConfigSource
  const table = yield* Table
  const looks = new Map<string, number>()

  /** Whether it is time to look again at what is stored of an owner; then it was looked now. */
  const isDue = (look: string, now: number): boolean => {
    const last = looks.get(look)
    if (last !== undefined && now - last < lookEvery) return false
    looks.delete(look)
    looks.set(look, now)
    const [oldest] = looks.keys()
    if (looks.size > capacity && oldest !== undefined) looks.delete(oldest)
    return true
  }

  const note = Effect.fnUntraced(function* (owner: string, shutOut: boolean) {
    if (shutOut) yield* countShutOut
    if (!isDue(`${shutOut}/${owner}`, yield* steadyMillis)) return
    const known = yield* readObstacle(table, { kind: "access", subject: owner })
    const now = yield* Clock.currentTimeMillis
    if (shutOut) {
      const since = DateTime.formatIso(yield* DateTime.now)
      const obstacle: Obstacle = Option.getOrElse(known, () => ({ kind: "access", subject: owner, since }))
      if (Option.isNone(known)) yield* Effect.logWarning(describeObstacle(obstacle))
      // What works after that ends it at once.
      looks.delete(`false/${owner}`)
      yield* table.write(obstacleWrite(obstacle, now + Duration.toMillis(lasting)))
    } else if (Option.isSome(known)) {
      looks.delete(`true/${owner}`)
      yield* table.write(obstacleWrite(known.value, now))
    }
  })

  const noted = (owner: string, shutOut: boolean) =>
    note(owner, shutOut).pipe(
      Effect.timeout(timeLimit),
      Effect.catch((error) => Effect.logWarning("health does not show which owners shut the App out", error))
    )

  return ConfigSource.of({
    load: (repositories, known) =>
      Effect.tap(configs.load(repositories, known), (answers) => {
        const owners = new Map<string, boolean>()
        for (const repository of repositories) {
          const answer = answers.get(repositoryKey(repository))
          const owner = asciiLowerCase(ownerOf(repository))
          if (answer === undefined) continue
          if (isShutOut(answer)) owners.set(owner, true)
          else if (answer._tag !== "Unreachable" && !owners.has(owner)) owners.set(owner, false)
        }
        return Effect.forEach(owners, ([owner, shutOut]) => noted(owner, shutOut), { discard: true })
      })
  })
})

/** The same answers, watched. Cost: one table read for each owner, result and minute, and a write while one shuts the App out. */
export const layer: Layer.Layer<ConfigSource, never, ConfigSource | Table> = Layer.effect(ConfigSource, make)
