/**
 * The Table in memory: for tests, and for a server that may forget. Every operation is one step, so nothing can come between.
 * Expired items are hidden but stay in memory until the next write there.
 */
import { Clock, Effect, Layer, Option, Result } from "effect"
import {
  appended,
  compareSort,
  cursorOf,
  evaluate,
  invalid,
  isLiving,
  prevails,
  problemOfKey,
  rangeOf,
  type Stored,
  toItem
} from "../../adapters/TableRules.ts"
import { type Key, type Page, type Query, Table, type Write } from "../../ports/Table.ts"

/** Items by sort key, and the sort keys in order. */
interface Partition {
  readonly items: Map<string, Stored>
  readonly sorts: Array<string>
}

class Partitions {
  readonly #partitions = new Map<string, Partition>()

  get({ table, partition }: Pick<Key, "table" | "partition">): Partition {
    return this.#partitions.get(`${table} ${partition}`) ?? { items: new Map(), sorts: [] }
  }

  read(key: Key, now: number): Stored | undefined {
    const stored = this.get(key).items.get(key.sort)
    return stored !== undefined && isLiving(stored, now) ? stored : undefined
  }

  write({ table, partition, sort }: Key, stored: Stored | undefined): void {
    const found = this.get({ table, partition })
    const { items, sorts } = found
    if (stored === undefined) {
      if (items.delete(sort)) sorts.splice(indexFrom(sorts, sort), 1)
    } else {
      if (!items.has(sort)) sorts.splice(indexFrom(sorts, sort), 0, sort)
      items.set(sort, stored)
      this.#partitions.set(`${table} ${partition}`, found)
    }
  }
}

/** How many of the ordered `sorts` come before `sort`. */
const indexFrom = (sorts: ReadonlyArray<string>, sort: string): number => {
  let low = 0
  let high = sorts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareSort(sorts[middle] ?? "", sort) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** How many of the ordered `sorts` come before or are `sort`. */
const indexAfter = (sorts: ReadonlyArray<string>, sort: string): number => {
  const index = indexFrom(sorts, sort)
  return sorts[index] === sort ? index + 1 : index
}

const page = (partitions: Partitions, query: Query, now: number) =>
  Result.map(rangeOf(query), ({ from, to, after }): Page => {
    const { table, partition, limit, direction = "ascending" } = query
    const { items, sorts } = partitions.get({ table, partition })
    const ascending = direction === "ascending"
    const lowest = from === undefined ? 0 : indexFrom(sorts, from)
    const highest = to === undefined ? sorts.length : indexAfter(sorts, to)
    const first = after === undefined || !ascending ? lowest : Math.max(lowest, indexAfter(sorts, after))
    const end = after === undefined || ascending ? highest : Math.min(highest, indexFrom(sorts, after))
    const found: Array<{ readonly sort: string; readonly stored: Stored }> = []
    for (let step = 0; step < end - first && found.length <= limit; step++) {
      const sort = sorts[ascending ? first + step : end - 1 - step] ?? ""
      const stored = items.get(sort)
      if (stored !== undefined && isLiving(stored, now)) found.push({ sort, stored })
    }
    const shown = found.slice(0, limit)
    return {
      items: shown.map(({ sort, stored }) => toItem({ table, partition, sort }, stored)),
      cursor: found.length > limit ? cursorOf(shown.at(-1)?.sort ?? "") : undefined
    }
  })

const make = Effect.sync((): Table["Service"] => {
  const partitions = new Partitions()
  const transact = (operation: string, writes: ReadonlyArray<Write>) =>
    Clock.clockWith((clock) => {
      const now = clock.currentTimeMillisUnsafe()
      const changes = evaluate(operation, writes, (key) => partitions.read(key, now))
      if (Result.isSuccess(changes)) for (const { key, stored } of changes.success) partitions.write(key, stored)
      return Effect.asVoid(Effect.fromResult(changes))
    })
  return {
    get: (key) =>
      Clock.clockWith((clock) => {
        const problem = problemOfKey(key)
        if (problem !== undefined) return Effect.fail(invalid("get", problem))
        const stored = partitions.read(key, clock.currentTimeMillisUnsafe())
        return Effect.succeed(stored === undefined ? Option.none() : Option.some(toItem(key, stored)))
      }),
    query: (query) =>
      Clock.clockWith((clock) => Effect.fromResult(page(partitions, query, clock.currentTimeMillisUnsafe()))),
    write: (write) => transact("write", [write]),
    transact: (writes) => transact("transact", writes),
    append: (items) =>
      Clock.clockWith((clock) => {
        const now = clock.currentTimeMillisUnsafe()
        const changes = appended(items)
        for (const change of Result.getOrElse(changes, () => [])) {
          if (prevails(change, () => partitions.read(change.key, now))) partitions.write(change.key, change.stored)
        }
        return Effect.asVoid(Effect.fromResult(changes))
      })
  }
})

/** A Table that forgets when its scope closes. */
export const layerMemory: Layer.Layer<Table> = Layer.effect(Table, make)
