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
  readonly #kinds = new Set<string>()
  #day: Bucket | undefined

  /** Whether all was put that something of this kind leads to. */
  has(kind: string): boolean {
    return this.#kinds.has(kind)
  }

  /** Those that have to be put. */
  missing(puts: ReadonlyArray<Appended>): ReadonlyArray<Appended> {
    return puts.filter((put) => !this.#put.has(addressOf(put)))
  }

  /** Remembers what was put, and of which kinds that is all. */
  add(puts: ReadonlyArray<Appended>, kinds: ReadonlyArray<string>): void {
    if (this.#put.size > most || this.#kinds.size > most) this.#forget()
    for (const put of puts) this.#put.add(addressOf(put))
    for (const kind of kinds) this.#kinds.add(kind)
  }

  /** Forgets what was remembered on an earlier day than that of `now`, milliseconds since the epoch. */
  turn(now: number): void {
    const day = bucketOf("day", isoTime(now))
    if (day !== this.#day) this.#forget()
    this.#day = day
  }

  #forget(): void {
    this.#put.clear()
    this.#kinds.clear()
  }
}
