/**
 * Rows of events as lists keep them: each several times, so without what their keys say, and by short names.
 *
 * | attribute | holds | absent where |
 * | --- | --- | --- |
 * | `d` | the delivery | |
 * | `s` | the source, as it is spelled | it is spelled as in the partition |
 * | `w` | the source's workflow | |
 * | `t` | the target; from its `@` on where the fact's id says the rest | it is about no target |
 * | `c` | the code | it has none |
 * | `m` | the message | it has none |
 * | `n` | the number of the target's run on github.com that is where to look | that is elsewhere |
 * | `u` | where to look | it has a number, or there is nothing |
 * | `i` | the fact's id | the sort key says it |
 *
 * The sort key says time, status (so the type), and what follows the type in the fact's id.
 */
import { Effect, Schema } from "effect"
import type { EventRow } from "../domain/Answers.ts"
import { eventRow } from "../domain/EventRow.ts"
import type { Fact } from "../domain/Fact.ts"
import { entryOf, factTypes } from "../domain/FactTable.ts"
import { keyText, RepositoryName, WorkflowFile } from "../domain/Names.ts"
import { DeliveryId } from "../domain/SourceRun.ts"
import type { Attributes, Item, Key } from "../ports/Table.ts"
import { asAttributes, itemDecoder, runOnGitHub } from "./Items.ts"

const StoredRow = Schema.Struct({
  d: DeliveryId,
  s: Schema.optionalKey(RepositoryName),
  w: WorkflowFile,
  t: Schema.optionalKey(Schema.String),
  c: Schema.optionalKey(Schema.String),
  m: Schema.optionalKey(Schema.String),
  n: Schema.optionalKey(Schema.String),
  u: Schema.optionalKey(Schema.String),
  i: Schema.optionalKey(Schema.String)
})

const typeOf = new Map(factTypes.map((type) => [entryOf(type).status as string, type]))

/** What follows the time in the sort key of a fact's row. */
export const rowId = ({ id, type }: Fact): string => keyText(`${entryOf(type).status}${id.slice(type.length)}`)

/** What the key of a row says: when what happened, and of which fact. */
const readKey = ({ sort }: Pick<Key, "sort">) => {
  const [time = "", status = "", ...rest] = sort.split("/")
  const type = typeOf.get(status) ?? ""
  return { time, status, type, id: [type, ...rest].join("/") }
}

/** The source by which a list is kept. */
const sourceOf = ({ partition }: Pick<Key, "partition">): string | undefined =>
  /\/source=([^/]+\/[^/]+)/.exec(partition)?.[1]

/** The target of a fact as its id has it, without the ref. */
const targetIn = (id: string): string => {
  const [owner, name, file] = id.split("/").slice(4)
  return `${owner}/${name} ${file}`
}
/** Where the runs of a target are. */
const runsOf = (target: string): string => runOnGitHub(target.split(" ", 1)[0] ?? "", "")

const shortTarget = (target: string, id: string): string =>
  target.startsWith(`${targetIn(id)}@`) ? target.slice(targetIn(id).length) : target
const shortUrl = (url: string, target: string) => {
  const number = url.slice(runsOf(target).length)
  return url === runsOf(target) + number && /^\d+$/.test(number) ? { n: number } : { u: url }
}

/** The row of a fact, which is to be stored under these keys: the same but for their lists. */
export const storedRows = (fact: Fact, time: string, keys: ReadonlyArray<Key>) => {
  const { id, deliveryId, source, workflow, target, reason, message, url } = eventRow(fact, time)
  const row: Attributes = asAttributes({
    ...{ d: deliveryId, w: workflow },
    ...(target === null ? {} : { t: shortTarget(target, id) }),
    ...(reason === null ? {} : { c: reason }),
    ...(message === null ? {} : { m: message }),
    ...(url === null ? {} : shortUrl(url, target ?? ""))
  })
  const [first] = keys
  const own = first === undefined || readKey(first).id === id ? row : { ...row, i: id }
  // One object for all lists that keep the same: it is made into text once, where they come one after the other.
  const whole = { ...own, s: source }
  const [said, unsaid] = [
    keys.filter((key) => sourceOf(key) === source),
    keys.filter((key) => sourceOf(key) !== source)
  ]
  return [...said.map((key) => ({ key, attributes: own })), ...unsaid.map((key) => ({ key, attributes: whole }))]
}

const decode = itemDecoder(StoredRow)

/** Reads a row. */
export const decodeRow = Effect.fnUntraced(function* (item: Item): Effect.fn.Return<EventRow> {
  const { d, s, w, t, c, m, n, u, i } = yield* decode(item)
  const { id: keyed, ...said } = readKey(item.key)
  const id = i ?? keyed
  const target = t?.startsWith("@") ? targetIn(id) + t : (t ?? null)
  return {
    ...{ id, ...said, deliveryId: d },
    ...{ source: s ?? RepositoryName.make(sourceOf(item.key) ?? ""), workflow: w, target },
    ...{ reason: c ?? null, message: m ?? null },
    url: n === undefined ? (u ?? null) : runsOf(target ?? "") + n
  }
})
