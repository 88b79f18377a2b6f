/** Delivers the runs of a fleet as GitHub might: in bursts, late, twice, in another order; what gets no 2xx is sent again later. */
import { Clock, Duration, Effect, Fiber, Semaphore } from "effect"
import { GitHubId } from "../../src/domain/SourceRun.ts"
import type { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { between, type Chance } from "./Chance.ts"
import { type PlannedRun, sourceWorkflow } from "./Fleet.ts"

/** A run that has completed, and whose delivery was accepted. */
export interface Sent {
  readonly planned: PlannedRun
  readonly repositoryId: GitHubId
  readonly runId: GitHubId
  readonly attempt: number
  /** The commit that it ran. */
  readonly sha: string
  /** When the server first answered with a 2xx, milliseconds since the epoch. */
  readonly acceptedAt: number
}

/** Completes the runs one after the other, in bursts, and delivers them meanwhile. Ends when all are accepted, or begins none after `until`. */
export const sendAll = Effect.fnUntraced(function* (
  sandbox: Sandbox["Service"],
  runs: ReadonlyArray<PlannedRun>,
  { chance, until, atOnce }: { readonly chance: Chance; readonly until: number; readonly atOnce: number }
) {
  const permits = yield* Semaphore.make(atOnce)
  const ids = new Map<number, number>()
  const sent: Array<Sent> = []

  const accepted = (payload: unknown, deliveryId: string) =>
    sandbox.deliver(payload, { deliveryId }).pipe(
      permits.withPermits(1),
      Effect.orDie,
      Effect.tap(({ statusCode }) => (statusCode === 202 ? Effect.void : Effect.sleep("700 millis"))),
      Effect.repeat({ while: ({ statusCode }) => statusCode !== 202 })
    )

  const guidOf = (planned: PlannedRun, copy: number): string => {
    const digits = String(planned.index * 10 + copy).padStart(12, "0")
    return `50a4d0c0-0000-4000-8000-${digits}`
  }

  const deliver = Effect.fnUntraced(function* (planned: PlannedRun, payload: { readonly [key: string]: unknown }) {
    yield* Effect.sleep(Duration.millis(planned.delay))
    yield* accepted(payload, guidOf(planned, 0))
  })

  const copies = (planned: PlannedRun, payload: unknown) =>
    Effect.forEach(
      planned.copies,
      ({ delay, sameGuid }, copy) =>
        Effect.andThen(
          Effect.sleep(Duration.millis(delay)),
          accepted(payload, guidOf(planned, sameGuid ? 0 : copy + 1))
        ),
      { concurrency: "unbounded", discard: true }
    )

  const complete = Effect.fnUntraced(function* (planned: PlannedRun) {
    const former = planned.rerunOf === undefined ? undefined : ids.get(planned.rerunOf)
    const again = former === undefined ? {} : { run: former, attempt: 2 + planned.index }
    const payload = yield* Effect.orDie(
      sandbox.completeRun({ repository: planned.repository, workflow: sourceWorkflow, ...again })
    )
    const { id: runId, run_attempt: attempt = 1, head_sha: sha } = payload.workflow_run
    ids.set(planned.index, runId)
    const first = Effect.gen(function* () {
      yield* deliver(planned, payload)
      const acceptedAt = yield* Clock.currentTimeMillis
      const repositoryId = GitHubId.make(String(payload.repository.id))
      sent.push({ planned, repositoryId, runId: GitHubId.make(String(runId)), attempt, sha, acceptedAt })
    })
    return yield* Effect.forkChild(Effect.all([first, copies(planned, payload)], { concurrency: 2, discard: true }))
  })

  const fibers = []
  let burst = 0
  for (const planned of runs) {
    if ((yield* Clock.currentTimeMillis) > until) break
    if (burst-- <= 0) {
      burst = between(1, 30, chance("burst", planned.index))
      yield* Effect.sleep(Duration.millis(between(0, 2500, chance("lull", planned.index))))
    }
    fibers.push(yield* complete(planned))
  }
  yield* Effect.forEach(fibers, Fiber.join, { discard: true })
  return sent
})
