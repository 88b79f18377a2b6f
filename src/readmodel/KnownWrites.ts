/**
 * Remembers what this process has put that is the same whichever process puts it, and however often, so that it is not put with every fact.
 * Forgetting is harmless; it happens once a day, which keeps such items from expiring, and when there are too many.
 */
import { type Bucket, bucketOf, isoTime } from "../domain/Bucket.ts"
import type { Appended } from "../ports/Table.ts"

const most = 50_000

const addressOf = ({ key: { table, partition, sort } }: Appended): string => `${table}\n${partition}\n${sort}`

export class KnownWrites {
  readonly #put = new Set<string>()
  #day: Bucket | undefined

  /** Those that have to be put. */
  missing(puts: ReadonlyArray<Appended>): ReadonlyArray<Appended> {
    return puts.filter((put) => !this.#put.has(addressOf(put)))
  }

  /** Remembers what was put. */
  add(puts: ReadonlyArray<Appended>): void {
    if (this.#put.size > most) this.#put.clear()
    for (const put of puts) this.#put.add(addressOf(put))
  }

  /** Forgets what was remembered on an earlier day than that of `now`, milliseconds since the epoch. */
  turn(now: number): void {
    const day = bucketOf("day", isoTime(now))
    if (day !== this.#day) this.#put.clear()
    this.#day = day
  }
}
