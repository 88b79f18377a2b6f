/**
 * Record: facts into the event log, and the runs that they belong to into what is stored of them (`../readmodel/Recorder.ts`).
 *
 * Larger batches cost less: facts of one run are folded once, whichever messages they are in.
 */
import { Effect } from "effect"
import type { Fact } from "../domain/Fact.ts"
import { runOf } from "../domain/RunFold.ts"
import { dead, done } from "../ports/WorkQueue.ts"
import { Recorder, type RecordProblem } from "../readmodel/Recorder.ts"
import type { FactMessage } from "./FactMessages.ts"
import * as Stage from "./Stage.ts"

/** What all of them have; undefined where they differ. */
const common = (facts: ReadonlyArray<Fact>, of: (fact: Fact) => string): string | undefined => {
  const [first, ...others] = new Set(facts.map(of))
  return others.length === 0 ? first : undefined
}

/** A message with a fact that no table takes is kept aside for people, unless another of its facts is to be tried again; any other problem passes. */
const verdictOn = ({ facts }: FactMessage, problemOf: (fact: Fact) => RecordProblem) => {
  const unrecorded = facts.flatMap((fact) => {
    const problem = problemOf(fact)
    return problem === undefined ? [] : [{ id: fact.id, problem }]
  })
  const passing = unrecorded.find(({ problem }) => problem.reason._tag !== "Invalid")
  if (passing !== undefined) return Effect.fail(passing.problem)
  if (unrecorded.length === 0) return Effect.succeed(done)
  return Effect.succeed(dead(unrecorded.map(({ id, problem }) => `fact ${id}: ${problem.message}`).join("; ")))
}

/** Fact queue → Record. */
export const record = Stage.makeTogether({
  name: "Record",
  about: ({ facts }: FactMessage) => ({
    run: common(facts, runOf),
    deliveryId: common(facts, ({ data }) => data.deliveryId),
    source: common(facts, ({ data }) => data.sourceRepository),
    workflow: common(facts, ({ data }) => data.sourceWorkflow),
    facts: facts.length
  }),
  handleAll: (messages) => {
    const all = messages.flatMap(({ body }) => body.facts)
    return Recorder.use(({ record }) =>
      Effect.map(record(all), (given) => {
        const problems = new Map(all.map((fact, index) => [fact, given[index]]))
        return messages.map(({ body }) => verdictOn(body, (fact) => problems.get(fact)))
      })
    )
  }
})
