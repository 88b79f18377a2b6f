/** Traces, metrics and logs to an OTLP collector, if one is configured; what exports them (`Export.ts`) is loaded only then. */
import { Effect, Layer, References } from "effect"
import { describeDestination, destinationOf, type OtlpSettings } from "./parts/Otlp.ts"

type Settings = Partial<OtlpSettings> & { readonly APP_VERSION: string }

/** Exports by the `OTEL_` variables, and says in one line of the log where to. Where traces go nowhere, no spans are made. */
export const layer = (settings: Settings): Layer.Layer<never> => {
  const destination = destinationOf(settings, settings.APP_VERSION)
  const announced = Layer.effectDiscard(Effect.logInfo(describeDestination(destination)))
  if (destination === undefined) return Layer.merge(announced, Layer.succeed(References.TracerEnabled, false))
  const exported = Layer.unwrap(
    Effect.map(
      Effect.promise(() => import("./Export.ts")),
      (Export) => Export.layer(destination)
    )
  )
  const traced = Layer.succeed(References.TracerEnabled, destination.endpoints.traces !== undefined)
  return Layer.mergeAll(announced, exported, traced)
}
