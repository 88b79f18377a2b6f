/** What sends telemetry that was not sent yet; there is none where nothing is exported. */
import { Context, Effect } from "effect"

/** Sends it. */
export const Flush = Context.Reference<Effect.Effect<void>>("dispatcher/entry/Flush", {
  defaultValue: () => Effect.void
})
