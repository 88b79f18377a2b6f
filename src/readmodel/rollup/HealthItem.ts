/**
 * Health and the queues.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `rollup` | `health` | health; it expires where no rollup judges again |
 * | | `queues` | what the queues held when they were asked last |
 */
import { Effect, Option } from "effect"
import { Health, type QueueSample } from "../../domain/Answers.ts"
import { isoTime } from "../../domain/Bucket.ts"
import { judge, judgedUntil, unattendedHealth } from "../../domain/Judgement.ts"
import { globalScope } from "../../domain/Scope.ts"
import { vitalsOf } from "../../domain/Vitals.ts"
import { readObstacles } from "../../ledger/Obstacles.ts"
import type { Appended, Key, TableReader } from "../../ports/Table.ts"
import { asAttributes, itemDecoder } from "../Items.ts"
import type { Moments } from "./Days.ts"
import { readOpen } from "./Open.ts"
import { readFigures } from "./ScopeFigures.ts"

const key = (sort: string): Key => ({ table: "projections", partition: "rollup", sort })
const decode = itemDecoder(Health)
const nothing = { counts: {} }

/** The items of health and queues, and health in numbers. Three reads, one more for 1000 minutes in which something waits. */
export const healthItems = Effect.fnUntraced(function* (
  reader: TableReader,
  queues: ReadonlyArray<QueueSample>,
  lastFactAt: string | null,
  { now, right }: Moments
) {
  const global = yield* readFigures(reader, globalScope)
  const open = yield* readOpen(reader)
  const obstacles = yield* readObstacles(reader)
  const lastHour = global?.windows["1h"] ?? nothing
  const evidence = { now, lastFactAt, lastHour, open, queues, obstacles }
  const judged = judge(evidence)
  // Before all is folded, nothing is known of what is left.
  const health: Health = right === now ? judged : { ...judged, asOf: right === 0 ? null : isoTime(right) }
  const items: ReadonlyArray<Appended> = [
    { key: key("health"), attributes: asAttributes(health), expiresAt: Math.ceil(judgedUntil(now) / 1000) },
    { key: key("queues"), attributes: asAttributes({ queues }) }
  ]
  return { items, vitals: vitalsOf(evidence, health.status) }
})

/** Health. One read. */
export const readHealth = Effect.fnUntraced(function* (reader: TableReader) {
  const item = yield* reader.get(key("health"))
  return Option.isNone(item) ? unattendedHealth : yield* decode(item.value)
})
