/** Chains: how many workflows all that descends from one run has started. */
import { Effect, Option, Schema } from "effect"
import type { RunKey } from "../domain/SourceRun.ts"
import type { Table, TableError, Write } from "../ports/Table.ts"
import { encodeItem, read, retention, unchangedSince, type Versioned } from "./Items.ts"
import { chainKey } from "./Keys.ts"

/** `chain/…` */
const ChainItem = Schema.Struct({ starts: Schema.Int })
/** How many starts a chain has reserved. */
export interface ChainStarts extends Schema.Schema.Type<typeof ChainItem> {}

/** What the ledger does for chains. */
export interface ChainLedger {
  /** How many starts a chain has reserved. One read. */
  readonly chainStarts: (root: RunKey) => Effect.Effect<Versioned<ChainStarts> | undefined, TableError>
  /** Reserves starts with a plan, unless another plan of the chain did since `seen` was read. */
  readonly chainWrite: (root: RunKey, starts: number, seen: Versioned<ChainStarts> | undefined) => Effect.Effect<Write>
}

/** Over a table. */
export const makeChainLedger = (table: Table["Service"]): ChainLedger => {
  const chainStarts = (root: RunKey) =>
    Effect.map(read(table, chainKey(root), ChainItem), (item) => Option.getOrUndefined(item))

  const chainWrite = (root: RunKey, starts: number, seen: Versioned<ChainStarts> | undefined) =>
    Effect.map(
      retention,
      (expiresAt): Write => ({
        _tag: "Put",
        key: chainKey(root),
        attributes: encodeItem(ChainItem, { starts }),
        condition: unchangedSince(seen),
        expiresAt
      })
    )

  return { chainStarts, chainWrite }
}
