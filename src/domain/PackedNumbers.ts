/**
 * Lists of numbers, in which an item holds what it counts: what is written with every minute costs by the KB, and names and brackets are most
 * of what JSON takes. The names of counters are kept once for all lists of an item, so a list says what it counts by place. Pure.
 */
import { Schema } from "effect"
import type { Quantiles } from "./Answers.ts"
import { packTime, unpackTime } from "./Sketch.ts"

/** A list of numbers, looked at as a whole: an item has thousands of numbers, and rankings are made of thousands of items. */
export const NumberList = Schema.declare(
  (list): list is ReadonlyArray<number> => Array.isArray(list) && list.every(Number.isFinite)
)

type Counts = Readonly<Record<string, number>>

/** The names of what the lists of an item count, in the order in which they were met. */
export class Names {
  readonly #places = new Map<string, number>()

  /** The place of a name. */
  placeOf(name: string): number {
    const place = this.#places.get(name) ?? this.#places.size
    this.#places.set(name, place)
    return place
  }

  /** All names, with spaces between: none of them has one. */
  get text(): string {
    return [...this.#places.keys()].join(" ")
  }
}

/** How many counters there are, then each by the place of its name. */
export const packCounts = (names: Names, counts: Counts): ReadonlyArray<number> => {
  const packed: Array<number> = []
  for (const name in counts) if (counts[name] !== 0) packed[names.placeOf(name)] = counts[name] ?? 0
  return [packed.length, ...Array.from(packed, (count) => count ?? 0)]
}

/** The longest time, one more than it is, and the others as `packTime`; 0 where there are none. */
export const packQuantiles = (quantiles: Quantiles | undefined): ReadonlyArray<number> => {
  const max = quantiles?.max ?? undefined
  if (quantiles === undefined || max === undefined) return [0]
  return [max + 1, ...[quantiles.p50, quantiles.p95, quantiles.p99].map((time) => packTime(time ?? max, max))]
}

/** Gives what a list holds, one after the other. What is beyond its end is 0. */
export class Numbers {
  readonly #all: ReadonlyArray<number>
  readonly #names: ReadonlyArray<string>
  #at = 0

  constructor(all: ReadonlyArray<number>, names: string) {
    this.#all = all
    this.#names = names.split(" ")
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#all.length
  }

  next(): number {
    return this.#all[this.#at++] ?? 0
  }

  take(count: number): ReadonlyArray<number> {
    this.#at += count
    return this.#all.slice(this.#at - count, this.#at)
  }

  name(): string {
    return this.#names[this.next()] ?? ""
  }

  /** What {@link packCounts} made. */
  counts(): Counts {
    const counts: Record<string, number> = {}
    this.take(this.next()).forEach((count, place) => {
      if (count !== 0) counts[this.#names[place] ?? ""] = count
    })
    return counts
  }

  /** What {@link packQuantiles} made. */
  quantiles(): Quantiles | undefined {
    const longest = this.next()
    if (longest === 0) return undefined
    const max = longest - 1
    const time = () => unpackTime(this.next(), max)
    return { p50: time(), p95: time(), p99: time(), max }
  }
}
