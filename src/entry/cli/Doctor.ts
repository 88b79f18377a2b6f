/** `dispatcher doctor`: asks GitHub, and the service, whether everything is set up, and says what to do where it is not. Changes nothing. */
import { randomUUID } from "node:crypto"
import { Clock, Console, Duration, Effect, Layer, Option, type Redacted, Result, Stream } from "effect"
import { Command } from "effect/cli"
import packageJson from "../../../package.json" with { type: "json" }
import { type AppInspection, inspectApp, inspectInstallations } from "../../adapters/github/AppInspection.ts"
import * as DeliveryLog from "../../adapters/github/Deliveries.ts"
import * as Installations from "../../adapters/github/Installations.ts"
import { counted } from "../../domain/Sentence.ts"
import { Deliveries, type LogPage } from "../../ports/Deliveries.ts"
import { variables } from "../Configuration.ts"
import { type Destination, destinationOf, variables as otlpVariables } from "../Otlp.ts"
import { proxiesOf } from "../Proxies.ts"
import { type AppSettings, layerApp } from "../SettingsLayers.ts"
import { examineCollectors } from "./Collector.ts"
import {
  type CheckResult,
  diagnose,
  diagnoseFailure,
  diagnoseInstallations,
  diagnoseLog,
  diagnosePing,
  diagnoseSilence,
  diagnoseUnreadLog
} from "./Diagnosis.ts"
import { appVariables, environment } from "./Environment.ts"
import { failed, innermost, ProblemsFound } from "./Failures.ts"
import { post } from "./SignedPost.ts"
import { during, mark, paint } from "./Terminal.ts"

/** What is asked for, and by whom. */
export interface DoctorOptions {
  readonly app: AppSettings
  /** What the App is said to be called; GitHub has the last word. */
  readonly slug: string | undefined
  readonly secret: Redacted.Redacted
  /** Where telemetry goes, or why it goes nowhere. */
  readonly telemetry: Result.Result<Destination, string>
}

/** A ping as GitHub sends it when a webhook is set up: it starts nothing. */
const ping = Effect.fnUntraced(function* (to: string, secret: Redacted.Redacted) {
  const payload = JSON.stringify({ zen: "Approachable is better than simple.", hook_id: 0 })
  const answer = yield* Effect.result(post({ payload, to, event: "ping", deliveryId: randomUUID(), secret }))
  return Result.match(answer, {
    onSuccess: ({ status }) => diagnosePing(status),
    onFailure: (error) => diagnoseSilence(innermost(error))
  })
})

/** The newest page of GitHub's log of deliveries, of the last day: one request. */
const newestPage = Effect.gen(function* () {
  const deliveries = yield* Deliveries
  const since = (yield* Clock.currentTimeMillis) - Duration.toMillis(Duration.days(1))
  const page = yield* Stream.runHead(deliveries.pages(since))
  return Option.getOrElse(page, (): LogPage => ({ attempts: [], unreadable: [], next: undefined }))
})
const layerGitHub = (app: AppSettings) =>
  Layer.merge(DeliveryLog.layer, Installations.layer).pipe(Layer.provide(layerApp(app)))

/** What GitHub says of the log, and to those who have installed the App. */
const examineUse = (installations: AppInspection["installations"]) =>
  Effect.all(
    [
      Effect.match(newestPage, { onSuccess: diagnoseLog, onFailure: (error) => [diagnoseUnreadLog(error)] }),
      Effect.map(inspectInstallations(installations), diagnoseInstallations)
    ],
    { concurrency: 2 }
  )

const examineApp = Effect.fnUntraced(function* ({ app, slug, secret }: DoctorOptions) {
  const inspected = yield* Effect.result(Effect.provide(inspectApp, layerApp(app)))
  if (Result.isFailure(inspected)) {
    const error = inspected.failure
    return error._tag === "GitHubError" ? [diagnoseFailure(error, app.GITHUB_API_URL)] : yield* failed(error)
  }
  const { url } = inspected.success.hook
  const reached = url === undefined || url === null || url === "" ? [] : [yield* ping(url, secret)]
  // The App's settings were usable just now.
  const [log, installations] = yield* examineUse(inspected.success.installations).pipe(
    Effect.provide(layerGitHub(app)),
    Effect.catch(failed)
  )
  return [...diagnose(inspected.success, slug), ...installations, ...log, ...reached]
})

const examine = (options: DoctorOptions) =>
  Effect.map(
    Effect.all([examineApp(options), examineCollectors(options.telemetry, proxiesOf(options.app))]),
    (findings) => findings.flat()
  )

const line = ({ about, verdict, found, fix }: CheckResult): string => {
  const sign = verdict === "advice" ? paint("yellow", "!") : mark(verdict === "good")
  const advice = fix === undefined ? "" : `\n${" ".repeat(18)}${paint("bold", fix)}`
  return `${sign} ${about.padEnd(15)} ${found}${advice}`
}

/** Examines everything and prints what was found; what is bad is a problem. */
export const doctor = Effect.fn("cli.doctor")(function* (options: DoctorOptions) {
  const findings = yield* during("asking GitHub and the service")(examine(options))
  yield* Console.log(findings.map(line).join("\n"))
  const count = findings.filter(({ verdict }) => verdict === "bad").length
  yield* Console.log(count === 0 ? "\nEverything is as it must be." : `\n${counted(count, "thing")} to put right.`)
  if (count > 0) return yield* new ProblemsFound({ count })
})

export const command = Command.make(
  "doctor",
  {},
  Effect.fnUntraced(function* () {
    const given = yield* environment({
      ...appVariables,
      GITHUB_APP_SLUG: variables.GITHUB_APP_SLUG,
      GITHUB_WEBHOOK_SECRET: variables.GITHUB_WEBHOOK_SECRET,
      ...otlpVariables
    })
    yield* doctor({
      app: given,
      slug: given.GITHUB_APP_SLUG,
      secret: given.GITHUB_WEBHOOK_SECRET,
      telemetry: destinationOf(given, packageJson.version)
    })
  })
).pipe(
  Command.withDescription(
    "Check credentials, permissions, events, webhook and clock against GitHub, and where telemetry goes, and say what to fix"
  )
)
