/**
 * The ledger: what was accepted, planned, claimed, settled and reported. It is what makes "exactly once" true although every stage may run
 * any number of times. Written once, over the Table port; `Keys.ts` has where each item is.
 */
import { Context, Effect, Layer } from "effect"
import { Table } from "../ports/Table.ts"
import { type ChainLedger, makeChainLedger } from "./Chains.ts"
import { type CheckLedger, makeCheckLedger } from "./Checks.ts"
import { type DeliveryLedger, makeDeliveryLedger } from "./Deliveries.ts"
import { makeOrderLedger, type OrderLedger } from "./Orders.ts"
import { makePlanLedger, type PlanLedger } from "./Plans.ts"
import { makeReportLedger, type ReportLedger } from "./Reports.ts"
import { makeRunStateLedger, type RunStateLedger } from "./RunStates.ts"
import { makeSourceLedger, type SourceLedger } from "./Sources.ts"

export type { ChainLedger, ChainStarts } from "./Chains.ts"
export type { CheckClaim, CheckLedger, CheckShown, KnownCheck } from "./Checks.ts"
export type { DeliveryLedger } from "./Deliveries.ts"
export type { OrderState, Versioned } from "./Items.ts"
export type { Claim, ClaimAnswer, OrderLedger, StartedOrder, Term } from "./Orders.ts"
export type { HeldOrder, PlanLedger } from "./Plans.ts"
export type { RowPlace } from "./ReportRows.ts"
export type {
  ClaimedReport,
  KnownIssue,
  LatestReport,
  MadeReport,
  ReportClaim,
  ReportClaimAnswer,
  ReportEnding,
  ReportLedger,
  RunReport
} from "./Reports.ts"
export type { OrderStanding, RunState, RunStateLedger } from "./RunStates.ts"
export type { SeenSources, SourceLedger } from "./Sources.ts"

/** The ledger. Its methods are for the stages; what other tools read is in facts. */
export class Ledger extends Context.Service<
  Ledger,
  ChainLedger & CheckLedger & DeliveryLedger & OrderLedger & PlanLedger & ReportLedger & RunStateLedger & SourceLedger
>()("dispatcher/ledger/Ledger") {}

/** The ledger over the table in the context. */
export const layer: Layer.Layer<Ledger, never, Table> = Layer.effect(
  Ledger,
  Effect.map(Table, (table) => ({
    ...makeChainLedger(table),
    ...makeCheckLedger(table),
    ...makeDeliveryLedger(table),
    ...makeOrderLedger(table),
    ...makePlanLedger(table),
    ...makeReportLedger(table),
    ...makeRunStateLedger(table),
    ...makeSourceLedger(table)
  }))
)
