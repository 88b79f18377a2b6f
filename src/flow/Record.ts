/**
 * Record: facts into the event log, and the runs that they belong to into what is stored of them (`../readmodel/Recorder.ts`).
 *
 * Larger batches cost less: facts of one run are folded once.
 */
import { Effect } from "effect"
import type { Fact } from "../domain/Fact.ts"
import { type BatchHandler, dead, done, type Received, type Verdict } from "../ports/WorkQueue.ts"
import { type Problem, Recorder } from "../readmodel/Recorder.ts"
import { retryLater } from "./Waiting.ts"

/** A fact that no table takes is kept aside for people; any other problem passes. */
const verdictOn = Effect.fnUntraced(function* (message: Received<Fact>, problem: Problem): Effect.fn.Return<Verdict> {
  if (problem === undefined) return done
  if (problem.reason._tag === "Invalid") return dead(problem.message)
  yield* Effect.logWarning("recording is tried again", problem).pipe(Effect.annotateLogs({ fact: message.body.id }))
  return yield* retryLater(message, problem.message)
})

/** Fact queue → Record. */
export const handleFacts: BatchHandler<Fact, Recorder> = Effect.fn("Record")(function* (messages) {
  const recorder = yield* Recorder
  const problems = yield* recorder.record(messages.map(({ body }) => body))
  return yield* Effect.forEach(messages, (message, index) => verdictOn(message, problems[index]))
})
