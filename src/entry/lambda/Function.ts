/**
 * What every function does alike: it is made once, while Lambda initialises the environment, and then runs on one runtime. What cannot be
 * made (a variable is missing, a secret cannot be read) fails the initialisation, and Lambda tries again with a new environment.
 */
import { ConfigProvider, type Context, Duration, Effect, Layer, ManagedRuntime, Result } from "effect"
import * as EmbeddedMetrics from "../../adapters/aws/cloudwatch/EmbeddedMetrics.ts"
import { Proxies } from "../../adapters/Proxies.ts"
import { AlarmMetrics } from "../../ports/AlarmMetrics.ts"
import { ConfigurationError, readConfiguration, type Values } from "../Configuration.ts"
import * as Logging from "../Logging.ts"
import { Flush } from "../Otlp.ts"
import { proxiesOf, variables as proxyVariables } from "../Proxies.ts"
import * as Telemetry from "../Telemetry.ts"
import type { Common } from "./Configuration.ts"

/** What Lambda passes with an invocation, as far as it is used. */
export interface Invocation {
  readonly awsRequestId: string
  /** Milliseconds. */
  readonly getRemainingTimeInMillis: () => number
}

/** What stands for variables that are not in the environment, and what was not to be had. */
export interface Found {
  readonly values: Readonly<Record<string, string>>
  readonly problems: ConfigurationError["problems"]
}

/** What a function is made of. */
export interface Parts<Given extends Common, R, E> {
  /** The environment variables that it reads. */
  readonly variables: Given
  /** Its secrets, where they are elsewhere. */
  readonly secrets?: Effect.Effect<Found>
  readonly layer: (values: Values<Given>) => Layer.Layer<R, E>
}

/** A function that is ready for its invocations. */
export interface Ready<R> {
  readonly context: Context.Context<R>
  /** Runs the work of an invocation, and sends what is to be known about it. */
  readonly run: <A, E>(work: Effect.Effect<A, E, R>, invocation: Invocation) => Promise<A>
}

const nothingElse: Effect.Effect<Found> = Effect.succeed({ values: {}, problems: [] })

/** The variables' values, with secrets in their places; fails with all problems at once. */
const values = Effect.fnUntraced(function* <Given extends Common>(variables: Given, secrets: Found) {
  const found = yield* Effect.result(readConfiguration(variables))
  if (secrets.problems.length === 0) return yield* Effect.fromResult(found)
  const others = Result.isFailure(found) ? found.failure.problems : []
  return yield* new ConfigurationError({ problems: [...secrets.problems, ...others] })
})

/** The way out, which the secrets need before anything else is read; what is wrong with it is reported with everything else. */
const wayOut = Effect.map(
  Effect.result(readConfiguration(proxyVariables)),
  Result.match({ onSuccess: proxiesOf, onFailure: () => ({}) })
)

/** All layers of a function, and above all where it logs. */
const layerOf = <Given extends Common, R, E>({ variables, secrets = nothingElse, layer }: Parts<Given, R, E>) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const proxies = yield* wayOut
      const found = yield* Effect.provideService(secrets, Proxies, proxies)
      const provider = ConfigProvider.orElse(
        yield* ConfigProvider.ConfigProvider,
        ConfigProvider.fromUnknown(found.values)
      )
      const environment = Layer.succeed(ConfigProvider.ConfigProvider, provider)
      const given = yield* values(variables, found).pipe(Effect.provide(environment))
      const settings: Values<Common> = given
      return layer(given).pipe(
        Layer.provideMerge(Telemetry.layer(settings)),
        Layer.provideMerge(EmbeddedMetrics.layer(settings.DEPLOYMENT)),
        Layer.provideMerge(Logging.layer(settings.LOG_LEVEL)),
        Layer.provide([environment, Layer.succeed(Proxies, proxies)])
      )
    })
  )

/** How long sending telemetry may hold up an answer. */
const flushTimeout = Duration.seconds(1)

/** Lambda stops the process between invocations, so telemetry is sent before the answer. */
const flush = Effect.flatMap(Flush, (send) => Effect.timeoutOption(send, flushTimeout))

/** What the invocation has recorded for alarms. */
const publish = Effect.flatMap(AlarmMetrics, (metrics) => metrics.publish)

/** Makes a function. */
export const start = async <Given extends Common, R, E>(parts: Parts<Given, R, E>): Promise<Ready<R>> => {
  const runtime = ManagedRuntime.make(layerOf(parts))
  return {
    context: await runtime.context(),
    run: (work, { awsRequestId: requestId }) =>
      runtime.runPromise(
        work.pipe(Effect.annotateLogs({ requestId }), Effect.ensuring(publish), Effect.ensuring(flush))
      )
  }
}
