/** When the last order of a run has settled, the run is to be reported; the stage that notices asks for it, and Report does it once. */
import { Effect } from "effect"
import { type Acceptance, runKey } from "../domain/SourceRun.ts"
import { Ledger } from "../ledger/Ledger.ts"
import { aboutRun, ReportQueue } from "./Queues.ts"

/** Asks for the report of a run if all is decided and settled. One range read; asking twice is harmless. */
export const reportIfComplete = Effect.fn("Completion.reportIfComplete")(function* (
  of: Pick<Acceptance, "deliveryId" | "run">
) {
  const ledger = yield* Ledger
  const reports = yield* ReportQueue
  if (yield* ledger.isOver(runKey(of.run))) yield* reports.offer([{ body: { version: 1, ...aboutRun(of) } }])
})
