/** What the stages need to know of how the service is run. Entry points make these from the environment, tests from literals. */
import { Context, Duration, Effect, Layer, type Redacted } from "effect"
import type { Publisher } from "../domain/Fact.ts"
import type { Policy } from "../domain/Policy.ts"
import type { Renewed } from "../ports/Renewed.ts"
import { currentTraceparent } from "../queue/TraceContext.ts"

/** Settings of Plan, Dispatch and Report. */
export class Settings extends Context.Service<
  Settings,
  {
    readonly policy: Policy
    /** Whether reports are issues; otherwise they are log records. */
    readonly createIssues: boolean
    /** Whether runs have check runs on their commits. */
    readonly createChecks: boolean
    /** The dashboard's public address; undefined where it has none. */
    readonly publicUrl: string | undefined
    /** Whether an issue is closed when all is well again and only the App wrote in it. */
    readonly closeIssues: boolean
    /** Version that facts name as their publisher. */
    readonly appVersion: string
  }
>()("dispatcher/flow/Settings") {}

/** Settings that restrict nothing; what is not given is the documented default. */
export const layerSettings = (
  given: Partial<Omit<Settings["Service"], "policy">> & { readonly policy?: Partial<Policy> } = {}
): Layer.Layer<Settings> =>
  Layer.succeed(Settings, {
    createIssues: true,
    createChecks: true,
    publicUrl: undefined,
    closeIssues: true,
    appVersion: "0.0.0",
    ...given,
    policy: {
      defaultRef: "main",
      sourceAllowlist: undefined,
      targetAllowlist: undefined,
      maxTargets: 25,
      maxChainDepth: 5,
      maxChainStarts: 200,
      maxOtherOwners: 10,
      ...given.policy
    }
  })

/** The webhook secret, and the previous one while it is being rotated. */
export interface SecretPair {
  readonly current: Redacted.Redacted
  readonly previous: Redacted.Redacted | undefined
}
/** The webhook secrets, which may change while the process runs. Only Receive gets to see them. */
export class WebhookSecrets extends Context.Service<WebhookSecrets, Renewed<SecretPair>>()(
  "dispatcher/flow/Settings/WebhookSecrets"
) {}

/** How long things may take and when they are tried again. Tests and the demo shorten it. */
export interface Timing {
  /** How long a claim keeps others away. It is renewed before the request that starts a workflow. */
  readonly lease: Duration.Duration
  /** How much later than its end other workers take a lease for over: twice what `GitHubApp.now` may be off. */
  readonly leaseMargin: Duration.Duration
  /** How much of the lease may have passed when that request is sent, so that its answer comes before the end. */
  readonly sendWithin: Duration.Duration
  /** How much of the lease that request may take altogether; then its answer counts as lost. */
  readonly startTimeout: Duration.Duration
  /**
   * How long after a request was given up its run may still appear in GitHub's list, with what clocks may be off; before that, "not found"
   * proves nothing.
   */
  readonly visibleAfter: Duration.Duration
  /** How long the right to write an issue lasts. */
  readonly reportLease: Duration.Duration
  /** How long the orders of a run may take before its check run is created as in progress; a run that is quicker has one write less. */
  readonly checkAfter: Duration.Duration
  /** How long an issue is left alone after it was written to; runs that end meanwhile are reported together. */
  readonly reportEvery: Duration.Duration
  /** How long to wait before looking again. */
  readonly recheck: Duration.Duration
  /** The first wait after GitHub was out of reach; it doubles up to `backoffCap`. */
  readonly backoff: Duration.Duration
  readonly backoffCap: Duration.Duration
}
export const Timing = Context.Reference<Timing>("dispatcher/flow/Settings/Timing", {
  defaultValue: () => ({
    lease: Duration.seconds(30),
    leaseMargin: Duration.seconds(4),
    sendWithin: Duration.seconds(15),
    startTimeout: Duration.seconds(28),
    visibleAfter: Duration.seconds(15),
    reportLease: Duration.seconds(60),
    checkAfter: Duration.seconds(5),
    reportEvery: Duration.seconds(5),
    recheck: Duration.seconds(5),
    backoff: Duration.seconds(2),
    backoffCap: Duration.minutes(15)
  })
})

/** This version, and the trace in which it publishes facts now. */
export const publisher: Effect.Effect<Publisher, never, Settings> = Effect.gen(function* () {
  const { appVersion } = yield* Settings
  return { appVersion, traceparent: yield* currentTraceparent }
})
