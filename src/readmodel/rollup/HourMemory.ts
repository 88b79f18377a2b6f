/**
 * The hours that a rollup has read and written, kept in its process for the next tick: an active scope has 336 of them, and reading them all each
 * minute costs more than everything else that a rollup does. Only rollups write hours, one at a time, so what one remembers is right as long as
 * no other has had a turn since. One whose turn was over may have written some all the same: it marks its minutes, so that they are written again.
 *
 * They are kept as text, which takes a tenth of what they take unpacked, and days that no window cuts as one sum.
 */
import { type Bucket, bucketOf } from "../../domain/Bucket.ts"
import { type HourSum, type Minutes, sumOfDay } from "../../domain/HourSums.ts"
import { Names } from "../../domain/PackedNumbers.ts"
import { packTally, unpackTally } from "../../domain/PackedTally.ts"
import { type Scope, scopeKey } from "../../domain/Scope.ts"
import type { Tally } from "../../domain/Tally.ts"
import type { TableReader } from "../../ports/Table.ts"
import type { Turn } from "./TickItem.ts"

/** What an hour takes beside its text, in bytes. */
const bytesOfHour = 90

/** An hour as text, or a day, under its first hour. */
interface Kept {
  readonly hour: Bucket
  readonly isDay: boolean
  readonly total: string
  /** Absent for a day, and where the minutes are not likely to be needed again. */
  readonly minutes: string | undefined
}
/** An hour; its minutes where they are known. Under the first hour of a day there may be the whole day. */
export interface Remembered extends Pick<HourSum, "hour" | "total">, Partial<Pick<HourSum, "minutes">> {
  readonly isDay?: boolean
  readonly kept?: Kept
}
interface Entry {
  readonly from: Bucket
  readonly hours: ReadonlyArray<Kept>
  readonly bytes: number
}

/** Which hours are needed by their minutes, now or soon, and which days by their hours. */
export interface Needs {
  readonly from: Bucket
  readonly isCut: (hour: Bucket) => boolean
  readonly isCutDay: (day: Bucket) => boolean
}

/** What is remembered of a scope: its hours from one on. */
export interface ScopeHours {
  readonly from: Bucket
  readonly hours: ReadonlyMap<Bucket, Remembered>
}

const dayOf = (hour: Bucket): Bucket => bucketOf("day", hour)

/** The hours of scopes, those that were used last, of so many bytes. */
export class HourMemory {
  readonly #mostBytes: number
  readonly #scopes = new Map<string, Entry>()
  readonly #names = new Names()
  /** The names of hours, each once: all scopes have the same. */
  readonly #hours = new Map<Bucket, Bucket>()
  #bytes = 0

  constructor(mostBytes = 45_000_000) {
    this.#mostBytes = mostBytes
  }

  #nameOf(hour: Bucket): Bucket {
    const name = this.#hours.get(hour) ?? hour
    this.#hours.set(name, name)
    return name
  }

  #pack({ hour, total, minutes, kept }: Remembered, isCut: boolean, isDay = false): Kept {
    if (kept !== undefined && (kept.minutes !== undefined) === isCut) return kept
    const list = (minute: Bucket, tally: Tally) => [Number(minute.slice(14)), ...packTally(this.#names, tally)]
    const lists = isCut ? [...(minutes?.() ?? [])].map(([minute, tally]) => list(minute, tally)) : undefined
    return {
      hour: this.#nameOf(hour),
      isDay,
      total: kept?.total ?? JSON.stringify(packTally(this.#names, total)),
      minutes: lists === undefined ? undefined : JSON.stringify(lists)
    }
  }

  #unpack(kept: Kept): Remembered {
    const names = this.#names.text
    const tallyOf = (list: ReadonlyArray<number>): Tally => unpackTally(list, names).tally()
    const { hour, isDay, total, minutes } = kept
    const unpackMinutes = (text: string): Minutes =>
      new Map(
        (JSON.parse(text) as ReadonlyArray<ReadonlyArray<number>>).map(([minute, ...list]) => [
          `${hour}:${String(minute).padStart(2, "0")}`,
          tallyOf(list)
        ])
      )
    return {
      ...{ hour, isDay, kept, total: tallyOf(JSON.parse(total)) },
      ...(minutes === undefined ? {} : { minutes: () => unpackMinutes(minutes) })
    }
  }

  /** What is remembered of a scope, undefined where its hours have to be read. */
  get(scope: Scope): ScopeHours | undefined {
    const entry = this.#scopes.get(scopeKey(scope))
    if (entry === undefined) return undefined
    const hours = entry.hours.map((kept) => [kept.hour, this.#unpack(kept)] as const)
    return { from: entry.from, hours: new Map(hours) }
  }

  /** Forgets a scope, whose hours may be written. */
  forget(scope: Scope): void {
    const key = scopeKey(scope)
    this.#bytes -= this.#scopes.get(key)?.bytes ?? 0
    this.#scopes.delete(key)
  }

  /** Remembers the hours of a scope. */
  set(scope: Scope, all: ReadonlyMap<Bucket, Remembered>, { from, isCut, isCutDay }: Needs): void {
    this.forget(scope)
    const byDay = Map.groupBy(
      [...all.values()].filter(({ hour }) => hour >= from),
      ({ hour }) => dayOf(hour)
    )
    const hours = [...byDay].flatMap(([day, some]): Entry["hours"] => {
      if (isCutDay(day)) return some.map((one) => this.#pack(one, isCut(one.hour)))
      const [first] = some
      const whole = some.length === 1 && first?.isDay === true ? first : undefined
      return [this.#pack(whole ?? { hour: `${day}T00`, total: sumOfDay(some, day) }, false, true)]
    })
    const sizes = hours.map(({ total, minutes = "" }) => total.length + minutes.length + bytesOfHour)
    const bytes = sizes.reduce((sum, size) => sum + size, 0)
    this.#scopes.set(scopeKey(scope), { from, hours, bytes })
    this.#bytes += bytes
    for (const [oldest, entry] of this.#scopes) {
      if (this.#bytes <= this.#mostBytes) break
      this.#scopes.delete(oldest)
      this.#bytes -= entry.bytes
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
