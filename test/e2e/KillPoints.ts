/**
 * Where a process may die. Everything that outlives it, and everything that GitHub can see, happens in one of the operations that are
 * wrapped here: writes of the table, of the queues, and requests that change something at GitHub. Between two of them there is nothing
 * that a death could interrupt, so dying at each of them is dying anywhere.
 *
 * Where the process is to die, it sends SIGKILL to itself: no finaliser runs, nothing is flushed.
 */
import { writeSync } from "node:fs"
import { Effect, Layer } from "effect"
import { Checks } from "../../src/ports/Checks.ts"
import { Reports } from "../../src/ports/Reports.ts"
import { Table, type Write } from "../../src/ports/Table.ts"
import { Workflows } from "../../src/ports/Workflows.ts"
import type { QueueStore } from "../../src/queue/QueueStore.ts"
import { Script, type ScriptedCall } from "../../src/testing/FaultScript.ts"

/** Reaches a kill point; may not come back. */
type Reach = (name: string) => Effect.Effect<void>

/**
 * Prints each kill point on standard output, by what happened and how often that has happened, and dies at the one of that name, or of
 * that number if `killAt` is one.
 */
export const makeReach = (killAt: string): Reach => {
  const script = new Script<string, "kill">({ keepsCalls: false })
  const pointOf = ({ operation, occurrence }: ScriptedCall) => `${operation} (${occurrence})`
  const isFatal = (n: number, call: ScriptedCall) => killAt === pointOf(call) || killAt === String(n)
  Effect.runSync(script.on(/^/, (n, call) => (isFatal(n, call) ? "kill" : undefined)))
  return (name) =>
    Effect.sync(() => {
      const { call, faults } = script.meet(name)
      writeSync(1, `point: ${pointOf(call)}\n`)
      if (faults.includes("kill")) process.kill(process.pid, "SIGKILL")
    })
}

/** After a write was committed and before anybody knows. */
const after =
  (reach: Reach, name: string) =>
  <A, E, R>(write: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.tap(write, reach(`${name} is written`))

/** Before a request goes out, and after GitHub has acted and before the answer is used. */
const around =
  (reach: Reach, name: string) =>
  <A, E, R>(request: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    reach(`${name} is about to be asked`).pipe(
      Effect.andThen(request),
      Effect.onExit(() => reach(`${name} is answered`))
    )

/** What is written, by its sort key without the time that some begin with. */
const nameOf = ({ key }: Pick<Write, "key">): string => key.sort.replace(/^\d{4}-[\dT:.]+Z/, "when")

/** The table, with a kill point after every write. */
export const layerTable = (reach: Reach) =>
  Layer.effect(
    Table,
    Effect.map(Table, (table) => ({
      ...table,
      write: (write) => table.write(write).pipe(after(reach, `table.write ${nameOf(write)}`)),
      transact: (writes) =>
        table.transact(writes).pipe(after(reach, `table.transact ${writes.slice(0, 1).map(nameOf)}`)),
      // What Record appends is put again whatever there is of it.
      append: (items) => {
        const appended = table.append(items)
        const [first] = items.filter(({ key }) => key.table === "ledger")
        return first === undefined ? appended : appended.pipe(after(reach, `table.append ${nameOf(first)}`))
      }
    }))
  )

/** A queue's store, with a kill point after messages were added, taken and settled. */
export const withKillPoints = (reach: Reach, queue: string, store: QueueStore): QueueStore => ({
  ...store,
  add: (messages, now) => store.add(messages, now).pipe(after(reach, `${queue}.add`)),
  take: (options) =>
    Effect.tap(store.take(options), ({ messages }) => (messages.length === 0 ? Effect.void : reach(`${queue}.take`))),
  settle: (settlements, now) => store.settle(settlements, now).pipe(after(reach, `${queue}.settle`))
})

/** The ports behind which GitHub is, with kill points around every request that changes something there. */
export const layerGitHub = (reach: Reach) =>
  Layer.mergeAll(
    Layer.effect(
      Workflows,
      Effect.map(Workflows, (workflows) => ({
        ...workflows,
        start: (order, maySend) =>
          workflows.start(order, maySend).pipe(around(reach, `start of ${order.target.repository}`))
      }))
    ),
    Layer.effect(
      Checks,
      Effect.map(Checks, (checks) => ({
        ...checks,
        create: (of, externalId, check) => checks.create(of, externalId, check).pipe(around(reach, "new check run")),
        update: (of, id, check) => checks.update(of, id, check).pipe(around(reach, "changed check run"))
      }))
    ),
    Layer.effect(
      Reports,
      Effect.map(Reports, (reports) => ({
        ...reports,
        create: (to, issue) => reports.create(to, issue).pipe(around(reach, "new issue")),
        update: (to, number, body, reopen) =>
          reports.update(to, number, body, reopen).pipe(around(reach, "changed issue")),
        comment: (to, number, body) => reports.comment(to, number, body).pipe(around(reach, "comment"))
      }))
    )
  )
