/** What Record leaves for Rollup, without recording it, and what ticks cost. */
import { Effect } from "effect"
import { bucketOf, isoTime } from "../../src/domain/Bucket.ts"
import type { Tally } from "../../src/domain/Tally.ts"
import { Table } from "../../src/ports/Table.ts"
import { freshMarks, minuteMark } from "../../src/readmodel/Marks.ts"
import { tick } from "../../src/readmodel/rollup/Tick.ts"
import { TableWatch } from "../ledger/WatchedTable.ts"

/** A target that was dispatched, and whose run has ended. */
const dispatched: Tally = {
  counts: { targets: 1, queued: 1, dispatched: 1, tried: 1, completed: 1, succeeded: 1 },
  elapsed: { bins: { 300: 1 }, max: 400 },
  completion: { bins: { 550: 1 }, max: 60_000 }
}

/** What became of such a target, as its connection shows it. */
export const dispatchedFate = {
  ...{
    decision: "allowed",
    ref: "refs/heads/main",
    state: "succeeded",
    status: "dispatched",
    reason: null,
    message: null
  },
  since: "2026-11-23T10:19:30.000Z",
  started: { id: "12345678901", url: "https://github.com/acme/deploy/actions/runs/12345678901" },
  result: {
    ...{ _tag: "Completed", conclusion: "success", attempt: 1, completedAt: "2026-11-23T10:20:30Z", duration: 60_000 }
  }
}

/** Stores what a run of a repository adds that was accepted at a time, with one target, and marks the minute, as Record does. */
export const contribute = Effect.fnUntraced(function* (
  repositories: ReadonlyArray<number>,
  at: number,
  tally: Tally = dispatched
) {
  const table = yield* Table
  const acceptedAt = isoTime(at)
  const items = repositories.map((index) => ({
    key: {
      table: "projections",
      partition: `contributions/${bucketOf("minute", acceptedAt)}`,
      sort: `${index}-1-1`
    } as const,
    attributes: {
      ...{ run: `${index}-1-1`, deliveryId: `delivery-${index}`, acceptedAt, version: "1.0.0", lastFactAt: acceptedAt },
      ...{ source: `acme/source-${index}`, workflow: "ci.yml", tally: { counts: { accepted: 1, planned: 1 } } },
      targets: [
        {
          repository: `acme/target-${index}`,
          workflow: "cd.yml",
          tally,
          fate: dispatchedFate
        }
      ],
      ...{ fold: 1, facts: 4 }
    }
  }))
  yield* table.append(items)
  yield* table.append(yield* freshMarks([minuteMark(bucketOf("minute", acceptedAt))]))
})

/** Ticks until there is nothing more to do. */
export const settle = Effect.gen(function* () {
  while ((yield* tick([])) !== "done");
})

/** So many numbers, one after the other. */
export const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index)

/** What some work reads and writes. */
export const costOf = Effect.fnUntraced(function* (work: Effect.Effect<unknown, unknown, Table>) {
  const { counts } = yield* TableWatch
  const before = { ...counts }
  yield* Effect.orDie(work)
  return { reads: counts.reads - before.reads, writes: counts.writes - before.writes }
})
