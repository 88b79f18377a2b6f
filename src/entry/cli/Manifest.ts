/**
 * What the App must be on GitHub, for `setup` to register it and for `doctor` to compare.
 * https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
 */

/** All that the dispatcher ever needs; more would need each owner's consent later. */
export const permissions = {
  metadata: "read",
  contents: "read",
  actions: "write",
  issues: "write",
  checks: "write"
} as const

export const appEvents = ["workflow_run"] as const

/** Where people see GitHub whose API is there: `https://github.com`, `https://NAME.ghe.com`, or the Enterprise Server's own address. */
export const websiteOf = (apiUrl: string): string => {
  const { origin, hostname } = new URL(apiUrl)
  const [, cloud] = /^api\.(github\.com|[^.]+\.ghe\.com)$/.exec(hostname) ?? []
  return cloud === undefined ? origin : `https://${cloud}`
}

/** The page to which the manifest is posted. */
export const registrationUrl = (apiUrl: string, organization: string | undefined, state: string): string => {
  const owner = organization === undefined ? "" : `/organizations/${encodeURIComponent(organization)}`
  return `${websiteOf(apiUrl)}${owner}/settings/apps/new?state=${state}`
}

/** The manifest. */
export const manifestOf = (about: {
  readonly name: string
  readonly webhookUrl: string
  readonly redirectUrl: string
}) => ({
  name: about.name,
  url: new URL(about.webhookUrl).origin,
  hook_attributes: { url: about.webhookUrl, active: true },
  redirect_url: about.redirectUrl,
  public: false,
  default_permissions: permissions,
  default_events: appEvents
})
