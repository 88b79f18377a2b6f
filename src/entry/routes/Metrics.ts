/** `GET /metrics`: Prometheus text. What the queues hold is asked for when it is asked for, once a second at most. */
import { Effect } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { PrometheusMetrics } from "effect/observability"
import { sampleQueues } from "../../flow/QueueSamples.ts"
import type { FactQueue, OrderQueue, PlanQueue, ReportQueue } from "../../flow/Queues.ts"

/** The route. */
export const layer = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const queues = yield* Effect.context<PlanQueue | OrderQueue | ReportQueue | FactQueue>()
    const sampled = yield* Effect.cachedWithTTL(Effect.provideContext(sampleQueues, queues), "1 second")
    const answer = Effect.andThen(sampled, PrometheusMetrics.format()).pipe(
      Effect.map((text) => HttpServerResponse.text(text, { contentType: "text/plain; version=0.0.4; charset=utf-8" }))
    )
    yield* router.add("GET", "/metrics", answer)
  })
)
