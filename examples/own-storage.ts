/**
 * A storage of one's own: the Table as a journal, a file to which each transaction adds one line. Read again from the first line, it gives
 * what is stored. For one process and a few thousand items; own-storage.test.ts holds it to the contract of the Table.
 *
 * `TableRules` says what writes and queries mean. A storage only has to read, to keep, and to let nothing come between the two.
 */
import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs"
import { Table, TableRules } from "dispatcher"
import { Clock, Effect, Layer, Option, Result } from "effect"

/** The lines of a journal. Where a process died while it wrote, half a line is left that was never confirmed. */
const readLines = (file: string): ReadonlyArray<string> => {
  const text = existsSync(file) ? readFileSync(file, "utf8") : ""
  const whole = text.slice(0, text.lastIndexOf("\n") + 1)
  if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole))
  return whole.split("\n").slice(0, -1)
}

const open = (file: string): Table.Table["Service"] => {
  const entries = new Map<string, { readonly key: Table.Key; readonly stored: TableRules.Stored }>()
  const address = ({ table, partition, sort }: Table.Key) => JSON.stringify([table, partition, sort])
  const apply = (changes: ReadonlyArray<TableRules.Change>) => {
    for (const { key, stored } of changes) {
      if (stored === undefined) entries.delete(address(key))
      else entries.set(address(key), { key, stored })
    }
  }
  for (const line of readLines(file)) apply(JSON.parse(line))

  const read = (key: Table.Key, now: number) => {
    const stored = entries.get(address(key))?.stored
    return stored !== undefined && TableRules.isLiving(stored, now) ? stored : undefined
  }
  const keep = (operation: string, changes: ReadonlyArray<TableRules.Change>) =>
    Effect.try({
      // `flush`: on the disk, not only on its way there.
      try: () => appendFileSync(file, `${JSON.stringify(changes)}\n`, { flush: true }),
      catch: (cause) =>
        new Table.TableError({ operation, reason: new Table.TableUnavailable({ message: String(cause) }) })
    }).pipe(Effect.andThen(Effect.sync(() => apply(changes))))
  const transact = Effect.fnUntraced(function* (operation: string, writes: ReadonlyArray<Table.Write>) {
    const now = yield* Clock.currentTimeMillis
    yield* keep(operation, yield* Effect.fromResult(TableRules.evaluate(operation, writes, (key) => read(key, now))))
  })
  const page = (query: Table.Query, { from, to, after }: TableRules.Range, now: number): Table.Page => {
    const order = query.direction === "descending" ? -1 : 1
    const found = [...entries.values()]
      .filter(({ key }) => key.table === query.table && key.partition === query.partition)
      .filter(({ key: { sort } }) => from === undefined || TableRules.compareSort(sort, from) >= 0)
      .filter(({ key: { sort } }) => to === undefined || TableRules.compareSort(sort, to) <= 0)
      .filter(({ key: { sort } }) => after === undefined || TableRules.compareSort(sort, after) * order > 0)
      .filter(({ stored }) => TableRules.isLiving(stored, now))
      .toSorted((a, b) => TableRules.compareSort(a.key.sort, b.key.sort) * order)
    const items = found.slice(0, query.limit).map(({ key, stored }) => TableRules.toItem(key, stored))
    const last = found.length > items.length ? items.at(-1) : undefined
    return { items, cursor: last === undefined ? undefined : TableRules.cursorOf(last.key.sort) }
  }
  return {
    get: Effect.fnUntraced(function* (key) {
      const problem = TableRules.problemOfKey(key)
      if (problem !== undefined) return yield* TableRules.invalid("get", problem)
      const stored = read(key, yield* Clock.currentTimeMillis)
      return stored === undefined ? Option.none() : Option.some(TableRules.toItem(key, stored))
    }),
    query: Effect.fnUntraced(function* (query) {
      const now = yield* Clock.currentTimeMillis
      return yield* Effect.fromResult(Result.map(TableRules.rangeOf(query), (range) => page(query, range, now)))
    }),
    write: (write) => transact("write", [write]),
    transact: (writes) => transact("transact", writes),
    append: Effect.fnUntraced(function* (items) {
      const now = yield* Clock.currentTimeMillis
      for (const change of yield* Effect.fromResult(TableRules.appended(items)))
        if (TableRules.prevails(change, () => read(change.key, now))) yield* keep("append", [change])
    })
  }
}

/** The Table in this file. */
export const layer = (file: string): Layer.Layer<Table.Table> =>
  Layer.effect(
    Table.Table,
    Effect.sync(() => open(file))
  )
