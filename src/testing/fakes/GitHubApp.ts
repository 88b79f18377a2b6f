/** The App in memory. */
import { Clock, Effect, Layer } from "effect"
import { GitHubApp } from "../../ports/GitHubApp.ts"

/** An App whose GitHub goes by the clock that is there when the layer is made. */
export const layerMemory: Layer.Layer<GitHubApp> = Layer.effect(
  GitHubApp,
  Effect.map(Clock.Clock, (clock) => ({
    login: Effect.succeed("dispatcher[bot]"),
    now: Effect.sync(() => clock.currentTimeMillisUnsafe())
  }))
)
