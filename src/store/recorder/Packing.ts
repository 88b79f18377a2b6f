/**
 * Packs what facts write into transactions: every fact whole, writes to one item merged into one, as many facts as there is room for.
 */
import { type Key, maxTransactionWrites, type Put, type Update, type Write } from "../../ports/Table.ts"
import type { Marks } from "./Marks.ts"

/** A fact's own item, and what else it writes. */
export interface Entry {
  readonly own: Put
  readonly writes: ReadonlyArray<Write>
  readonly marks: ReadonlyArray<Update>
}

/** Facts that are recorded together. */
export interface Pack {
  readonly entries: ReadonlyArray<Entry>
  /** The entries' own items first, in the same order. */
  readonly writes: ReadonlyArray<Write>
  readonly marks: ReadonlyArray<Update>
}

/** Tells items apart. */
export const addressOf = ({ table, partition, sort }: Key): string => `${table}\n${partition}\n${sort}`

const sum = (a: Update["add"] = {}, b: Update["add"] = {}): NonNullable<Update["add"]> => {
  const total: Record<string, number> = { ...a }
  for (const name in b) total[name] = (total[name] ?? 0) + (b[name] ?? 0)
  return total
}

/** Two writes to one item as one. What closes work wins over what opens it, whichever fact comes first. */
const merged = (a: Write, b: Write): Write => {
  if (a._tag === "Update" && b._tag === "Update") {
    return { ...a, ...b, set: { ...a.set, ...b.set }, add: sum(a.add, b.add) }
  }
  return a._tag === "Delete" ? a : b
}

/** The writes of the entries that were taken so far. */
class Room {
  readonly entries: Array<Entry> = []
  readonly marks: Array<Update> = []
  readonly #writes = new Map<string, Write>()

  get writes(): ReadonlyArray<Write> {
    return [...this.entries.map(({ own }) => own), ...this.#writes.values()]
  }

  /** Takes an entry, if there is room for it or nothing else in here. */
  take(entry: Entry, known: Marks): boolean {
    const marks = entry.marks.filter((mark) => !known.has(mark))
    const added = [...entry.writes, ...marks].map((write) => ({ write, address: addressOf(write.key) }))
    const more = added.filter(({ address }) => !this.#writes.has(address)).length
    if (this.entries.length > 0 && this.entries.length + 1 + this.#writes.size + more > maxTransactionWrites)
      return false
    this.entries.push(entry)
    this.marks.push(...marks)
    for (const { write, address } of added) {
      const other = this.#writes.get(address)
      this.#writes.set(address, other === undefined ? write : merged(other, write))
    }
    return true
  }
}

/** As many of the entries, from the first on, as one transaction holds; marks that are known to be there are left out. */
export const pack = (entries: ReadonlyArray<Entry>, known: Marks): Pack => {
  const room = new Room()
  for (const entry of entries) if (!room.take(entry, known)) break
  return { entries: room.entries, writes: room.writes, marks: room.marks }
}
