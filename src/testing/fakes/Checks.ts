/** Check runs in memory. */
import { Context, Effect, Layer, Option } from "effect"
import type { CheckRun } from "../../domain/CheckRun.ts"
import { repositoryKey } from "../../domain/Names.ts"
import { GitHubId } from "../../domain/SourceRun.ts"
import { type CheckedCommit, Checks } from "../../ports/Checks.ts"
import { GitHubError, NotFound } from "../../ports/GitHubError.ts"

/** A check run in memory. */
export interface WrittenCheck extends CheckRun {
  readonly of: CheckedCommit
  readonly id: GitHubId
  readonly externalId: string
  /** How often it was written: when it was created, and with each update. */
  readonly writes: number
}

/** What {@link layerMemory} holds. */
export class WrittenChecks extends Context.Service<
  WrittenChecks,
  {
    /** All check runs, in the order of their creation. */
    readonly all: Effect.Effect<ReadonlyArray<WrittenCheck>>
    /** Forgets all check runs, as GitHub does of old ones. */
    readonly clear: Effect.Effect<void>
  }
>()("dispatcher/testing/fakes/WrittenChecks") {}

const makeMemory = Effect.sync(() => {
  const checks = new Map<GitHubId, WrittenCheck>()
  let lastId = 0

  const create = (of: CheckedCommit, externalId: string, check: CheckRun) =>
    Effect.sync(() => {
      lastId += 1
      const id = GitHubId.make(String(lastId))
      checks.set(id, { ...check, of, id, externalId, writes: 1 })
      return id
    })
  const missing = Effect.fail(
    new GitHubError({ operation: "Checks.update", reason: new NotFound({ message: "Not Found" }) })
  )
  const update = (of: CheckedCommit, id: GitHubId, check: CheckRun) =>
    Effect.suspend(() => {
      const known = checks.get(id)
      if (known === undefined || repositoryKey(known.of.repository) !== repositoryKey(of.repository)) return missing
      // As at GitHub, what is completed stays so.
      const conclusion = check.conclusion ?? known.conclusion
      checks.set(id, { ...known, ...check, conclusion, writes: known.writes + 1 })
      return Effect.void
    })
  const find = (of: CheckedCommit, name: string, externalId: string) =>
    Effect.sync(() =>
      Option.fromNullishOr(
        [...checks.values()].findLast(
          (check) =>
            repositoryKey(check.of.repository) === repositoryKey(of.repository) &&
            check.of.sha === of.sha &&
            check.name === name &&
            check.externalId === externalId
        )?.id
      )
    )

  return Context.make(Checks, { create, update, find }).pipe(
    Context.add(WrittenChecks, {
      all: Effect.sync(() => [...checks.values()]),
      clear: Effect.sync(() => checks.clear())
    })
  )
})

/** Check runs in memory; their ids count up. */
export const layerMemory: Layer.Layer<Checks | WrittenChecks> = Layer.effectContext(makeMemory)
