/**
 * What plans of different runs share: the starts of a chain, the newest run of a branch, and whose names were let in. Each is written on
 * condition of the version that was read, so that of two plans at one time one is made again.
 */
import { Effect, Option, Schema } from "effect"
import { type RepositoryKey, type RepositoryName, repositoryKey } from "../domain/Names.ts"
import { identityOf, SourceIdentity, sameSource } from "../domain/SourceIdentity.ts"
import { isOlder, type RunKey, type RunPosition, SourceRun } from "../domain/SourceRun.ts"
import { absent, atVersion, type Condition, type Table, type Write } from "../ports/Table.ts"
import { encodeItem, read, retention, type Versioned } from "./Items.ts"
import { chainKey, letInKey, newestKey } from "./Keys.ts"

/** `chain/…` */
const ChainItem = Schema.Struct({ starts: Schema.Int })
/** `newest/…` */
const NewestItem = Schema.Struct({
  runNumber: SourceRun.fields.runNumber,
  createdAt: SourceRun.fields.createdAt
})

const unchanged = (seen: Versioned<unknown> | undefined): Condition =>
  seen === undefined ? absent : atVersion(seen.version)

const positionOf = ({ runNumber, createdAt }: SourceRun): typeof NewestItem.Type => ({
  ...(runNumber === undefined ? {} : { runNumber }),
  ...(createdAt === undefined ? {} : { createdAt })
})

/** Whom targets first let in under the source's name, as it was read. */
export type SeenSources = ReadonlyMap<RepositoryKey, Versioned<SourceIdentity>>

/** The ledger's part that plans of different runs share. */
export const makePlanning = (table: Table["Service"]) => {
  /** How many starts a chain has reserved. One read. */
  const chainStarts = (root: RunKey) =>
    Effect.map(read(table, chainKey(root), ChainItem), (item) => Option.getOrUndefined(item))

  /** Reserves starts with a plan, unless another plan of the chain did since `seen` was read. */
  const chainWrite = (root: RunKey, starts: number, seen: Versioned<typeof ChainItem.Type> | undefined) =>
    Effect.map(
      retention,
      (expiresAt): Write => ({
        _tag: "Put",
        key: chainKey(root),
        attributes: encodeItem(ChainItem, { starts }),
        condition: unchanged(seen),
        expiresAt
      })
    )

  /** The newest run of a run's workflow and branch that was planned for a rule that asks. One read; none without a branch. */
  const newest = Effect.fnUntraced(function* ({ repositoryId, workflow, branch }: SourceRun) {
    if (branch === null || branch === "") return undefined
    return Option.getOrUndefined(yield* read(table, newestKey(repositoryId, workflow, branch), NewestItem))
  })

  /** Makes the run the newest one with its plan, if it is newer than `seen`. */
  const newestWrites = Effect.fnUntraced(function* (run: SourceRun, seen: Versioned<RunPosition> | undefined) {
    const isNewer = seen === undefined || isOlder(seen.value, run)
    if (!isNewer || run.branch === null || run.branch === "") return []
    const put: Write = {
      _tag: "Put",
      key: newestKey(run.repositoryId, run.workflow, run.branch),
      attributes: encodeItem(NewestItem, positionOf(run)),
      condition: unchanged(seen),
      expiresAt: yield* retention
    }
    return [put]
  })

  /** Whom these targets of other owners first let in under the source's name. One read for each. */
  const letIn = Effect.fn("Ledger.letIn")(function* (source: RepositoryName, targets: ReadonlyArray<RepositoryName>) {
    const seen = new Map<RepositoryKey, Versioned<SourceIdentity>>()
    for (const target of targets) {
      const item = yield* read(table, letInKey(source, target), SourceIdentity)
      if (Option.isSome(item)) seen.set(repositoryKey(target), item.value)
    }
    return seen as SeenSources
  })

  /**
   * Remembers whom targets of other owners let in; false if somebody else was let in since `seen` was read. One write for each target that
   * never did, or whose file names the new id; it stays for good.
   */
  const rememberLetIn = Effect.fn("Ledger.rememberLetIn")(function* (
    run: SourceRun,
    targets: ReadonlyArray<RepositoryName>,
    seen: SeenSources
  ) {
    for (const target of targets) {
      const known = seen.get(repositoryKey(target))
      if (known !== undefined && sameSource(known.value, identityOf(run))) continue
      const put: Write = {
        _tag: "Put",
        key: letInKey(run.repository, target),
        attributes: encodeItem(SourceIdentity, identityOf(run)),
        condition: unchanged(known)
      }
      const written = yield* table.write(put).pipe(
        Effect.as(true),
        Effect.catchTag("ConditionFailed", () => Effect.succeed(false))
      )
      if (!written) return false
    }
    return true
  })

  return { chainStarts, chainWrite, newest, newestWrites, letIn, rememberLetIn }
}
