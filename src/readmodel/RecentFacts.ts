/**
 * Remembers for some minutes which facts this process has recorded to the end, so that one that is published again, or handed out again, costs
 * nothing. Forgetting is harmless. It happens soon, because a table may be put back to an earlier moment below a process at work: facts that are
 * then recorded once more must not be left out.
 */
import { Duration } from "effect"
import type { Fact } from "../domain/Fact.ts"

/** Most facts of each of two halves, and how long one of them is added to, in milliseconds. */
const half = { most: 20_000, millis: Duration.toMillis("3 minutes") } as const

export class RecentFacts {
  #latest = new Set<string>()
  #before = new Set<string>()
  #since = Number.NEGATIVE_INFINITY

  /** Whether a fact was recorded. */
  has({ id }: Fact): boolean {
    return this.#latest.has(id) || this.#before.has(id)
  }

  /** Remembers facts that are recorded to the end: they, what they come to, and the mark. */
  add(facts: ReadonlyArray<Fact>): void {
    for (const { id } of facts) this.#latest.add(id)
  }

  /** Forgets what was recorded long before `now`, milliseconds since the epoch. */
  turn(now: number): void {
    const age = now - this.#since
    if (age >= 0 && age < half.millis && this.#latest.size < half.most) return
    this.#before = age >= 0 && age < 2 * half.millis ? this.#latest : new Set()
    this.#latest = new Set()
    this.#since = now
  }
}
