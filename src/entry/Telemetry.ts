/** Traces, metrics and logs to an OTLP collector, if one is configured; what exports them (`Export.ts`) is loaded only then. */
import { Effect, Layer, References, Result } from "effect"
import { describeDestination, destinationOf, type OtlpSettings } from "./Otlp.ts"
import { type ProxySettings, proxiesOf } from "./Proxies.ts"

type Settings = Partial<OtlpSettings & ProxySettings> & { readonly APP_VERSION: string }

/** Exports by the `OTEL_` variables, and says in one line of the log where to, or why not. Where traces go nowhere, no spans are made. */
export const layer = (settings: Settings): Layer.Layer<never> => {
  const found = destinationOf(settings, settings.APP_VERSION)
  const announced = Layer.effectDiscard(Effect.logInfo(describeDestination(found)))
  if (Result.isFailure(found)) return Layer.merge(announced, Layer.succeed(References.TracerEnabled, false))
  const destination = found.success
  const exported = Layer.unwrap(
    Effect.map(
      Effect.promise(() => import("./Export.ts")),
      (Export) => Export.layer(destination, proxiesOf(settings))
    )
  )
  const traced = Layer.succeed(References.TracerEnabled, destination.endpoints.traces !== undefined)
  return Layer.mergeAll(announced, exported, traced)
}
