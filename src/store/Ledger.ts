/**
 * The ledger: what was accepted, planned, claimed, settled and told. It is what makes "exactly once" true although every stage may run
 * any number of times. Written once, over the Table port; `ledger/Keys.ts` says where it keeps things.
 */
import { Context, Effect, Layer } from "effect"
import { Table } from "../ports/Table.ts"
import { makeClaims } from "./ledger/Claims.ts"
import { makePlanning } from "./ledger/Planning.ts"
import { makePlans } from "./ledger/Plans.ts"
import { makeReplays } from "./ledger/Replays.ts"
import { makeReporting } from "./ledger/Reporting.ts"

const make = (table: Table["Service"]) => ({
  ...makePlans(table),
  ...makePlanning(table),
  ...makeReplays(table),
  ...makeClaims(table),
  ...makeReporting(table)
})

export type { Claim, ClaimAnswer, OrderStanding, Term } from "./ledger/Claims.ts"
export type { OrderState, Versioned } from "./ledger/Items.ts"
export type { SeenSources } from "./ledger/Planning.ts"
export type { Progress } from "./ledger/Plans.ts"
export type { HeldOrder } from "./ledger/Replays.ts"
export type {
  Ending,
  KnownIssue,
  LatestReport,
  MadeReport,
  ReportClaim,
  ReportClaimAnswer,
  RunReport
} from "./ledger/Reporting.ts"

/** The ledger. Its methods are for the stages; what other tools want to know is in facts. */
export class Ledger extends Context.Service<Ledger, ReturnType<typeof make>>()("dispatcher/store/Ledger") {}

/** The ledger over whatever table there is. */
export const layer: Layer.Layer<Ledger, never, Table> = Layer.effect(
  Ledger,
  Effect.map(Table, (table) => make(table))
)
