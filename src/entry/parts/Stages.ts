/** The settings of the stages, from the environment's. */
import { Layer } from "effect"
import { layerSettings, WebhookSecrets } from "../../flow/Settings.ts"
import type { Configuration } from "../Configuration.ts"

/** What Plan, Dispatch and Report must know. */
export const layerStages = (
  configuration: Pick<
    Configuration,
    | "CREATE_ISSUES"
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

/** What Receive must know to distinguish GitHub's requests from others. */
export const layerWebhookSecrets = (
  configuration: Pick<Configuration, "GITHUB_WEBHOOK_SECRET" | "GITHUB_WEBHOOK_SECRET_PREVIOUS">
): Layer.Layer<WebhookSecrets> =>
  Layer.succeed(WebhookSecrets, {
    current: configuration.GITHUB_WEBHOOK_SECRET,
    previous: configuration.GITHUB_WEBHOOK_SECRET_PREVIOUS
  })
