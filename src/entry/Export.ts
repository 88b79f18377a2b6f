/** Exports telemetry by OTLP/HTTP, beside the ordinary logs. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { ConfigProvider, Effect, Layer, Redacted } from "effect"
import { UrlParams } from "effect/http"
import { OtlpExporter, OtlpLogger, OtlpMetrics, OtlpSerialization, OtlpTracer } from "effect/observability"
import { nodeAgentOptions, type Proxies } from "../adapters/Proxies.ts"
import type { Destination, Endpoint } from "./Otlp.ts"
import { Flush } from "./Otlp.ts"

/** Spans of requests name which parameters there were, and never what they held: people put tokens there. */
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
  const resource = { serviceName, serviceVersion, attributes }
  const to = ({ url, headers }: Endpoint) => ({ resource, url: url.href, headers: Redacted.value(headers) })
  const { traces, metrics, logs } = endpoints
  return Layer.mergeAll(
    OtlpExporter.layerFlusher,
    traces === undefined ? Layer.empty : OtlpTracer.layer(to(traces)),
    metrics === undefined ? Layer.empty : OtlpMetrics.layer(to(metrics)),
    logs === undefined ? Layer.empty : OtlpLogger.layer({ ...to(logs), mergeWithExisting: true })
  )
}

/** Exports to a destination, by way of the proxies. */
export const layer = (destination: Destination, proxies: Proxies): Layer.Layer<never> =>
  Layer.merge(layerFlush, layerDiscreet).pipe(
    Layer.provideMerge(layerSignals(destination)),
    Layer.provide([
      NodeHttpClient.layerNodeHttpOptions(nodeAgentOptions(proxies)),
      serialization[destination.protocol],
      layerNoVariables
    ])
  )
