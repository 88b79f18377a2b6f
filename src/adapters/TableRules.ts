/**
 * What writes and queries mean, said once for every layer of the Table that keeps items as JSON text: the in-memory layer, SQLite,
 * and whatever a library user adds. Pure; a layer brings the storage and the time, and makes the changes that come out atomic.
 */
import { Result } from "effect"
import {
  type Appended,
  type Attributes,
  type Condition,
  ConditionFailed,
  Invalid,
  type Item,
  type Key,
  maxItemBytes,
  maxTransactionWrites,
  type Put,
  type Query,
  TableError,
  type Update,
  type Write
} from "../ports/Table.ts"

/** An item as it is kept. */
export interface Stored {
  readonly version: number
  /** The attributes as JSON text. */
  readonly json: string
  readonly expiresAt: number | undefined
}
/** What is to be kept under a key from now on; undefined: nothing. */
export interface Change {
  readonly key: Key
  readonly stored: Stored | undefined
}

/** Whether an item is still there at `now`, milliseconds since the epoch. */
export const isLiving = (stored: Pick<Stored, "expiresAt">, now: number): boolean =>
  stored.expiresAt === undefined || stored.expiresAt * 1000 > now

/** The item that readers see. */
export const toItem = (key: Key, { version, json, expiresAt }: Stored): Item => ({
  key,
  version,
  attributes: JSON.parse(json) as Attributes,
  expiresAt
})

/** A request that can never succeed. */
export const invalid = (operation: string, message: string): TableError =>
  new TableError({ operation, reason: new Invalid({ message }) })

/**
 * What a transaction changes, or why it changes nothing. `read` gives what is stored under a key and lives at the moment of writing;
 * the caller must let no other write come between that and making the changes.
 */
export const evaluate = (
  operation: string,
  writes: ReadonlyArray<Write>,
  read: (key: Key) => Stored | undefined
): Result.Result<ReadonlyArray<Change>, ConditionFailed | TableError> => {
  const problem = problemOfWrites(writes)
  if (problem !== undefined) return Result.fail(invalid(operation, problem))
  const current = writes.map((write) => read(write.key))
  const failed = writes.flatMap((write, index) => (holds(write.condition, current[index]) ? [] : [index]))
  if (failed.length > 0) return Result.fail(new ConditionFailed({ failed }))
  const changes: Array<Change> = []
  for (const [index, write] of writes.entries()) {
    const next = applied(write, current[index])
    if (Result.isFailure(next)) return Result.fail(invalid(operation, `${describe(write.key)}: ${next.failure}`))
    changes.push({ key: write.key, stored: next.success })
  }
  return Result.succeed(changes)
}

const holds = (condition: Condition | undefined, stored: Stored | undefined): boolean => {
  switch (condition?._tag) {
    case undefined:
      return true
    case "Absent":
      return stored === undefined
    case "Present":
      return stored !== undefined
    case "Version":
      return stored?.version === condition.version
    case "NotNewer":
      return stored === undefined || !isNewer(JSON.parse(stored.json) as Attributes, condition)
    case "Token":
      return stored !== undefined && (JSON.parse(stored.json) as Attributes).token === condition.token
  }
}

const isNewer = ({ fold, facts }: Attributes, than: { readonly fold: number; readonly facts: number }): boolean =>
  typeof fold === "number" &&
  typeof facts === "number" &&
  (fold > than.fold || (fold === than.fold && facts > than.facts))

/** What a write leaves behind, or why it is impossible. */
const applied = (write: Write, stored: Stored | undefined): Result.Result<Stored | undefined, string> => {
  if (write._tag === "Delete") return Result.succeed(undefined)
  const version = write.condition?._tag === "NotNewer" ? 1 : (stored?.version ?? 0) + 1
  const attributes = write._tag === "Put" ? Result.succeed(write.attributes) : updated(write, stored)
  return Result.flatMap(attributes, (after) => {
    const json = JSON.stringify(after)
    return isLongerThan(maxItemBytes, json)
      ? Result.fail(`the item is larger than ${maxItemBytes} bytes`)
      : Result.succeed({ version, json, expiresAt: expiryAfter(write, stored) })
  })
}

const expiryAfter = (write: Put | Update, stored: Stored | undefined): number | undefined =>
  write.expiresAt ?? (write._tag === "Update" ? stored?.expiresAt : undefined)

const updated = ({ set = {}, add = {} }: Update, stored: Stored | undefined): Result.Result<Attributes, string> => {
  const before: Attributes = stored === undefined ? {} : JSON.parse(stored.json)
  const attributes = new Map([...Object.entries(before), ...Object.entries(set)])
  for (const [name, amount] of Object.entries(add)) {
    const value = attributes.has(name) ? attributes.get(name) : 0
    if (Object.hasOwn(set, name)) return Result.fail(`${name} is both set and added to`)
    if (typeof value !== "number") return Result.fail(`${name} is no number, so nothing can be added to it`)
    if (!Number.isFinite(value + amount)) return Result.fail(`adding ${amount} to ${name} gives no finite number`)
    attributes.set(name, value + amount)
  }
  return Result.succeed(Object.fromEntries(attributes))
}

/** Whether a text has more bytes in UTF-8. A UTF-16 unit takes at most three, so most texts need no counting. */
const isLongerThan = (bytes: number, text: string): boolean =>
  text.length * 3 > bytes && Buffer.byteLength(text) > bytes

/** What makes writes impossible whatever is stored: too many, on one item, or with impossible keys or expiries. */
export const problemOfWrites = (writes: ReadonlyArray<Write>): string | undefined => {
  if (writes.length > maxTransactionWrites) {
    return `a transaction has at most ${maxTransactionWrites} writes, this one has ${writes.length}`
  }
  for (const write of writes) {
    const expiresAt = write._tag === "Delete" ? undefined : write.expiresAt
    const problem =
      problemOfKey(write.key) ?? problemOfExpiry(write.key, expiresAt) ?? problemOfCondition(write, writes.length)
    if (problem !== undefined) return problem
  }
  const addresses = new Set(writes.map(({ key }) => JSON.stringify([key.table, key.partition, key.sort])))
  return addresses.size < writes.length ? "a transaction writes an item at most once" : undefined
}

const problemOfCondition = ({ _tag, condition }: Write, writes: number): string | undefined => {
  if (condition?._tag === "NotNewer" && (_tag !== "Put" || writes > 1)) return "NotNewer is for a single put"
  if (condition?._tag === "Token" && (_tag !== "Delete" || writes > 1)) return "Token is for a single delete"
  return undefined
}

/** An item to append as it is stored, unless its condition does not hold at the moment of writing. */
export interface AppendedChange extends Change {
  readonly condition: Appended["condition"]
}

/** The items to append, in the order in which they are to be: those with a condition first; or why one of them cannot be. */
export const appended = (items: ReadonlyArray<Appended>): Result.Result<ReadonlyArray<AppendedChange>, TableError> => {
  const guarded: Array<AppendedChange> = []
  const others: Array<AppendedChange> = []
  let before: Attributes | undefined
  let json = ""
  for (const { key, attributes, expiresAt, condition } of items) {
    // Lists have the same row one after the other.
    if (attributes !== before) json = JSON.stringify(attributes)
    before = attributes
    const tooLarge = isLongerThan(maxItemBytes, json)
      ? `${describe(key)}: the item is larger than ${maxItemBytes} bytes`
      : undefined
    const problem = problemOfKey(key) ?? problemOfExpiry(key, expiresAt) ?? tooLarge
    if (problem !== undefined) return Result.fail(invalid("append", problem))
    const change = { key, stored: { version: 1, json, expiresAt }, condition }
    if (condition === undefined) others.push(change)
    else guarded.push(change)
  }
  return Result.succeed([...guarded, ...others])
}

/** Whether an item to append is written over what is stored under its key and lives. */
export const prevails = ({ condition }: AppendedChange, read: () => Stored | undefined): boolean =>
  condition === undefined || holds(condition, read())

const problemOfExpiry = (key: Key, expiresAt: number | undefined): string | undefined =>
  expiresAt === undefined || Number.isSafeInteger(expiresAt)
    ? undefined
    : `${describe(key)}: expiresAt must be whole seconds, not ${expiresAt}`

/** What is wrong with a key, if anything. The lengths are DynamoDB's: 2048 bytes of partition key, 1024 of sort key. */
export const problemOfKey = ({ partition, sort }: Pick<Key, "partition" | "sort">): string | undefined =>
  problemOfKeyPart("partition", partition, 2048) ?? problemOfKeyPart("sort", sort, 1024)

const problemOfKeyPart = (name: string, text: string, maxBytes: number): string | undefined => {
  if (text === "") return `the ${name} key is empty`
  if (!text.isWellFormed()) return `the ${name} key is no well-formed Unicode`
  return isLongerThan(maxBytes, text) ? `the ${name} key is longer than ${maxBytes} bytes` : undefined
}

const describe = ({ table, partition, sort }: Key): string => `${table} ${partition} ${sort}`

/** A range of sort keys, both ends optional; `after` is where the page before ended. */
export interface Range {
  readonly from: string | undefined
  readonly to: string | undefined
  readonly after: string | undefined
}

/** The range that a query means, with its cursor read; or why it means none. */
export const rangeOf = (query: Query): Result.Result<Range, TableError> => {
  const { from, to, limit, cursor } = query
  const fail = (message: string) => Result.fail(invalid("query", message))
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) return fail(`the limit must be 1 to 1000, not ${limit}`)
  if (query.partition === "") return fail("the partition key is empty")
  if (cursor === undefined) return Result.succeed({ from, to, after: undefined })
  const after = sortOfCursor(cursor)
  const given =
    after !== undefined &&
    (from === undefined || compareSort(after, from) >= 0) &&
    (to === undefined || compareSort(after, to) <= 0)
  return given ? Result.succeed({ from, to, after }) : fail("no page of this query gave that cursor")
}

/** The cursor of a page that ended with the item at `sort`. */
export const cursorOf = (sort: string): string => Buffer.from(sort).toString("base64url")

const sortOfCursor = (cursor: string): string | undefined => {
  const sort = Buffer.from(cursor, "base64url").toString()
  return sort !== "" && cursorOf(sort) === cursor ? sort : undefined
}

/** Orders well-formed texts by their UTF-8 bytes, which is by code point: surrogates come last, unlike in `<`. */
export const compareSort = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left !== right) return isSurrogate(left) === isSurrogate(right) ? left - right : isSurrogate(left) ? 1 : -1
  }
  return a.length - b.length
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff
