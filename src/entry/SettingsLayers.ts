/** Layers that are made of settings: how the stages are to behave, which secrets webhooks are signed with, and who we are to GitHub. */
import { Layer, type Redacted } from "effect"
import * as App from "../adapters/github/App.ts"
import * as Deliveries from "../adapters/github/Deliveries.ts"
import * as Fetch from "../adapters/github/Fetch.ts"
import * as GitHub from "../adapters/github/GitHub.ts"
import { layerSettings, type SecretPair, WebhookSecrets } from "../flow/Settings.ts"
import { fixed, type Renewed } from "../ports/Renewed.ts"
import type { Configuration } from "./Configuration.ts"
import { type ProxySettings, proxiesOf } from "./Proxies.ts"

/** What Plan, Dispatch and Report must know. */
export const layerStages = (
  configuration: Pick<
    Configuration,
    | "CREATE_CHECKS"
    | "CREATE_ISSUES"
    | "PUBLIC_URL"
    | "CLOSE_ISSUES"
    | "APP_VERSION"
    | "DEFAULT_DISPATCH_REF"
    | "SOURCE_REPO_ALLOWLIST"
    | "TARGET_REPO_ALLOWLIST"
    | "DISPATCH_MAX_TARGETS_PER_RUN"
    | "DISPATCH_MAX_CHAIN_DEPTH"
    | "DISPATCH_MAX_CHAIN_STARTS"
    | "DISPATCH_MAX_OTHER_OWNERS"
  >
) =>
  layerSettings({
    createIssues: configuration.CREATE_ISSUES,
    createChecks: configuration.CREATE_CHECKS,
    publicUrl: configuration.PUBLIC_URL,
    closeIssues: configuration.CLOSE_ISSUES,
    appVersion: configuration.APP_VERSION,
    policy: {
      defaultRef: configuration.DEFAULT_DISPATCH_REF,
      sourceAllowlist: configuration.SOURCE_REPO_ALLOWLIST,
      targetAllowlist: configuration.TARGET_REPO_ALLOWLIST,
      maxTargets: configuration.DISPATCH_MAX_TARGETS_PER_RUN,
      maxChainDepth: configuration.DISPATCH_MAX_CHAIN_DEPTH,
      maxChainStarts: configuration.DISPATCH_MAX_CHAIN_STARTS,
      maxOtherOwners: configuration.DISPATCH_MAX_OTHER_OWNERS
    }
  })

/** The webhook secrets of the settings. */
export const secretPair = (
  configuration: Pick<Configuration, "GITHUB_WEBHOOK_SECRET" | "GITHUB_WEBHOOK_SECRET_PREVIOUS">
): SecretPair => ({
  current: configuration.GITHUB_WEBHOOK_SECRET,
  previous: configuration.GITHUB_WEBHOOK_SECRET_PREVIOUS
})

/** What Receive must know to distinguish GitHub's requests from others. */
export const layerWebhookSecrets = (configuration: Parameters<typeof secretPair>[0]): Layer.Layer<WebhookSecrets> =>
  Layer.succeed(WebhookSecrets, fixed(secretPair(configuration)))

/** What makes the App. */
export type AppSettings = Pick<Configuration, "GITHUB_APP_ID" | "GITHUB_APP_PRIVATE_KEY" | "GITHUB_API_URL"> &
  Partial<ProxySettings>

/** The App, whose requests go through the proxies that are set; with a key that may change, if one is given. */
export const layerApp = (settings: AppSettings, privateKey?: Renewed<Redacted.Redacted>) =>
  Layer.merge(
    App.layer({
      id: settings.GITHUB_APP_ID,
      privateKey: privateKey ?? settings.GITHUB_APP_PRIVATE_KEY,
      apiUrl: settings.GITHUB_API_URL
    }),
    Fetch.layer(proxiesOf(settings))
  )

/** GitHub, as the App. */
export const layerGitHub = (settings: AppSettings) =>
  Layer.mergeAll(GitHub.layer, Deliveries.layer).pipe(Layer.provide(layerApp(settings)))
