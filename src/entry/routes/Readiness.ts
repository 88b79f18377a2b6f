/** `GET /ready`: the stores answer. `GET /metrics`: Prometheus text. */
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { PrometheusMetrics } from "effect/observability"
import { Table } from "../../ports/Table.ts"
import { OrderQueue, PlanQueue, ReportQueue } from "../../ports/WorkQueue.ts"

/** Asks a store for something; what it answers does not matter. */
const probe = <A, E extends { readonly message: string }, R>(store: string, question: Effect.Effect<A, E, R>) =>
  question.pipe(
    Effect.timeout("2 seconds"),
    Effect.as([store, "ok"] as const),
    Effect.catch((error) => Effect.succeed([store, error.message] as const))
  )

const ready = Effect.gen(function* () {
  const table = yield* Table
  const plans = yield* PlanQueue
  const orders = yield* OrderQueue
  const reports = yield* ReportQueue
  const answers = yield* Effect.all(
    [
      probe("table", table.get({ table: "ledger", partition: "probe", sort: "probe" })),
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

/** The routes. */
export const layer = Layer.mergeAll(HttpRouter.add("GET", "/ready", ready), PrometheusMetrics.layerHttp())
