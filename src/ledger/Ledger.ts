/**
 * The ledger: what was accepted, planned, claimed, settled and told. It is what makes "exactly once" true although every stage may run
 * any number of times. Written once, over the Table port; `ledger/Keys.ts` says where it keeps things.
 */
import { Context, Effect, Layer } from "effect"
import { Table } from "../ports/Table.ts"
import { makeClaims } from "./Claims.ts"
import { makePlanning } from "./Planning.ts"
import { makePlans } from "./Plans.ts"
import { makeReplays } from "./Replays.ts"
import { makeReporting } from "./Reporting.ts"

const make = (table: Table["Service"]) => ({
  ...makePlans(table),
  ...makePlanning(table),
  ...makeReplays(table),
  ...makeClaims(table),
  ...makeReporting(table)
})

export type { Claim, ClaimAnswer, OrderStanding, Term } from "./Claims.ts"
export type { OrderState, Versioned } from "./Items.ts"
export type { SeenSources } from "./Planning.ts"
export type { Progress } from "./Plans.ts"
export type { HeldOrder } from "./Replays.ts"
export type {
  Ending,
  KnownIssue,
  LatestReport,
  MadeReport,
  ReportClaim,
  ReportClaimAnswer,
  RunReport
} from "./Reporting.ts"

/** The ledger. Its methods are for the stages; what other tools want to know is in facts. */
export class Ledger extends Context.Service<Ledger, ReturnType<typeof make>>()("dispatcher/ledger/Ledger") {}

/** The ledger over whatever table there is. */
export const layer: Layer.Layer<Ledger, never, Table> = Layer.effect(
  Ledger,
  Effect.map(Table, (table) => make(table))
)
