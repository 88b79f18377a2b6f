/**
 * The check run of each source run: which it is, and what it shows last.
 *
 * A worker that writes to GitHub holds a lease on the item, and noted before its first request which check run it writes: so none is created
 * twice. One whose writing began and did not end well is in doubt, and the next writer looks at GitHub before it creates anything. After a
 * write the check run is left alone for a while, so that a burst of results is written together.
 */
import { Clock, Duration, Effect, Option, Schema } from "effect"
import { GitHubId, type RunKey, runKey, type SourceRun } from "../domain/SourceRun.ts"
import { absent, atVersion, isWritten, ordered, type Table, type TableError } from "../ports/Table.ts"
import { encodeItem, expiryAfter, read, retention } from "./Items.ts"
import { checkKey, uncheckedKey } from "./Keys.ts"

const Millis = Schema.Int

/** `check`; before `busyUntil` no other worker writes: it is the end of a lease while `inDoubt`, and of the quiet time otherwise. */
const CheckItem = Schema.Struct({
  /** Counts the run's check runs, from 1. */
  number: Schema.Int,
  /** Null where none was created yet, or it is not known. */
  id: Schema.NullOr(GitHubId),
  /** A digest of what it shows; null where that is not known. */
  shown: Schema.NullOr(Schema.String),
  /** Whether GitHub has it as completed, or may have: then it never is in progress again. */
  completed: Schema.Boolean,
  inDoubt: Schema.Boolean,
  busyUntil: Millis
})
type CheckItem = typeof CheckItem.Type

/** `unchecked/…`: why GitHub takes no check runs of ours in a repository. */
const UncheckedItem = Schema.Struct({ repository: Schema.String, message: Schema.String, since: Millis })

/** What the ledger knows of the check run of a run. */
export interface KnownCheck extends Pick<CheckItem, "number" | "id" | "shown" | "completed" | "inDoubt"> {
  readonly version: number
  readonly busyUntil: number
}
/** The right to write a check run until the lease ends. */
export interface CheckClaim extends Pick<CheckItem, "number" | "id"> {
  readonly run: SourceRun
  readonly version: number
  /** Whether the check run may be there, although its id is not known. */
  readonly mayExist: boolean
  readonly until: number
}
/** What a check run is to show. */
export interface CheckShown {
  /** A digest of it. */
  readonly shown: string
  readonly completed: boolean
}

const nothing: KnownCheck = {
  number: 1,
  id: null,
  shown: null,
  completed: false,
  inDoubt: false,
  version: 0,
  busyUntil: 0
}

/** How long a repository that takes no check runs is left alone. */
const daysUnchecked = 1

/** What the ledger does for check runs. */
export interface CheckLedger {
  /** What is known of the check run of a run. One read. */
  readonly knownCheck: (run: RunKey) => Effect.Effect<KnownCheck, TableError>
  /**
   * Claims the check run of a run as it was known, to have it show something. What GitHub has as completed cannot be in progress again: then
   * the claim is for another one, of the next number. One write; undefined if another worker was quicker.
   */
  readonly claimCheck: (
    run: SourceRun,
    known: KnownCheck,
    wanted: CheckShown,
    lease: Duration.Duration
  ) => Effect.Effect<CheckClaim | undefined, TableError>
  /** Stores what a check run shows, and leaves it alone for so long. One write; false if the lease was lost. */
  readonly settleCheck: (
    claim: CheckClaim,
    id: GitHubId | null,
    wanted: CheckShown,
    quiet: Duration.Duration
  ) => Effect.Effect<boolean, TableError>
  /**
   * Gives a check run back after something went wrong, in doubt; or, where GitHub has it no more (`isGone`), for the next to create another. One
   * write.
   */
  readonly releaseCheck: (
    claim: CheckClaim,
    wanted: CheckShown,
    quiet: Duration.Duration,
    isGone?: boolean
  ) => Effect.Effect<boolean, TableError>
  /** Why GitHub takes no check runs of ours in the repository of a run, if it said so within a day. One read. */
  readonly whyUnchecked: (run: SourceRun) => Effect.Effect<Option.Option<string>, TableError>
  /** Leaves the repository of a run alone for a day. One write; false if it is known already. */
  readonly leaveUnchecked: (run: SourceRun, message: string) => Effect.Effect<boolean, TableError>
}

/** Over a table. */
export const makeCheckLedger = (table: Table["Service"]): CheckLedger => {
  const put = Effect.fnUntraced(function* ({ run, version }: Pick<CheckClaim, "run" | "version">, item: CheckItem) {
    return yield* isWritten(
      table.transact([
        {
          _tag: "Put",
          key: checkKey(runKey(run)),
          attributes: encodeItem(CheckItem, item),
          condition: version === 0 ? absent : atVersion(version),
          expiresAt: yield* retention
        }
      ])
    )
  })

  const knownCheck = Effect.fn("Ledger.knownCheck")(function* (run: RunKey) {
    const found = yield* read(table, checkKey(run), CheckItem)
    return Option.match(found, {
      onNone: () => nothing,
      onSome: ({ value, version }): KnownCheck => ({ ...value, version })
    })
  })

  const claimCheck = Effect.fn("Ledger.claimCheck")(function* (
    run: SourceRun,
    known: KnownCheck,
    { completed }: CheckShown,
    lease: Duration.Duration
  ) {
    const isAnother = known.completed && !completed
    const number = isAnother ? known.number + 1 : known.number
    const id = isAnother ? null : known.id
    const mayExist = !isAnother && id === null && known.inDoubt
    const until = (yield* Clock.currentTimeMillis) + Duration.toMillis(lease)
    const item: CheckItem = {
      number,
      id,
      shown: null,
      // Until it is known what a request did, it may have completed the check run.
      completed,
      inDoubt: true,
      busyUntil: until
    }
    const claimed = yield* put({ run, version: known.version }, item)
    return claimed ? ({ run, number, id, mayExist, until, version: known.version + 1 } satisfies CheckClaim) : undefined
  })

  const settleCheck = Effect.fn("Ledger.settleCheck")(function* (
    claim: CheckClaim,
    id: GitHubId | null,
    { shown, completed }: CheckShown,
    quiet: Duration.Duration
  ) {
    const busyUntil = (yield* Clock.currentTimeMillis) + Duration.toMillis(quiet)
    const item = { number: claim.number, id, shown, completed, inDoubt: false, busyUntil }
    return yield* ordered(put(claim, item))
  })

  const releaseCheck = Effect.fn("Ledger.releaseCheck")(function* (
    claim: CheckClaim,
    { completed }: CheckShown,
    quiet: Duration.Duration,
    isGone = false
  ) {
    const busyUntil = (yield* Clock.currentTimeMillis) + Math.ceil(Duration.toMillis(quiet))
    const next = isGone
      ? { number: claim.number + 1, id: null, completed: false }
      : { number: claim.number, id: claim.id, completed }
    return yield* ordered(put(claim, { ...next, shown: null, inDoubt: !isGone, busyUntil }))
  })

  const whyUnchecked = (run: SourceRun) =>
    Effect.map(
      read(table, uncheckedKey(run.repositoryId), UncheckedItem),
      Option.map(({ value }) => value.message)
    )

  const leaveUnchecked = Effect.fn("Ledger.leaveUnchecked")(function* (run: SourceRun, message: string) {
    const since = yield* Clock.currentTimeMillis
    return yield* isWritten(
      table.transact([
        {
          _tag: "Put",
          key: uncheckedKey(run.repositoryId),
          attributes: encodeItem(UncheckedItem, { repository: run.repository, message, since }),
          condition: absent,
          expiresAt: yield* expiryAfter(daysUnchecked)
        }
      ])
    )
  })

  return { knownCheck, claimCheck, settleCheck, releaseCheck, whyUnchecked, leaveUnchecked }
}
