/** Whether the collectors of telemetry take what is sent to them: an empty report of each kind, by the variables of the environment. */
import { Effect, Redacted, Result, Schema } from "effect"
import { type Destination, type Signal, signals } from "../parts/Otlp.ts"
import { diagnoseCollector, type Finding } from "./Diagnosis.ts"
import { innermost } from "./Http.ts"

class NoAnswer extends Schema.TaggedError<NoAnswer>()("NoAnswer", { message: Schema.String }) {}

/** How long a collector may take. */
const patience = "5 seconds"

/** An empty report is valid in both encodings: no bytes, or an empty object. */
const report = ({ protocol, headers }: Destination, url: URL) =>
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

/** What becomes of each signal that is exported. One request each. */
export const examineCollectors = (destination: Destination | undefined): Effect.Effect<ReadonlyArray<Finding>> => {
  const findings = signals.flatMap((signal: Signal) => {
    const url = destination?.endpoints[signal]
    if (destination === undefined || url === undefined) return []
    return [
      Effect.map(Effect.result(report(destination, url)), (answer) =>
        diagnoseCollector(
          signal,
          `${url.origin}${url.pathname}`,
          Result.match(answer, { onSuccess: ({ status }) => status, onFailure: ({ message }) => message })
        )
      )
    ]
  })
  return Effect.all(findings, { concurrency: "unbounded" })
}
