/** Records facts, for tests that are about something else. */
import { Effect } from "effect"
import type { Fact } from "../../src/domain/Fact.ts"
import { record as recordStage } from "../../src/flow/Record.ts"
import type { Received } from "../../src/ports/WorkQueue.ts"

const received = (body: Fact, index: number): Received<Fact> => ({
  id: String(index),
  body,
  attempt: 1,
  lastAttempt: false,
  offeredAt: 0
})

/** Records facts in one batch; all must be done. */
export const record = Effect.fnUntraced(function* (facts: ReadonlyArray<Fact>) {
  const verdicts = yield* recordStage.handleAll(facts.map(received))
  for (const verdict of verdicts) if (verdict._tag !== "Done") return yield* Effect.die(verdict.reason)
})
