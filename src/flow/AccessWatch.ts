/**
 * Notices owners that shut the App out: whose answer to a read of their files, to a start, a report or a check run says so, in GitHub's words. Whether
 * that refusal is final for the run is not decided here.
 *
 * A shut-out is an obstacle for a day, written at most once a minute for each owner. A read of the owner's files that works ends it: each
 * process looks whether there is one at the first read of an owner that works in a minute. A start, a report or a check run that works ends nothing, so
 * that it never waits for the table.
 */
import { Clock, Context, DateTime, Duration, Effect, Layer, Option } from "effect"
import type { ConfigAnswer } from "../domain/Config.ts"
import { asciiLowerCase, ownerOf, type RepositoryName, repositoryKey } from "../domain/Names.ts"
import { describeObstacle, isShutOut, type Obstacle } from "../domain/Obstacle.ts"
import { obstacleWrite, readObstacle } from "../ledger/Obstacles.ts"
import { Checks } from "../ports/Checks.ts"
import { ConfigSource } from "../ports/ConfigSource.ts"
import type { GitHubError } from "../ports/GitHubError.ts"
import { Reports } from "../ports/Reports.ts"
import { Table } from "../ports/Table.ts"
import { Workflows } from "../ports/Workflows.ts"
import { steadyMillis } from "../queue/SteadyTime.ts"
import { countShutOut } from "./Metrics.ts"

const lasting = Duration.days(1)
const lookEvery = Duration.toMillis(Duration.minutes(1))
/** The read does not depend on what is noted of it. */
const timeLimit = Duration.millis(1500)
/** Owners whose latest look is remembered. */
const capacity = 1000

/** Only a refusal: what GitHub does not understand may quote words of people. */
const refuses = ({ reason }: GitHubError): boolean => reason._tag === "Forbidden" && isShutOut(reason.message)

/** What is noted of owners: one in a process, so that every part of it learns at once what another has met. */
class OwnerNotes extends Context.Service<
  OwnerNotes,
  {
    /** Notes that the owner shut the App out, or let it in, just now. Delays by at most {@link timeLimit}, and never fails. */
    readonly note: (owner: string, shutOut: boolean) => Effect.Effect<void>
  }
>()("dispatcher/flow/AccessWatch/OwnerNotes") {}

const makeNotes = Effect.gen(function* () {
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

  return OwnerNotes.of({
    note: (owner, shutOut) =>
      note(asciiLowerCase(owner), shutOut).pipe(
        Effect.timeout(timeLimit),
        Effect.catch((error) => Effect.logWarning("health does not show which owners shut the App out", error))
      )
  })
})

const layerNotes = Layer.effect(OwnerNotes, makeNotes)

const isShut = (answer: ConfigAnswer): boolean => answer._tag === "Unreachable" && isShutOut(answer.message)

const watchedConfigs = Effect.gen(function* () {
  const configs = yield* ConfigSource
  const { note } = yield* OwnerNotes
  return ConfigSource.of({
    load: (repositories, known) =>
      Effect.tap(configs.load(repositories, known), (answers) => {
        const owners = new Map<string, boolean>()
        for (const repository of repositories) {
          const answer = answers.get(repositoryKey(repository))
          const owner = asciiLowerCase(ownerOf(repository))
          if (answer === undefined) continue
          if (isShut(answer)) owners.set(owner, true)
          else if (answer._tag !== "Unreachable" && !owners.has(owner)) owners.set(owner, false)
        }
        return Effect.forEach(owners, ([owner, shutOut]) => note(owner, shutOut), { discard: true })
      })
  })
})

/** Notes where a request about a repository is refused because its owner shuts the App out. */
const watching = Effect.map(
  OwnerNotes,
  ({ note }) =>
    (repository: RepositoryName) =>
    <A>(request: Effect.Effect<A, GitHubError>): Effect.Effect<A, GitHubError> =>
      Effect.tapError(request, (error) => (refuses(error) ? note(ownerOf(repository), true) : Effect.void))
)

const watchedWorkflows = Effect.gen(function* () {
  const workflows = yield* Workflows
  const about = yield* watching
  return Workflows.of({
    start: (order, maySend) => about(order.target.repository)(workflows.start(order, maySend)),
    findStarted: (order, since) => about(order.target.repository)(workflows.findStarted(order, since)),
    ending: (order, run) => about(order.target.repository)(workflows.ending(order, run))
  })
})

const watchedReports = Effect.gen(function* () {
  const reports = yield* Reports
  const about = yield* watching
  return Reports.of({
    create: (to, issue) => about(to.repository)(reports.create(to, issue)),
    update: (to, ...what) => about(to.repository)(reports.update(to, ...what)),
    comment: (to, ...what) => about(to.repository)(reports.comment(to, ...what)),
    findIssue: (to, marker) => about(to.repository)(reports.findIssue(to, marker)),
    findComments: (to, ...what) => about(to.repository)(reports.findComments(to, ...what)),
    isOnlyOurs: (to, issue) => about(to.repository)(reports.isOnlyOurs(to, issue)),
    close: (to, issue) => about(to.repository)(reports.close(to, issue))
  })
})

const watchedChecks = Effect.gen(function* () {
  const checks = yield* Checks
  const about = yield* watching
  return Checks.of({
    create: (of, ...what) => about(of.repository)(checks.create(of, ...what)),
    update: (of, ...what) => about(of.repository)(checks.update(of, ...what)),
    find: (of, ...what) => about(of.repository)(checks.find(of, ...what))
  })
})

/** The same answers, watched. Cost: one table read for each owner, result and minute, and a write while one shuts the App out. */
export const layer: Layer.Layer<ConfigSource, never, ConfigSource | Table> = Layer.effect(
  ConfigSource,
  watchedConfigs
).pipe(Layer.provide(layerNotes))

/** Starts and searches for what was started, watched: what {@link layer} costs, but only where they are refused so. */
export const layerWorkflows: Layer.Layer<Workflows, never, Workflows | Table> = Layer.effect(
  Workflows,
  watchedWorkflows
).pipe(Layer.provide(layerNotes))

/** Reports, watched in the same way. */
export const layerReports: Layer.Layer<Reports, never, Reports | Table> = Layer.effect(Reports, watchedReports).pipe(
  Layer.provide(layerNotes)
)

/** Check runs, watched in the same way. */
export const layerChecks: Layer.Layer<Checks, never, Checks | Table> = Layer.effect(Checks, watchedChecks).pipe(
  Layer.provide(layerNotes)
)
