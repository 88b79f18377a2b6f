/** What those who watch the service ask. Each route is made by a function, so that a Lambda function's bundle has only those that it serves. */
import { Clock, Effect } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { PrometheusMetrics } from "effect/observability"
import { sampleQueues } from "../../flow/QueueSamples.ts"
import { type FactQueue, OrderQueue, PlanQueue, ReportQueue } from "../../flow/Queues.ts"
import { Settings } from "../../flow/Settings.ts"
import { Table } from "../../ports/Table.ts"

/** `GET /health`: the process serves. */
export const layerHealth = () => HttpRouter.add("GET", "/health", Effect.map(Settings, answerHealth))

const answerHealth = ({ appVersion }: Settings["Service"]) =>
  HttpServerResponse.jsonUnsafe({ status: "ok", version: appVersion })

/** Asks a store for something; what it answers does not matter. */
const probe = <A, E extends { readonly message: string }, R>(store: string, question: Effect.Effect<A, E, R>) =>
  question.pipe(
    Effect.timeout("2 seconds"),
    Effect.as([store, "ok"] as const),
    Effect.catch((error) => Effect.succeed([store, error.message] as const))
  )

/** One row, written over and over: a store that only reads, such as one on a full disk, is not ready. */
const writeRow = (table: Table["Service"]) =>
  Effect.flatMap(Clock.currentTimeMillis, (at) =>
    table.write({ _tag: "Put", key: { table: "ledger", partition: "probe", sort: "probe" }, attributes: { at } })
  )

const answerReady = () =>
  Effect.gen(function* () {
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

/** `GET /ready`: the stores take a write and answer; they are asked once a second at most. */
export const layerReadiness = () =>
  HttpRouter.use(
    Effect.fnUntraced(function* (router) {
      const services = yield* Effect.context<Table | PlanQueue | OrderQueue | ReportQueue>()
      const ready = yield* Effect.cachedWithTTL(Effect.provideContext(answerReady(), services), "1 second")
      yield* router.add("GET", "/ready", ready)
    })
  )

/** `GET /metrics`: Prometheus text. What the queues hold is asked for when it is asked for, once a second at most. */
export const layerMetrics = () =>
  HttpRouter.use(
    Effect.fnUntraced(function* (router) {
      const queues = yield* Effect.context<PlanQueue | OrderQueue | ReportQueue | FactQueue>()
      const sampled = yield* Effect.cachedWithTTL(Effect.provideContext(sampleQueues, queues), "1 second")
      const answer = Effect.andThen(sampled, PrometheusMetrics.format()).pipe(
        Effect.map((text) => HttpServerResponse.text(text, { contentType: "text/plain; version=0.0.4; charset=utf-8" }))
      )
      yield* router.add("GET", "/metrics", answer)
    })
  )
