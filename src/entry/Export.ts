/** Exports telemetry by OTLP/HTTP JSON, beside the ordinary logs. */
import { Effect, Layer } from "effect"
import { FetchHttpClient, UrlParams } from "effect/http"
import { Otlp, OtlpExporter } from "effect/observability"
import { Flush } from "./Flush.ts"

/** Spans of requests tell which parameters there were, and never what they held: people put tokens there. */
const layerDiscreet = Layer.succeed(UrlParams.CurrentRedactedNames, [/^/])

const layerFlush = Layer.effect(
  Flush,
  Effect.map(OtlpExporter.Flusher, ({ flush }) => flush)
)

/** Exports to a collector. */
export const layer = (endpoint: URL, serviceVersion: string): Layer.Layer<never> =>
  Layer.merge(layerFlush, layerDiscreet).pipe(
    Layer.provideMerge(
      Otlp.layerJson({
        baseUrl: endpoint.href,
        resource: { serviceName: "dispatcher", serviceVersion },
        loggerMergeWithExisting: true
      })
    ),
    Layer.provide(FetchHttpClient.layer)
  )
