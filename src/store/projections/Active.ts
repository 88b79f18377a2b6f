/** Which scopes something was recorded for lately: the scopes whose figures the rollup has to look at. */
import { Duration, Effect } from "effect"
import { bucketOf, isoTime } from "../../domain/Bucket.ts"
import { scopesOf } from "../../domain/Scope.ts"
import type { TableError, TableReader, Update } from "../../ports/Table.ts"
import type { Recording } from "../FactWrites.ts"
import { readAll } from "../ReadAll.ts"
import { expiryOf } from "../Retention.ts"
import { ActiveItem, asAttributes, decoder } from "./Items.ts"
import { activeKey, activeRange } from "./Keys.ts"

/** The longest window and the one before it, and the hour that is not over. */
const activeFor = Duration.days(15)
/** A fact that is recorded so many milliseconds after its time is late: it counts where nobody would look for news. */
const lateAfter = 60_000

/** Notes the scopes of a fact as active: once an hour each, and once a minute if the fact is late. */
export const activeMarks = ({ fact, time, now }: Recording): ReadonlyArray<Update> => {
  const recordedAt = isoTime(now)
  const hour = bucketOf("hour", recordedAt)
  const late = time < isoTime(now - lateAfter) ? { late: bucketOf("minute", recordedAt) } : {}
  const expiresAt = expiryOf(now, activeFor)
  return scopesOf(fact).map((scope) => ({
    _tag: "Update",
    key: activeKey(scope),
    set: asAttributes({ scope, hour, ...late }),
    expiresAt
  }))
}

const decodeActive = decoder(ActiveItem)

/** The scopes that were active in the last 15 days. One read per 1000 of them. */
export const readActive = Effect.fnUntraced(function* (
  reader: TableReader
): Effect.fn.Return<ReadonlyArray<ActiveItem>, TableError> {
  return yield* Effect.forEach(yield* readAll(reader, activeRange), decodeActive)
})
