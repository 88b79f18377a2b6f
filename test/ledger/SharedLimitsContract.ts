/** What sharing of waits keeps to on every table: two processes over one table. */
import { randomUUID } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import { layer as layerShared, TableTimeout } from "../../src/ledger/SharedLimits.ts"
import { SharedLimits } from "../../src/ports/SharedLimits.ts"
import type { Table } from "../../src/ports/Table.ts"

/** A process with nothing in memory. */
const newProcess = Effect.flatMap(Layer.build(Layer.fresh(layerShared)), (context) =>
  Effect.provideContext(SharedLimits, context)
).pipe(Effect.provideService(TableTimeout, Duration.seconds(50)))

/** Registers the tests for a table. */
export const sharedLimitsContract = <E>(name: string, table: Layer.Layer<Table, E>): void =>
  layer(table, { excludeTestServices: true, timeout: "60 seconds" })(`Shared limits: ${name}`, (it) => {
    it.effect("what one process met, another waits for, with the same rights and budget", () =>
      Effect.gen(function* () {
        const [one, other] = [yield* newProcess, yield* newProcess]
        const rights = randomUUID()
        yield* one.met(rights, "rest", 600_000)
        const wait = yield* other.waitOf(rights, "rest")
        assert.isAtMost(wait, 600_000)
        assert.isAbove(wait, 0)
        assert.strictEqual(yield* other.waitOf(rights, "graphql"), 0)
        assert.strictEqual(yield* other.waitOf(randomUUID(), "rest"), 0)
      }).pipe(Effect.scoped)
    )

    it.effect("budgets of one installation stand beside each other, and the longer wait of one counts", () =>
      Effect.gen(function* () {
        const rights = randomUUID()
        yield* (yield* newProcess).met(rights, "rest", 3_000_000)
        yield* (yield* newProcess).met(rights, "content", 600_000)
        yield* (yield* newProcess).met(rights, "rest", 1000)
        const { waitOf } = yield* newProcess
        assert.isAbove(yield* waitOf(rights, "rest"), 600_000)
        assert.isAbove(yield* waitOf(rights, "content"), 0)
      }).pipe(Effect.scoped)
    )
  })
