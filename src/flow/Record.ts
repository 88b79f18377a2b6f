/**
 * Record: facts into the event log, and the runs that they belong to into what is stored of them (`../readmodel/Recorder.ts`).
 *
 * Larger batches cost less: facts of one run are folded once.
 */
import { Effect } from "effect"
import type { Fact } from "../domain/Fact.ts"
import { runOf } from "../domain/RunFold.ts"
import { dead, done } from "../ports/WorkQueue.ts"
import { Recorder, type RecordProblem } from "../readmodel/Recorder.ts"
import * as Stage from "./Stage.ts"

/** A fact that no table takes is kept aside for people; any other problem passes. */
const verdictOn = (problem: RecordProblem) => {
  if (problem === undefined) return Effect.succeed(done)
  return problem.reason._tag === "Invalid" ? Effect.succeed(dead(problem.message)) : Effect.fail(problem)
}

/** Fact queue → Record. */
export const record = Stage.makeTogether({
  name: "Record",
  about: (fact: Fact) => ({
    fact: fact.id,
    run: runOf(fact),
    deliveryId: fact.data.deliveryId,
    source: fact.data.sourceRepository,
    workflow: fact.data.sourceWorkflow
  }),
  handleAll: (messages) =>
    Recorder.use(({ record }) =>
      Effect.map(record(messages.map(({ body }) => body)), (problems) =>
        messages.map((_, index) => verdictOn(problems[index]))
      )
    )
})
