/** Work that waits, and the clearing away of work that only seems to. */
import { Effect } from "effect"
import { isoTime } from "../../domain/Bucket.ts"
import { Fact } from "../../domain/Fact.ts"
import type { StalledWork } from "../../domain/Views.ts"
import type { Item, Table } from "../../ports/Table.ts"
import { journeyRange } from "../events/Keys.ts"
import { decoder, OpenItem } from "./Items.ts"
import { openRange } from "./Keys.ts"
import { ends } from "./OpenWork.ts"

/** Most items of a kind that are counted; beyond that it is bad enough. */
const mostCounted = 1000
/** Work that is open for longer is looked up: facts that overtook each other have arrived by then. */
const doubtAfter = 120_000
/** Most items of a kind that are looked up at a time; the next come next time. */
const mostDoubted = 25

const decodeOpen = decoder(OpenItem)
const decodeFact = decoder(Fact)

interface Open {
  readonly item: Item
  readonly work: OpenItem
}

/** The oldest open work of a kind. One read. */
const readOpen = Effect.fnUntraced(function* (table: Table["Service"], kind: StalledWork["kind"]) {
  const { items } = yield* table.query({ ...openRange(kind), limit: mostCounted })
  return yield* Effect.forEach(items, (item) => Effect.map(decodeOpen(item), (work): Open => ({ item, work })))
})

/** Some of what is open for long, others each minute. */
const doubted = (open: ReadonlyArray<Open>, now: number): ReadonlyArray<Open> => {
  const before = isoTime(now - doubtAfter)
  const old = open.filter(({ work }) => work.since < before)
  const offset = old.length === 0 ? 0 : (Math.floor(now / 60_000) * mostDoubted) % old.length
  return [...old.slice(offset), ...old.slice(0, offset)].slice(0, mostDoubted)
}

/** Whether the journey tells the end of the work. One read. */
const hasEnded = Effect.fnUntraced(function* (table: Table["Service"], { work }: Open) {
  const { items } = yield* table.query({ ...journeyRange(work.run, work.generation), limit: 1000 })
  const facts = yield* Effect.forEach(items, decodeFact)
  return facts.some((fact) => ends(fact, work))
})

/**
 * The work of a kind that waits, the oldest first, at most {@link mostCounted}. What ended although it is open is deleted. One read, and
 * at most {@link mostDoubted} more, each with at most one write.
 */
export const readBacklog = Effect.fn("Backlog.read")(function* (
  table: Table["Service"],
  kind: StalledWork["kind"],
  now: number
) {
  const open = yield* readOpen(table, kind)
  const ended = yield* Effect.filter(doubted(open, now), (one) => hasEnded(table, one), { concurrency: 8 })
  yield* Effect.forEach(
    ended,
    ({ item: { key } }) =>
      table.write({ _tag: "Delete", key }).pipe(
        // It has no condition.
        Effect.catchTag("ConditionFailed", Effect.die)
      ),
    { discard: true }
  )
  const gone = new Set(ended)
  return open
    .filter((one) => !gone.has(one))
    .map(
      ({ work: { kind, deliveryId, source, workflow, target, since } }): StalledWork => ({
        kind,
        deliveryId,
        source,
        workflow,
        target,
        since
      })
    )
})
