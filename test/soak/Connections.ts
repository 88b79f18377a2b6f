/** Who starts whom, by GitHub's own record, against the counts that the service has of each connection. */
import { Effect } from "effect"
import { DashboardQueries } from "../../src/readmodel/DashboardQueries.ts"
import { closed, sourceWorkflow } from "./Fleet.ts"
import type { Sent } from "./Senders.ts"
import type { Offence, Ordered } from "./Verdict.ts"

/** How the started run of an order stands. */
export type Stand = "succeeded" | "failed" | "under way"

const nothing = {
  ...{ allowed: 0, denied: 0, dispatched: 0, failed: 0, withdrawn: 0, unknown: 0 },
  ...{ succeeded: 0, unsuccessful: 0, running: 0 }
}
type Counts = typeof nothing
const names = Object.keys(nothing) as ReadonlyArray<keyof Counts>

const words = (counts: Counts | undefined): string =>
  counts === undefined ? "none" : names.map((name) => `${name} ${counts[name]}`).join(", ")

/** What is to be counted, by `<source repository> <source workflow> <target repository> <target workflow>`. */
const expectedCounts = (
  sent: ReadonlyArray<Sent>,
  orders: ReadonlyArray<Ordered>,
  standOf: (order: Ordered) => Stand
): ReadonlyMap<string, Counts> => {
  const all = new Map<string, Counts>()
  const of = ({ planned }: Sent, target: string): Counts => {
    const key = `${planned.repository} ${sourceWorkflow} ${target}`
    const counts = all.get(key) ?? { ...nothing }
    all.set(key, counts)
    return counts
  }
  for (const each of sent) if (each.planned.asksClosed) of(each, `${closed} cd.yml`).denied += 1
  for (const order of orders) {
    const [started] = order.started
    // One that was not started is an offence of its own.
    if (started === undefined) continue
    const counts = of(order.sent, `${started.repository} ${started.workflow}`)
    const stand = standOf(order)
    counts.allowed += 1
    counts.dispatched += 1
    counts[stand === "succeeded" ? "succeeded" : stand === "failed" ? "unsuccessful" : "running"] += 1
  }
  return all
}

/** Each connection is there, and counts what GitHub's record comes to. Everything must be rolled up. */
export const judgeConnections = Effect.fnUntraced(function* (...about: Parameters<typeof expectedCounts>) {
  const expected = expectedCounts(...about)
  const { connections } = yield* DashboardQueries.use((queries) => queries.connections({ limit: 500 }))
  const found = new Map(
    connections.map(({ source, target, counts }) => [
      `${source.repository} ${source.workflow} ${target.repository} ${target.workflow}`,
      counts
    ])
  )
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((key): ReadonlyArray<Offence> => {
    const [is, wanted] = [words(found.get(key)), words(expected.get(key))]
    if (is === wanted) return []
    return [{ fault: "miscounted", about: key, standing: `${is} instead of ${wanted}`, started: [] }]
  })
})
