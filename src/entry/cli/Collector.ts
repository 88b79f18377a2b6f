/** Whether the collectors of telemetry take what is sent to them: an empty report of each kind, by the variables of the environment. */
import { Effect, Redacted, Result, Schema } from "effect"
import { fetchThrough } from "../../adapters/Outbound.ts"
import type { Proxies } from "../../adapters/Proxies.ts"
import { type Destination, type Endpoint, signals } from "../Otlp.ts"
import { diagnoseCollector, diagnoseNoCollector } from "./Diagnosis.ts"
import { innermost } from "./Failures.ts"

class NoAnswer extends Schema.TaggedError<NoAnswer>()("NoAnswer", { message: Schema.String }) {}

/** How long a collector may take. */
const patience = "5 seconds"

type Fetch = typeof globalThis.fetch

/** An empty report is valid in both encodings: no bytes, or an empty object. */
const report = (fetch: Fetch, protocol: Destination["protocol"], { url, headers }: Endpoint) =>
  Effect.tryPromise({
    try: (signal) =>
      fetch(url, {
        method: "POST",
        redirect: "manual",
        signal,
        ...(protocol === "http/json"
          ? { body: "{}", headers: { ...Redacted.value(headers), "content-type": "application/json" } }
          : { headers: { ...Redacted.value(headers), "content-type": "application/x-protobuf" } })
      }),
    catch: (error) => new NoAnswer({ message: error instanceof Error ? innermost(error) : String(error) })
  }).pipe(
    Effect.timeoutOrElse({
      duration: patience,
      orElse: () => Effect.fail(new NoAnswer({ message: `no answer within ${patience}` }))
    })
  )

/** What becomes of each signal that is exported, or why none is; by way of the proxies. One request each. */
export const examineCollectors = Effect.fnUntraced(function* (
  found: Result.Result<Destination, string>,
  proxies: Proxies
) {
  if (Result.isFailure(found)) return [diagnoseNoCollector(found.failure)]
  const destination = found.success
  const fetch = yield* fetchThrough(proxies)
  const findings = signals.flatMap((signal) => {
    const endpoint = destination.endpoints[signal]
    if (endpoint === undefined) return []
    const { origin, pathname } = endpoint.url
    return [
      Effect.map(Effect.result(report(fetch, destination.protocol, endpoint)), (answer) =>
        diagnoseCollector(
          signal,
          `${origin}${pathname}`,
          Result.match(answer, { onSuccess: ({ status }) => status, onFailure: ({ message }) => message })
        )
      )
    ]
  })
  return yield* Effect.all(findings, { concurrency: "unbounded" })
}, Effect.scoped)
