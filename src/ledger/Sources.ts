/**
 * What plans of different runs share about their sources: the newest run of a branch, and whose names were let in. Each is written on
 * condition of the version that was read, so that of two plans at one time one is made again.
 */
import { Effect, Option, Schema } from "effect"
import { type RepositoryKey, type RepositoryName, repositoryKey } from "../domain/Names.ts"
import { identityOf, SourceIdentity, sameSource } from "../domain/SourceIdentity.ts"
import { isOlder, type RunPosition, SourceRun } from "../domain/SourceRun.ts"
import { isWritten, type Table, type TableError, type Write } from "../ports/Table.ts"
import { encodeItem, read, retention, unchangedSince, type Versioned } from "./Items.ts"
import { letInKey, newestKey } from "./Keys.ts"

/** `newest/…` */
const NewestItem = Schema.Struct({
  runNumber: SourceRun.fields.runNumber,
  createdAt: SourceRun.fields.createdAt
})

const positionOf = ({ runNumber, createdAt }: SourceRun): typeof NewestItem.Type => ({
  ...(runNumber === undefined ? {} : { runNumber }),
  ...(createdAt === undefined ? {} : { createdAt })
})

/** Whom targets first let in under the source's name, as it was read. */
export type SeenSources = ReadonlyMap<RepositoryKey, Versioned<SourceIdentity>>

/** What the ledger keeps about sources. */
export interface SourceLedger {
  /** The newest run of a run's workflow and branch that was planned for a rule that asks. One read; none without a branch. */
  readonly newest: (run: SourceRun) => Effect.Effect<Versioned<RunPosition> | undefined, TableError>
  /** Makes the run the newest one with its plan, if it is newer than `seen`. */
  readonly newestWrites: (
    run: SourceRun,
    seen: Versioned<RunPosition> | undefined
  ) => Effect.Effect<ReadonlyArray<Write>>
  /** Whom these targets of other owners first let in under the source's name. One read for each. */
  readonly letIn: (
    source: RepositoryName,
    targets: ReadonlyArray<RepositoryName>
  ) => Effect.Effect<SeenSources, TableError>
  /**
   * Remembers whom targets of other owners let in; false if another source was let in since `seen` was read. One write for each target that
   * never did, or whose file names the new id; it stays for good.
   */
  readonly rememberLetIn: (
    run: SourceRun,
    targets: ReadonlyArray<RepositoryName>,
    seen: SeenSources
  ) => Effect.Effect<boolean, TableError>
}

/** Over a table. */
export const makeSourceLedger = (table: Table["Service"]): SourceLedger => {
  const newest = Effect.fnUntraced(function* ({ repositoryId, workflow, branch }: SourceRun) {
    if (branch === null || branch === "") return undefined
    return Option.getOrUndefined(yield* read(table, newestKey(repositoryId, workflow, branch), NewestItem))
  })

  const newestWrites = Effect.fnUntraced(function* (run: SourceRun, seen: Versioned<RunPosition> | undefined) {
    const isNewer = seen === undefined || isOlder(seen.value, run)
    if (!isNewer || run.branch === null || run.branch === "") return []
    const put: Write = {
      _tag: "Put",
      key: newestKey(run.repositoryId, run.workflow, run.branch),
      attributes: encodeItem(NewestItem, positionOf(run)),
      condition: unchangedSince(seen),
      expiresAt: yield* retention
    }
    return [put]
  })

  const letIn = Effect.fn("Ledger.letIn")(function* (source: RepositoryName, targets: ReadonlyArray<RepositoryName>) {
    const seen = new Map<RepositoryKey, Versioned<SourceIdentity>>()
    for (const target of targets) {
      const item = yield* read(table, letInKey(source, target), SourceIdentity)
      if (Option.isSome(item)) seen.set(repositoryKey(target), item.value)
    }
    return seen as SeenSources
  })

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
        condition: unchangedSince(known)
      }
      if (!(yield* isWritten(table.write(put)))) return false
    }
    return true
  })

  return { newest, newestWrites, letIn, rememberLetIn }
}
