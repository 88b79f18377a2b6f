/** When the last order of a run has settled, the run is to be reported; the stage that notices asks for it, and Report does it once. */
import { Effect, Option } from "effect"
import { type Acceptance, runKey } from "../domain/SourceRun.ts"
import { Ledger } from "../ledger/Ledger.ts"
import type { Progress } from "../ledger/Plans.ts"
import { aboutRun, ReportQueue } from "./Queues.ts"

/** Whether all is decided and settled. */
export const isRunOver = ({ complete, expected, settled }: Progress): boolean => complete && settled >= expected

/** Asks for the report of a run if all is decided and settled. One read; asking twice is harmless. */
export const reportIfComplete = Effect.fn("Completion.reportIfComplete")(function* (
  of: Pick<Acceptance, "deliveryId" | "run">
) {
  const ledger = yield* Ledger
  const reports = yield* ReportQueue
  const progress = yield* ledger.progress(runKey(of.run))
  if (Option.isNone(progress)) return
  if (isRunOver(progress.value.value)) yield* reports.offer([{ body: { version: 1, ...aboutRun(of) } }])
})
