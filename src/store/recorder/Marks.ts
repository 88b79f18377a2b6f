/**
 * Remembers which marks this process has written, so that it does not write them with every fact. Forgetting is harmless, and happens
 * once a day, which keeps marks from expiring, and when there are too many.
 */
import { type Bucket, bucketOf, isoTime } from "../../domain/Bucket.ts"
import type { Update } from "../../ports/Table.ts"

const most = 50_000

const identify = ({ key: { table, partition, sort }, set }: Update): string =>
  `${table}\n${partition}\n${sort}\n${set === undefined ? "" : JSON.stringify(set)}`

export class Marks {
  readonly #written = new Set<string>()
  #day: Bucket | undefined

  has(mark: Update): boolean {
    return this.#written.has(identify(mark))
  }

  /** Remembers marks that were committed at `now`, milliseconds since the epoch. */
  add(marks: ReadonlyArray<Update>): void {
    if (this.#written.size > most) this.#written.clear()
    for (const mark of marks) this.#written.add(identify(mark))
  }

  /** Forgets what was remembered on an earlier day. */
  turn(now: number): void {
    const day = bucketOf("day", isoTime(now))
    if (day !== this.#day) this.#written.clear()
    this.#day = day
  }
}
