/**
 * The event log: each fact once, with the facts of its run. Reading a run's facts is one range of one partition, which is bounded by the
 * run and its replays.
 *
 * | partition (table `events`) | sort | holds |
 * | --- | --- | --- |
 * | `facts/<run key>` | `r/<generation>/<stage>.<status><about>` | a fact about the run |
 * | | `t/<target key>/<generation>/<stage>.<status><about>` | a fact about a target of it |
 * | `deliveries/<0 to f>` | guid | of which run the delivery was |
 *
 * Deliveries are spread over 16 partitions by a digest of their ids, so that one is read by its key, and all are found without a scan: whatever
 * is folded from facts can be made anew from this table alone (`Rebuild.ts`).
 *
 * A fact is put unconditionally under a key that its id makes, so recording it again changes nothing. What is stored of it stands in
 * `StoredFact.ts`; what older versions stored is read.
 */
import { Effect, Hash, Schema } from "effect"
import { Fact } from "../domain/Fact.ts"
import { entryOf } from "../domain/FactTable.ts"
import { keyText } from "../domain/Names.ts"
import { targetKey } from "../domain/Order.ts"
import { runOf } from "../domain/RunFold.ts"
import { type DeliveryId, RunKey } from "../domain/SourceRun.ts"
import { digestOf } from "../ledger/Keys.ts"
import type { Appended, Item, Key } from "../ports/Table.ts"
import { itemDecoder } from "./Items.ts"
import { expiryOf, type Retention } from "./Retention.ts"
import { packFact, unpackFact } from "./StoredFact.ts"

const generationPart = (generation: number): string => String(generation).padStart(6, "0")

/** What distinguishes facts of one type about one target: what of the id follows the target's key. Sort keys hold 1 KB, so it is short. */
const restOf = (fact: Fact, about: string): string => {
  const prefix = `${fact.type}/${runOf(fact)}/${about}`
  const rest = fact.id.startsWith(prefix) ? fact.id.slice(prefix.length) : fact.id
  return rest.length <= 80 ? rest.toWellFormed() : `~${(Hash.string(rest) >>> 0).toString(36)}`
}

const sortOf = (fact: Fact): string => {
  const { stage, status } = entryOf(fact.type)
  const what = `${generationPart(fact.data.generation)}/${stage}.${status}`
  if (!("target" in fact.data)) return `r/${what}${keyText(fact.id.slice(`${fact.type}/${runOf(fact)}`.length))}`
  const about = targetKey(fact.data.target)
  return `t/${keyText(about)}/${what}${restOf(fact, about)}`
}

/** The range of all facts of a run: first those about the run, then target by target, each in the order of the stages. */
export const factsRange = (run: RunKey) => ({ table: "events", partition: `facts/${run}` }) as const

/** Digits that a digest begins with. */
const digits = [..."0123456789abcdef"]
const deliveriesPartition = (digit: string) => ({ table: "events", partition: `deliveries/${digit}` }) as const

/** Where it is kept of which run a delivery was. */
export const deliveryPointerKey = (delivery: DeliveryId): Key => ({
  ...deliveriesPartition(digestOf(delivery).charAt(0)),
  sort: delivery
})

/** The ranges in which all deliveries are that led to a run. */
export const deliveryRanges = digits.map(deliveriesPartition)

/** The fact itself. */
export const factPut = (fact: Fact, { events }: Retention): Appended => {
  const key: Key = { ...factsRange(runOf(fact)), sort: sortOf(fact) }
  return { key, attributes: packFact(fact, key), expiresAt: expiryOf(Date.parse(fact.time), events) }
}

/** What leads from a delivery to its run, written with what comes first of a delivery. */
export const pointerPuts = (fact: Fact, { events }: Retention): ReadonlyArray<Appended> => {
  const { part } = entryOf(fact.type)
  if (part !== "accepts" && part !== "precedes") return []
  return [
    {
      key: deliveryPointerKey(fact.data.deliveryId),
      attributes: { run: runOf(fact) },
      expiresAt: expiryOf(Date.parse(fact.time), events)
    }
  ]
}

const decode = itemDecoder(Fact)
/** Reads a fact. */
export const decodeFact = (item: Item): Effect.Effect<Fact> => decode(unpackFact(item, "checks"))
/** Reads a fact as far as folds need it: without checks. */
export const decodeFoldedFact = (item: Item): Effect.Effect<Fact> => decode(unpackFact(item, "no checks"))
const decodePointer = itemDecoder(Schema.Struct({ run: RunKey }))
/** Reads the run of a delivery. */
export const decodeRun = (item: Item): Effect.Effect<RunKey> => Effect.map(decodePointer(item), ({ run }) => run)
