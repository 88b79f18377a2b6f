/**
 * The verdict: what GitHub started, by the sandbox's own record, against what the fleet asked for; whether the ledger names for each
 * order the very run that was started for it; and what became of these runs (Ends.ts).
 */
import { Effect, Option } from "effect"
import { RepositoryName, WorkflowFile } from "../../src/domain/Names.ts"
import { type OrderId, orderId } from "../../src/domain/Order.ts"
import type { Plan } from "../../src/domain/Plan.ts"
import { runKey } from "../../src/domain/SourceRun.ts"
import { OrderItem, type OrderState, read } from "../../src/ledger/Items.ts"
import { orderKey } from "../../src/ledger/Keys.ts"
import { Ledger } from "../../src/ledger/Ledger.ts"
import { Table } from "../../src/ports/Table.ts"
import type { DispatchedRun } from "../../src/sandbox/Sandbox.ts"
import { type GitHubRecord, judgeEnds } from "./Ends.ts"
import type { TargetWorkflow } from "./Fleet.ts"
import type { Sent } from "./Senders.ts"

/**
 * What may be wrong: with an order, with the result of what it started, with the check run of a run, or with a figure. A run that no order asked
 * for counts as `doubled`, an order that names another run as `unknown`.
 */
export const faults = [
  "lost",
  "doubled",
  "unknown",
  "denied wrongly",
  "wrong result",
  "wrong check run",
  "miscounted"
] as const
type Fault = (typeof faults)[number]

/** Something that is not as it must be, and what is there about it. */
export interface Offence {
  readonly fault: Fault
  /** The order, the run or the figure. */
  readonly about: string
  /** Where it stands by the service. */
  readonly standing: string
  readonly started: ReadonlyArray<DispatchedRun>
}

/** What came of everything. */
export interface Verdict {
  readonly offences: ReadonlyArray<Offence>
  readonly runs: number
  readonly orders: number
  /** Attempts of started runs that were completed. */
  readonly results: number
  readonly checks: number
  /** From the acceptance to the settlement of an order, milliseconds. */
  readonly longest: number
  /** The order that took so long. */
  readonly slowest: string
}

/** An order that the fleet asked for, and the runs that GitHub started for it. */
export interface Ordered {
  readonly order: OrderId
  readonly sent: Sent
  readonly started: ReadonlyArray<DispatchedRun>
}
interface Expected extends Ordered {
  readonly state: OrderState | undefined
  readonly plan: Plan | undefined
}

/** Which order a run was started for: attempt of the source run, and target workflow. */
const startOf = (input: string, repository: string, workflow: string): string => `${input} ${repository} ${workflow}`

const faultOf = ({ state, plan, started }: Expected): Fault | undefined => {
  if (started.length > 1) return "doubled"
  const outcome = state?._tag === "Settled" ? state.outcome : undefined
  if (outcome?._tag === "Withdrawn" || (state === undefined && plan !== undefined)) return "denied wrongly"
  if (outcome?._tag === "Unknown") return "unknown"
  const [run] = started
  if (run === undefined) return "lost"
  return outcome?._tag === "Dispatched" && outcome.started?.id === String(run.id) ? undefined : "unknown"
}

const standingOf = ({ state, plan }: Expected): string =>
  JSON.stringify(state ?? { decisions: plan?.decisions.map(({ _tag, target }) => ({ _tag, target })) ?? "no plan" })

const settledAfter = ({ state, sent }: Expected): number =>
  state?._tag === "Settled" ? Math.max(0, state.at - sent.acceptedAt) : 0

const expect = Effect.fnUntraced(function* (sent: Sent, target: TargetWorkflow) {
  const table = yield* Table
  const ledger = yield* Ledger
  const run = runKey(sent)
  const order = orderId(sent, {
    repository: RepositoryName.make(target.repository),
    workflow: WorkflowFile.make(target.workflow)
  })
  const item = Option.getOrUndefined(yield* read(table, orderKey(run, order), OrderItem))
  const plan = item === undefined ? Option.getOrUndefined(yield* ledger.plan(run)) : undefined
  return { order, sent, state: item?.value.state, plan: plan?.value }
})

/** Compares what was to come of the runs that were sent with what GitHub started and shows. Reads each order from the ledger. */
export const judge = Effect.fnUntraced(function* (
  sent: ReadonlyArray<Sent>,
  started: ReadonlyArray<DispatchedRun>,
  record: GitHubRecord
) {
  const byStart = Map.groupBy(started, ({ inputs, repository, workflow }) =>
    startOf(inputs.order ?? "", repository, workflow)
  )
  const expected: Array<Expected> = []
  for (const each of sent) {
    for (const target of each.planned.targets) {
      const start = startOf(`${each.runId}/${each.attempt}`, target.repository, target.workflow)
      expected.push({ ...(yield* expect(each, target)), started: byStart.get(start) ?? [] })
      byStart.delete(start)
    }
  }
  const unasked = [...byStart].map(
    ([order, runs]): Offence => ({
      fault: "doubled",
      about: order,
      standing: "no such order was asked for",
      started: runs
    })
  )
  const wrong = expected.flatMap((one): ReadonlyArray<Offence> => {
    const fault = faultOf(one)
    return fault === undefined ? [] : [{ fault, about: one.order, standing: standingOf(one), started: one.started }]
  })
  const [slowest] = expected.toSorted((a, b) => settledAfter(b) - settledAfter(a))
  const verdict: Verdict = {
    offences: [...wrong, ...unasked, ...(yield* judgeEnds(sent, expected, record))],
    runs: sent.length,
    orders: expected.length,
    results: record.ended.length,
    checks: record.checks.length,
    longest: slowest === undefined ? 0 : settledAfter(slowest),
    slowest: slowest?.order ?? "none"
  }
  return verdict
})
