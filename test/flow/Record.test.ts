/** Record: all facts of all messages at once, and one verdict on each message. */
import { assert, describe } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { type Fact, reportPublished, requestAccepted } from "../../src/domain/Fact.ts"
import { record } from "../../src/flow/Record.ts"
import { Invalid, TableError, TableUnavailable, Throttled } from "../../src/ports/Table.ts"
import { Recorder, type RecordProblem } from "../../src/readmodel/Recorder.ts"
import { acceptance, sourceRun } from "../fixtures/Runs.ts"
import { factMessage, Logs, scenario } from "./Harness.ts"

const publisher = { appVersion: "1.2.3" }
const of = (runId: number, repository = "acme/app") => acceptance(sourceRun({ repository, runId }))
const accepted = (runId: number, repository?: string): Fact => requestAccepted(of(runId, repository), publisher)
const reported = (runId: number): Fact => reportPublished(of(runId), { at: 0, issue: null }, publisher)

const failing = (reason: TableError["reason"]) => new TableError({ operation: "append", reason })
const throttled = failing(new Throttled({ message: "slow down" }))
const unavailable = failing(new TableUnavailable({ message: "down" }))
const invalid = failing(new Invalid({ message: "too large" }))

/** Records with these problems, by the numbers of runs; gives the verdicts, and which facts came to the recorder at once. */
const recorded = Effect.fnUntraced(function* (
  problems: Readonly<Record<number, RecordProblem>>,
  ...messages: ReadonlyArray<ReadonlyArray<Fact>>
) {
  const calls: Array<ReadonlyArray<string>> = []
  const recorder = Layer.succeed(Recorder, {
    record: (facts) =>
      Effect.sync(() => {
        calls.push(facts.map(({ id }) => id))
        return facts.map(({ data }) => problems[Number(data.runId)])
      })
  })
  const verdicts = yield* record
    .handleAll(messages.map((facts) => factMessage(...facts)))
    .pipe(Effect.provide(recorder))
  return { verdicts, calls }
})

describe("Record", () => {
  scenario(
    "records all facts of all messages at once",
    Effect.gen(function* () {
      const messages = [[accepted(1), reported(1)], [accepted(2)], [reported(2), accepted(3)]]
      const { verdicts, calls } = yield* recorded({}, ...messages)
      assert.deepStrictEqual(calls, [messages.flat().map(({ id }) => id)])
      assert.deepStrictEqual(
        verdicts.map(({ _tag }) => _tag),
        ["Done", "Done", "Done"]
      )
    })
  )

  scenario(
    "comes to the worst verdict of a message's facts: one that is to be tried again before one that nothing records",
    Effect.gen(function* () {
      const { verdicts } = yield* recorded(
        { 2: throttled, 3: invalid, 4: unavailable },
        [accepted(1), reported(1)],
        [accepted(1), accepted(2)],
        [accepted(1), accepted(3)],
        [accepted(3), accepted(4), accepted(1)],
        [accepted(3), reported(3)]
      )
      assert.deepStrictEqual(
        verdicts.map((verdict) => ("reason" in verdict ? [verdict._tag, verdict.reason] : [verdict._tag])),
        [
          ["Done"],
          ["Retry", throttled.message],
          ["Dead", `fact ${accepted(3).id}: ${invalid.message}`],
          ["Retry", unavailable.message],
          ["Dead", `fact ${accepted(3).id}: ${invalid.message}; fact ${reported(3).id}: ${invalid.message}`]
        ]
      )
    })
  )

  scenario(
    "logs what the facts of a message have in common, and how many they are",
    Effect.gen(function* () {
      const { run, deliveryId } = of(1)
      const source = run.repository
      yield* recorded(
        { 1: throttled, 2: throttled },
        [accepted(1), reported(1)],
        [accepted(1), accepted(2), reported(1)],
        [accepted(2), accepted(1, "acme/other")]
      )
      const lines = (yield* Logs.use(({ lines }) => lines)).map(({ annotations }) => annotations)
      const common = { stage: "Record", deliveryId, workflow: run.workflow }
      assert.deepStrictEqual(lines, [
        { ...common, source, run: `${run.repositoryId}/1/1`, facts: 2 },
        { ...common, source, facts: 3 },
        { ...common, facts: 2 }
      ])
    })
  )
})
