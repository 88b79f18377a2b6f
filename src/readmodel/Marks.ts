/**
 * What Record leaves for Rollup to do. A mark has another token each time it is put: the rollup that has dealt with it deletes it only if the token
 * is still the same.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `marks` | minute | that contributions of the minute have changed |
 * | | `<minute>/again` | that a rollup which had lost its turn has written what follows from the minute: it is written again, though it seems the same |
 * | `unfolded` | run key | that a run with very many facts has more |
 */
import { Effect, Random } from "effect"
import type { Bucket } from "../domain/Bucket.ts"
import type { RunKey } from "../domain/SourceRun.ts"
import { type Appended, isWritten, type Key, Table, withToken } from "../ports/Table.ts"

/** The mark of a minute whose contributions have changed. */
export const minuteMark = (minute: Bucket): Key => ({ table: "projections", partition: "marks", sort: minute })
/** The mark of a minute of which all that follows is to be written again. */
export const againMark = (minute: Bucket): Key => ({ ...minuteMark(minute), sort: `${minute}/again` })
/** The mark of a run that is to be folded by Rollup. */
export const unfoldedMark = (run: RunKey): Key => ({ table: "projections", partition: "unfolded", sort: run })

const digits = Effect.map(Random.next, (number) => number.toString(36).slice(2))
/** A text that is never the same twice. */
const freshToken = Effect.zipWith(digits, digits, (first, second) => first + second)

/** Marks, each with a token of its own. */
export const freshMarks = (keys: ReadonlyArray<Key>): Effect.Effect<ReadonlyArray<Appended>> =>
  Effect.forEach(keys, (key) => Effect.map(freshToken, (token) => ({ key, attributes: { token } })))

/** Removes a mark, unless it was put again since its token was read: then what it marks is folded once more. One write. */
export const removeMark = Effect.fnUntraced(function* (key: Key, token: string) {
  const table = yield* Table
  return yield* isWritten(table.write({ _tag: "Delete", key, condition: withToken(token) }))
})
