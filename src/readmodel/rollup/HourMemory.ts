/**
 * The hours that a rollup has read and written, kept in its process for the next tick: an active scope has 336 of them, and reading them all each
 * minute costs more than everything else that a rollup does. Only rollups write hours, one at a time, so what one remembers is right as long as
 * no other has had a turn since. Hours that a tick changes are read all the same: another rollup, whose turn was over, may have written them.
 */
import type { Bucket } from "../../domain/Bucket.ts"
import { type Scope, scopeKey } from "../../domain/Scope.ts"
import type { TableReader } from "../../ports/Table.ts"
import type { Hours, StoredHour } from "./Hours.ts"
import type { Turn } from "./TickItem.ts"

/** Most tallies that are remembered, of hours and of minutes: about 1 KB each. */
const mostTallies = 200_000

/** An hour; its minutes where they are likely to be needed again. */
type Remembered = Omit<StoredHour, "minutes"> & Partial<Pick<StoredHour, "minutes">>
interface Entry {
  readonly hours: ReadonlyMap<Bucket, Remembered>
  readonly tallies: number
}

/** The hours of scopes, those that were used last. */
export class HourMemory {
  readonly #scopes = new Map<string, Entry>()
  #tallies = 0

  #take(key: string): Entry | undefined {
    const entry = this.#scopes.get(key)
    if (entry === undefined) return undefined
    this.#scopes.delete(key)
    this.#tallies -= entry.tallies
    return entry
  }

  /** The hours of a scope, undefined where they have to be read. What is written afterwards is to be `set`. */
  take(scope: Scope): ReadonlyMap<Bucket, Remembered> | undefined {
    return this.#take(scopeKey(scope))?.hours
  }

  /** Remembers the hours of a scope from one on, and the minutes of some. */
  set(scope: Scope, all: Hours, from: Bucket, withMinutes: (hour: Bucket) => boolean): void {
    const key = scopeKey(scope)
    this.#take(key)
    let tallies = 0
    const hours = new Map<Bucket, Remembered>()
    for (const [hour, { minutes, ...rest }] of all) {
      if (hour < from) continue
      hours.set(hour, withMinutes(hour) ? { ...rest, minutes } : rest)
      tallies += withMinutes(hour) ? 1 + minutes().size : 1
    }
    this.#scopes.set(key, { hours, tallies })
    this.#tallies += tallies
    for (const oldest of this.#scopes.keys()) {
      if (this.#tallies <= mostTallies) break
      this.#take(oldest)
    }
  }
}

const kept = new WeakMap<TableReader, { readonly version: number; readonly memory: HourMemory }>()

/** What this process remembers of a table from its last turn; nothing, where another has had a turn since, or that one failed. */
export const recall = (table: TableReader, { version }: Turn): HourMemory => {
  const before = kept.get(table)
  kept.delete(table)
  return before?.version === version - 1 ? before.memory : new HourMemory()
}

/** Keeps what was remembered in a turn that has ended as it should. */
export const keep = (table: TableReader, { version }: Turn, memory: HourMemory): void => {
  kept.set(table, { version: version + 1, memory })
}
