/** `GET /ready`: the stores take a write and answer; they are asked once a second at most. */
import { Clock, Effect } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { OrderQueue, PlanQueue, ReportQueue } from "../../flow/Queues.ts"
import { Table } from "../../ports/Table.ts"

/** Asks a store for something; what it answers does not matter. */
const probe = <A, E extends { readonly message: string }, R>(store: string, question: Effect.Effect<A, E, R>) =>
  question.pipe(
    Effect.timeout("2 seconds"),
    Effect.as([store, "ok"] as const),
    Effect.catch((error) => Effect.succeed([store, error.message] as const))
  )

/** One row, written over and over: a store that only reads, such as one on a full disk, is not ready. */
const writeRow = Effect.fnUntraced(function* (table: Table["Service"]) {
  const at = yield* Clock.currentTimeMillis
  yield* table.write({ _tag: "Put", key: { table: "ledger", partition: "probe", sort: "probe" }, attributes: { at } })
})

const answerReady = Effect.gen(function* () {
  const table = yield* Table
  const plans = yield* PlanQueue
  const orders = yield* OrderQueue
  const reports = yield* ReportQueue
  const answers = yield* Effect.all(
    [
      probe("table", writeRow(table)),
      probe("planQueue", plans.depth),
      probe("orderQueue", orders.depth),
      probe("reportQueue", reports.depth)
    ],
    { concurrency: "unbounded" }
  )
  const isReady = answers.every(([, answer]) => answer === "ok")
  return HttpServerResponse.jsonUnsafe(
    { status: isReady ? "ready" : "not ready", stores: Object.fromEntries(answers) },
    { status: isReady ? 200 : 503 }
  )
})

/** The route. */
export const layer = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const services = yield* Effect.context<Table | PlanQueue | OrderQueue | ReportQueue>()
    const ready = yield* Effect.cachedWithTTL(Effect.provideContext(answerReady, services), "1 second")
    yield* router.add("GET", "/ready", ready)
  })
)
