/**
 * A GitHub on loopback for the demo and the end-to-end tests: real HTTP, GitHub's answers, state in memory. The layer
 * listens while its scope is open; the service beside it lets a program change and look at what GitHub holds.
 */
import { generateKeyPair } from "node:crypto"
import { createServer } from "node:http"
import { promisify } from "node:util"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Clock, Context, Effect, Layer } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { notFound } from "./Answer.ts"
import { type Control, makeControl } from "./Control.ts"
import { endpoint } from "./Endpoint.ts"
import * as Front from "./Front.ts"
import { makeState } from "./MakeState.ts"
import * as Actions from "./routes/Actions.ts"
import * as Apps from "./routes/Apps.ts"
import * as Checks from "./routes/Checks.ts"
import * as Contents from "./routes/Contents.ts"
import * as ControlRoutes from "./routes/Control.ts"
import * as GraphQl from "./routes/GraphQl.ts"
import * as Hooks from "./routes/Hooks.ts"
import * as Issues from "./routes/Issues.ts"
import * as Manifests from "./routes/Manifests.ts"
import * as Pages from "./routes/Pages.ts"
import * as Tokens from "./routes/Tokens.ts"
import { decodeScenario, type Scenario, type ScenarioInput } from "./Scenario.ts"
import { State } from "./State.ts"

export type { DispatchedRun, RepositoryChange, StartedRunEnd } from "./Control.ts"
export type { RateLimitChange } from "./RateLimits.ts"
export type { RunConclusion, RunCourse } from "./RunCourse.ts"
export type {
  Comment,
  Delivery,
  RateResource,
  RequestRecord,
  SandboxCheckRun,
  SandboxIssue,
  StateReason
} from "./State.ts"
export type { RunStatus } from "./Views.ts"
export { type DeliveryOptions, NoWebhookUrl } from "./Webhooks.ts"
export { type CompletedRun, NotInScenario } from "./WorkflowRunEvent.ts"

/** What the sandbox offers to the program that runs it. */
export interface SandboxShape extends Control {
  /** Base of the API, e.g. `http://127.0.0.1:40123`: the service's GITHUB_API_URL. */
  readonly url: string
  readonly app: {
    readonly id: number
    readonly slug: string
    readonly privateKeyPem: string
    readonly webhookSecret: string
  }
}

/** The running sandbox. */
export class Sandbox extends Context.Service<Sandbox, SandboxShape>()("dispatcher/sandbox/Sandbox") {}

/** How a sandbox is to be. */
export interface SandboxOptions {
  /** A scenario as a value, or as loadScenario has read it from a file. */
  readonly scenario: ScenarioInput | Scenario
  /** By default a free port. */
  readonly port?: number
  /** Where deliveries go, if not as the scenario says. */
  readonly webhookUrl?: string
  /** Sandboxes with different seeds never use the same id: for one that outlives its GitHub. */
  readonly seed?: number
}

const makeKey = async (): Promise<string> => {
  const { privateKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    // GitHub hands out private keys in this form.
    privateKeyEncoding: { type: "pkcs1", format: "pem" }
  })
  return privateKey
}

let processKey: Promise<string> | undefined

/** One key serves all sandboxes of a process: making one takes a good part of a second. */
const appKey = Effect.promise(() => {
  processKey ??= makeKey()
  return processKey
})

/** GitHub's answer to everything it does not have, whatever the method. */
const Unknown = HttpRouter.addAll([endpoint("*", "/*", Effect.fail(notFound()))])

const Routes = Layer.mergeAll(
  Apps.layer,
  Tokens.layer,
  Actions.layer,
  Checks.layer,
  Contents.layer,
  Issues.layer,
  GraphQl.layer,
  Hooks.layer,
  Manifests.layer,
  ControlRoutes.layer,
  Pages.layer,
  Unknown
).pipe(Layer.provideMerge(Front.layer))

const stateLayer = (options: SandboxOptions) =>
  Layer.effect(
    State,
    Effect.gen(function* () {
      const scenario = yield* decodeScenario(options.scenario)
      const { address } = yield* HttpServer.HttpServer
      return makeState({
        scenario,
        url: HttpServer.formatAddress(address),
        privateKeyPem: scenario.app.privateKey ?? (yield* appKey),
        seed: options.seed ?? 0,
        webhookUrl: options.webhookUrl,
        now: yield* Clock.currentTimeMillis
      })
    })
  )

const service = Layer.effect(
  Sandbox,
  Effect.map(State, (state) =>
    Sandbox.of({
      ...makeControl(state),
      url: state.url,
      app: state.app
    })
  )
)

/** Everything of one sandbox. */
const parts = (options: SandboxOptions) => {
  const server = createServer()
  const listening = NodeHttpServer.layerServer(() => server, {
    host: "127.0.0.1",
    port: options.port ?? 0,
    gracefulShutdownTimeout: 1000
  })
  const serving = HttpRouter.serve(Routes, {
    disableLogger: true,
    disableListenLog: true,
    routerConfig: { maxParamLength: 1000, caseSensitive: true }
  })
  const hangUp = Layer.effectDiscard(Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections())))
  return Layer.mergeAll(service, serving).pipe(
    Layer.provide(stateLayer(options)),
    Layer.provide(hangUp),
    Layer.provide(listening)
  )
}

/**
 * Serves a scenario on 127.0.0.1 until the scope closes; a request in hand then has a second to end. Nothing but
 * {@link Sandbox} gets out: a router that did would serve the sandbox's routes, and those of whatever is beside it, on both
 * servers.
 */
export const layer = (options: SandboxOptions) =>
  Layer.effect(
    Sandbox,
    Effect.map(
      Effect.suspend(() => Layer.build(parts(options))),
      (context) => Context.get(context, Sandbox)
    )
  )
