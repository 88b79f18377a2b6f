/** `GET /health`: the process serves. */
import { Effect } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { Settings } from "../../flow/Settings.ts"

const health = Effect.gen(function* () {
  const { appVersion } = yield* Settings
  return HttpServerResponse.jsonUnsafe({ status: "ok", version: appVersion })
})

/** The route. */
export const layer = HttpRouter.add("GET", "/health", health)
