/** Exports telemetry by OTLP/HTTP, beside the ordinary logs. */
import { ConfigProvider, Effect, Layer, Redacted } from "effect"
import { FetchHttpClient, UrlParams } from "effect/http"
import { OtlpExporter, OtlpLogger, OtlpMetrics, OtlpSerialization, OtlpTracer } from "effect/observability"
import { Flush } from "./Flush.ts"
import type { Destination } from "./parts/Otlp.ts"

/** Spans of requests tell which parameters there were, and never what they held: people put tokens there. */
const layerDiscreet = Layer.succeed(UrlParams.CurrentRedactedNames, [/^/])

const layerFlush = Layer.effect(
  Flush,
  Effect.map(OtlpExporter.Flusher, ({ flush }) => flush)
)

/** The exporters would read the variables themselves, and die of what they do not like. */
const layerNoVariables = ConfigProvider.layer(ConfigProvider.fromUnknown({}))

const serialization = { "http/json": OtlpSerialization.layerJson, "http/protobuf": OtlpSerialization.layerProtobuf }

const layerSignals = (destination: Destination) => {
  const { endpoints, serviceName, serviceVersion, attributes } = destination
  const headers = Redacted.value(destination.headers)
  const common = { resource: { serviceName, serviceVersion, attributes }, headers }
  const { traces, metrics, logs } = endpoints
  return Layer.mergeAll(
    OtlpExporter.layerFlusher,
    traces === undefined ? Layer.empty : OtlpTracer.layer({ ...common, url: traces.href }),
    metrics === undefined ? Layer.empty : OtlpMetrics.layer({ ...common, url: metrics.href }),
    logs === undefined ? Layer.empty : OtlpLogger.layer({ ...common, url: logs.href, mergeWithExisting: true })
  )
}

/** Exports to a destination. */
export const layer = (destination: Destination): Layer.Layer<never> =>
  Layer.merge(layerFlush, layerDiscreet).pipe(
    Layer.provideMerge(layerSignals(destination)),
    Layer.provide([FetchHttpClient.layer, serialization[destination.protocol], layerNoVariables])
  )
