/**
 * What came of the runs that were started, by GitHub's own record, against what the service has made of it: the facts and the ledger's
 * result of each order, the check run of each source run, and the figures of all. Nothing of the service's rules is used to compute it.
 */
import { Clock, Effect, Option } from "effect"
import { globalScope } from "../../src/domain/Scope.ts"
import { runKey } from "../../src/domain/SourceRun.ts"
import { rollup } from "../../src/flow/Rollup.ts"
import { OrderItem, read } from "../../src/ledger/Items.ts"
import { orderKey } from "../../src/ledger/Keys.ts"
import { Table } from "../../src/ports/Table.ts"
import { DashboardQueries } from "../../src/readmodel/DashboardQueries.ts"
import { decodeFact, factsRange } from "../../src/readmodel/EventLog.ts"
import type { SandboxCheckRun } from "../../src/sandbox/Sandbox.ts"
import { until } from "../e2e/Journeys.ts"
import { judgeConnections, type Stand } from "./Connections.ts"
import { sourceWorkflow } from "./Fleet.ts"
import type { Ended } from "./Results.ts"
import type { Sent } from "./Senders.ts"
import type { Offence, Ordered } from "./Verdict.ts"

/** A check run, and the repository that it is in. */
interface FoundCheck {
  readonly repository: string
  readonly check: SandboxCheckRun
}

/** All that GitHub has of what was started. */
export interface GitHubRecord {
  /** Each attempt of a started run that was completed, once. */
  readonly ended: ReadonlyArray<Ended>
  readonly checks: ReadonlyArray<FoundCheck>
}

type EndsOf = (runId: number) => ReadonlyArray<Ended>

const byAttempt = (ended: ReadonlyArray<Ended>): EndsOf => {
  const ends = Map.groupBy(
    ended.toSorted((a, b) => a.attempt - b.attempt),
    ({ runId }) => runId
  )
  return (runId) => ends.get(runId) ?? []
}

const words = ({ runId, attempt, conclusion }: Ended): string => `${runId}/${attempt} ${conclusion}`

/** The facts of results that the event log has of a run, by order. */
const resultFacts = Effect.fnUntraced(function* (sent: Sent) {
  const table = yield* Table
  const facts = new Map<string, Array<string>>()
  let cursor: string | undefined
  do {
    const page = yield* table.query({ ...factsRange(runKey(sent)), limit: 100, ...(cursor && { cursor }) })
    for (const fact of yield* Effect.forEach(page.items, decodeFact)) {
      if (fact.type !== "dispatch.run.completed") continue
      const { orderId = "unnamed", started, startedAttempt, conclusion } = fact.data
      const line = words({ runId: Number(started.id), attempt: startedAttempt, conclusion })
      facts.set(orderId, [...(facts.get(orderId) ?? []), line].sort())
    }
    cursor = page.cursor
  } while (cursor !== undefined)
  return facts
})

const ledgerResults = Effect.fnUntraced(function* ({ order, sent }: Ordered) {
  const item = yield* read(yield* Table, orderKey(runKey(sent), order), OrderItem)
  const state = Option.getOrUndefined(item)?.value.state
  return state?._tag === "Settled" ? (state.results ?? []).map(({ result }) => result) : []
})

/** Each attempt that GitHub completed is one fact and one result of its order, and nothing else is. */
const judgeResults = Effect.fnUntraced(function* (orders: ReadonlyArray<Ordered>, endsOf: EndsOf) {
  const offences: Array<Offence> = []
  for (const [sent, own] of Map.groupBy(orders, (order) => order.sent)) {
    const facts = yield* resultFacts(sent)
    for (const one of own) {
      const expected = one.started.flatMap(({ id }) => endsOf(id).map(words)).sort()
      const recorded = facts.get(one.order) ?? []
      const stored = (yield* ledgerResults(one))
        .map((result) =>
          result._tag === "Completed" ? words({ runId: one.started[0]?.id ?? 0, ...result }) : result.message
        )
        .sort()
      if (recorded.join() === expected.join() && stored.join() === expected.join()) continue
      const standing = JSON.stringify({ expected, facts: recorded, ledger: stored })
      offences.push({ fault: "wrong result", about: one.order, standing, started: one.started })
    }
  }
  return offences
})

/** How the started run of an order stands: by its latest attempt that was completed. */
const standOf = ({ started }: Ordered, endsOf: EndsOf): Stand => {
  const last = started.flatMap(({ id }) => endsOf(id)).at(-1)
  if (last === undefined) return "under way"
  return last.conclusion === "success" ? "succeeded" : "failed"
}

/** What the check run of a run must show. */
const wantedCheck = (sent: Sent, orders: ReadonlyArray<Ordered>, endsOf: EndsOf) => {
  const stands = orders.map((order) => standOf(order, endsOf))
  const count = (wanted: string): number => stands.filter((stand) => stand === wanted).length
  const refused = sent.planned.asksClosed ? 1 : 0
  const parts = [
    [count("failed"), "failed"],
    [refused, "refused"],
    [count("under way"), "under way"],
    [count("succeeded"), "succeeded"]
  ] as const
  const conclusion =
    count("under way") > 0 ? null : count("failed") > 0 ? "failure" : refused > 0 ? "neutral" : "success"
  return {
    name: `dispatcher / ${sourceWorkflow}`,
    repository: sent.planned.repository,
    sha: sent.sha,
    status: conclusion === null ? "in_progress" : "completed",
    conclusion,
    title: parts.flatMap(([number, word]) => (number > 0 ? [`${number} ${word}`] : [])).join(", ")
  }
}

const shownBy = ({ repository, check: { name, headSha: sha, status, conclusion, output } }: FoundCheck) => ({
  ...{ name, repository, sha, status, conclusion },
  title: output.title
})

/** Each run has one check run, on its commit, that shows how what it started ended; and there is no other. */
const judgeChecks = (
  sent: ReadonlyArray<Sent>,
  orders: ReadonlyArray<Ordered>,
  endsOf: EndsOf,
  checks: ReadonlyArray<FoundCheck>
): ReadonlyArray<Offence> => {
  const byRun = Map.groupBy(checks, ({ check }) => check.externalId)
  const bySent = Map.groupBy(orders, (order) => order.sent)
  const wrong = sent.flatMap((each): ReadonlyArray<Offence> => {
    const key = runKey(each)
    const own = bySent.get(each) ?? []
    const found = (byRun.get(key) ?? []).map(shownBy)
    byRun.delete(key)
    const expected = wantedCheck(each, own, endsOf)
    if (found.length === 1 && JSON.stringify(found[0]) === JSON.stringify(expected)) return []
    const standing = JSON.stringify({ expected, GitHub: found })
    return [{ fault: "wrong check run", about: key, standing, started: own.flatMap(({ started }) => started) }]
  })
  const others = [...byRun].map(
    ([about, found]): Offence => ({
      ...{ fault: "wrong check run", about, started: [] },
      standing: `nothing asked for ${JSON.stringify(found.map(shownBy))}`
    })
  )
  return [...wrong, ...others]
}

/** The clock of a server may have been ahead: its minutes are over by then. */
const later = Effect.map(Clock.clockWith(Effect.succeed), (clock): Clock.Clock => {
  const millis = 300_000
  const currentTimeMillisUnsafe = () => clock.currentTimeMillisUnsafe() + millis
  const currentTimeNanosUnsafe = () => clock.currentTimeNanosUnsafe() + BigInt(millis) * 1_000_000n
  return {
    currentTimeMillisUnsafe,
    currentTimeMillis: Effect.sync(currentTimeMillisUnsafe),
    currentTimeNanosUnsafe,
    currentTimeNanos: Effect.sync(currentTimeNanosUnsafe),
    monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: clock.monotonicTimeNanos,
    sleep: (duration) => clock.sleep(duration)
  }
})

/** The figures of all and of each connection, when everything was rolled up, against what GitHub's record comes to. */
const judgeFigures = Effect.fnUntraced(function* (
  sent: ReadonlyArray<Sent>,
  orders: ReadonlyArray<Ordered>,
  ended: ReadonlyArray<Ended>,
  endsOf: EndsOf
) {
  yield* until(rollup, (result) => result === "done").pipe(Effect.provideService(Clock.Clock, yield* later))
  const { counts } = yield* DashboardQueries.use(({ figures }) => figures(globalScope, "24h"))
  const stands = orders.map((order) => standOf(order, endsOf))
  const count = (wanted: string): number => stands.filter((stand) => stand === wanted).length
  const expected = {
    accepted: sent.length + ended.length,
    dispatched: orders.length,
    running: count("under way"),
    completed: orders.length - count("under way"),
    succeeded: count("succeeded"),
    unsuccessful: count("failed"),
    lost: 0,
    denied: sent.filter(({ planned }) => planned.asksClosed).length
  }
  const wrong = Object.entries(expected).flatMap(([name, wanted]): ReadonlyArray<Offence> => {
    const found = counts[name as keyof typeof expected]
    return found === wanted
      ? []
      : [{ fault: "miscounted", about: name, standing: `${found} instead of ${wanted}`, started: [] }]
  })
  return [...wrong, ...(yield* judgeConnections(sent, orders, (order) => standOf(order, endsOf)))]
})

/** What is wrong with results, check runs and figures. Reads the facts and orders of each run, and rolls everything up. */
export const judgeEnds = Effect.fnUntraced(function* (
  sent: ReadonlyArray<Sent>,
  orders: ReadonlyArray<Ordered>,
  { ended, checks }: GitHubRecord
) {
  const endsOf = byAttempt(ended)
  return [
    ...(yield* judgeResults(orders, endsOf)),
    ...judgeChecks(sent, orders, endsOf, checks),
    ...(yield* judgeFigures(sent, orders, ended, endsOf))
  ]
})
