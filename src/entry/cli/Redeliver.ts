/**
 * `dispatcher redeliver`: has GitHub send again what never arrived. By GitHub's own log alone, so it needs no access to the service's store,
 * and asks for a delivery each time it runs; what arrives twice is planned once. The server sweeps by itself (`flow/Sweep.ts`).
 */
import { Clock, Console, Duration, Effect, Layer, Option, Result } from "effect"
import { Command, Flag } from "effect/cli"
import * as GitHubDeliveries from "../../adapters/github/Deliveries.ts"
import { counted } from "../../domain/Sentence.ts"
import { type DeliveryFailure, failures } from "../../flow/FailedDeliveries.ts"
import { redeliverable } from "../../flow/MissingDeliveries.ts"
import { Deliveries } from "../../ports/Deliveries.ts"
import { layerApp } from "../SettingsLayers.ts"
import { appVariables, environment } from "./Environment.ts"
import { failed, ProblemsFound } from "./Failures.ts"
import { during, mark, paint } from "./Terminal.ts"

const units = { s: Duration.seconds, m: Duration.minutes, h: Duration.hours, d: Duration.days } as const

/** `90m`, `24h`, `3d`: as people write durations, at most what GitHub redelivers. */
const parseSince = (text: string): Option.Option<Duration.Duration> => {
  const [, number, unit = ""] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? []
  const duration = units[unit as keyof typeof units]?.(Number(number))
  return duration !== undefined && Duration.isLessThanOrEqualTo(duration, redeliverable)
    ? Option.some(duration)
    : Option.none()
}

const describe = ({ deliveryId, failedAt, statusCode, attempts }: DeliveryFailure): string => {
  const answer = statusCode === 0 ? "no answer" : `HTTP ${statusCode}`
  return `${deliveryId}  ${new Date(failedAt).toISOString()}  ${answer}, ${counted(attempts, "attempt")}`
}

/** Redelivers one, and says whether GitHub agreed. */
const redeliverOne = Effect.fnUntraced(function* (failure: DeliveryFailure) {
  const deliveries = yield* Deliveries
  const asked = yield* during("asking for a redelivery")(Effect.result(deliveries.redeliver(failure.attemptId)))
  const refusal = Result.isFailure(asked) ? `  ${paint("red", asked.failure.message)}` : ""
  yield* Console.log(`${mark(refusal === "")} ${describe(failure)}${refusal}`)
  return refusal === ""
})

/** Finds what never arrived and has it redelivered, or only lists it. */
export const redeliverMissing = Effect.fn("cli.redeliver")(function* (since: Duration.Duration, dryRun: boolean) {
  const now = yield* Clock.currentTimeMillis
  const looking = failures(now - Duration.toMillis(since))
  const lost = yield* during("reading GitHub's delivery log")(Effect.mapError(looking, failed))
  if (lost.length === 0) return yield* Console.log(`${mark(true)} Everything arrived.`)
  if (dryRun) {
    yield* Effect.forEach(lost, (failure) => Console.log(describe(failure)))
    return yield* Console.log(`${lost.length} would be redelivered.`)
  }
  const agreed = yield* Effect.filter(lost, redeliverOne)
  yield* Console.log(`${agreed.length} of ${lost.length} are redelivered.`)
  if (agreed.length < lost.length) return yield* new ProblemsFound({ count: lost.length - agreed.length })
})

/** The log of the App that the environment names. */
const layerDeliveries = Layer.unwrap(
  Effect.map(environment(appVariables), (given) => GitHubDeliveries.layer.pipe(Layer.provide(layerApp(given))))
)

export const command = Command.make(
  "redeliver",
  {
    since: Flag.String("since").pipe(
      Flag.withDescription("How far to look back: a number and s, m, h or d, at most 3d. Default: 24h"),
      Flag.filterMap(parseSince, () => "Expected a number and s, m, h or d, at most 3d"),
      Flag.withDefault(Duration.hours(24))
    ),
    dryRun: Flag.Boolean("dry-run").pipe(Flag.withDescription("Only list what never arrived"), Flag.withDefault(false))
  },
  ({ since, dryRun }) => Effect.provide(redeliverMissing(since, dryRun), layerDeliveries)
).pipe(
  Command.withDescription("Have GitHub send again what never arrived, by its delivery log"),
  Command.withExamples([
    { command: "dispatcher redeliver --dry-run", description: "What was lost in the last 24 hours" },
    { command: "dispatcher redeliver --since 3d", description: "After a long outage" }
  ])
)
