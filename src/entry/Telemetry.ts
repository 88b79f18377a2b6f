/** Traces, metrics and logs to an OTLP collector, if one is configured. */
import { Layer, References } from "effect"
import { FetchHttpClient, UrlParams } from "effect/http"
import { Otlp } from "effect/observability"
import type { Configuration } from "./Configuration.ts"

type Settings = Pick<Configuration, "OTEL_EXPORTER_OTLP_ENDPOINT" | "APP_VERSION">

/** Spans of requests tell which parameters there were, and never what they held: people put tokens there. */
const layerDiscreet = Layer.succeed(UrlParams.CurrentRedactedNames, [/^/])

/** Exports to `OTEL_EXPORTER_OTLP_ENDPOINT` by OTLP/HTTP JSON, beside the ordinary logs; without it no spans are made. */
export const layer = ({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, APP_VERSION }: Settings): Layer.Layer<never> =>
  endpoint === undefined
    ? Layer.succeed(References.TracerEnabled, false)
    : Otlp.layerJson({
        baseUrl: endpoint.href,
        resource: { serviceName: "dispatcher", serviceVersion: APP_VERSION },
        loggerMergeWithExisting: true
      }).pipe(Layer.merge(layerDiscreet), Layer.provide(FetchHttpClient.layer))
