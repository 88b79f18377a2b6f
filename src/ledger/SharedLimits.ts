/**
 * Waits that GitHub asked for, shared through the table: one item for each installation that met a limit.
 *
 * | partition | sort | holds |
 * | --- | --- | --- |
 * | `limits` | installation, or what else has a budget of its own | until when to wait, by budget |
 *
 * What was read is taken for true for 10 seconds, so that a process reads an item once in 10 seconds however much it asks GitHub; another
 * process goes on for that long at most. Times are those of our clocks: a wait counts for an hour and 5 minutes at most, longer than
 * GitHub's windows.
 */
import { Clock, Context, Duration, Effect, Layer, Option, Schema } from "effect"
import { SharedLimits, type Sharing } from "../ports/SharedLimits.ts"
import { type Key, Table, unconditional } from "../ports/Table.ts"
import { encodeItem, read } from "./Items.ts"

/** Until when to wait, milliseconds since the epoch, by budget. */
const Waits = Schema.Record(Schema.String, Schema.Int)
type Waits = typeof Waits.Type

/** How long what was read counts. */
const readEvery = Duration.seconds(10)
/** GitHub's budgets are hours; a clock that is wrong holds up nothing for longer. */
const longest = Duration.toMillis(Duration.minutes(65))
/** How long a request to GitHub waits for the table. Tests on slow machines lengthen it. */
export const TableTimeout = Context.Reference<Duration.Duration>("dispatcher/ledger/SharedLimits/TableTimeout", {
  defaultValue: () => Duration.seconds(1)
})
/** Most installations that are remembered. */
const capacity = 1000

const keyOf = (rights: string): Key => ({ table: "ledger", partition: "limits", sort: rights })

const make = (table: Table["Service"], timeout: Duration.Duration): Sharing => {
  const known = new Map<string, { readonly waits: Waits; readonly readAt: number }>()
  const remember = (rights: string, waits: Waits, readAt: number) => {
    known.delete(rights)
    known.set(rights, { waits, readAt })
    const [oldest] = known.keys()
    if (known.size > capacity && oldest !== undefined) known.delete(oldest)
    return waits
  }

  const stored = (rights: string) =>
    Effect.map(
      read(table, keyOf(rights), Waits),
      Option.match({ onNone: (): Waits => ({}), onSome: ({ value }) => value })
    )

  const current = Effect.fnUntraced(function* (rights: string, now: number) {
    const last = known.get(rights)
    if (last !== undefined && Math.abs(now - last.readAt) < Duration.toMillis(readEvery)) return last.waits
    // Noted before it is read, so that those who ask meanwhile do not read, too.
    remember(rights, last?.waits ?? {}, now)
    return remember(rights, yield* stored(rights), now)
  })

  const unlessItFails =
    <A>(instead: A) =>
    <E, R>(work: Effect.Effect<A, E, R>) =>
      work.pipe(
        Effect.timeout(timeout),
        Effect.catchCause((cause) =>
          Effect.as(
            Effect.logWarning("what GitHub asks to wait is not shared; it will be found out again", cause),
            instead
          )
        )
      )

  return {
    waitOf: (rights, budget) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.map(current(rights, now), ({ [budget]: until = 0 }) => Math.max(0, Math.min(until - now, longest)))
      ).pipe(unlessItFails(0)),
    met: (rights, budget, wait) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const until = Math.ceil(now + Math.min(wait, longest))
        const before = yield* stored(rights)
        const waits = remember(rights, { ...before, [budget]: Math.max(until, before[budget] ?? 0) }, now)
        if ((before[budget] ?? 0) >= until) return
        const expiresAt = Math.ceil(Math.max(...Object.values(waits)) / 1000) + 60
        yield* table
          .write({ _tag: "Put", key: keyOf(rights), attributes: encodeItem(Waits, waits), expiresAt })
          .pipe(unconditional)
      }).pipe(Effect.asVoid, unlessItFails<void>(undefined))
  }
}

/** Shares waits through the table in the context. Costs one read in 10 seconds for each installation and process, and a read and a write for each limit that is met. */
export const layer: Layer.Layer<never, never, Table> = Layer.effect(
  SharedLimits,
  Effect.map(Effect.all([Table, TableTimeout]), ([table, timeout]) => make(table, timeout))
)
