/** Traces, metrics and logs to an OTLP collector, if one is configured; what exports them (`Export.ts`) is loaded only then. */
import { Effect, Layer, References } from "effect"
import type { Configuration } from "./Configuration.ts"

type Settings = Pick<Configuration, "OTEL_EXPORTER_OTLP_ENDPOINT" | "APP_VERSION">

/** Exports to `OTEL_EXPORTER_OTLP_ENDPOINT`; without it no spans are made. */
export const layer = ({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, APP_VERSION }: Settings): Layer.Layer<never> =>
  endpoint === undefined
    ? Layer.succeed(References.TracerEnabled, false)
    : Layer.unwrap(
        Effect.map(
          Effect.promise(() => import("./Export.ts")),
          (Export) => Export.layer(endpoint, APP_VERSION)
        )
      )
