/** What `doctor` makes of what it found: for each thing whether it is well, and if not, what to do. Pure. */
import type { AppInspection, InstallationInspection, Refused } from "../../adapters/github/AppInspection.ts"
import { isShutOut } from "../../domain/Obstacle.ts"
import { counted } from "../../domain/Sentence.ts"
import type { LogPage } from "../../ports/Deliveries.ts"
import type { GitHubError } from "../../ports/GitHubError.ts"
import { appEvents, permissions } from "./Manifest.ts"

/** One thing that was looked at. */
export interface CheckResult {
  readonly about: string
  /** `advice` is no fault, but worth knowing. */
  readonly verdict: "good" | "bad" | "advice"
  readonly found: string
  /** What to do; absent if nothing. */
  readonly fix?: string
}

const good = (about: string, found: string): CheckResult => ({ about, verdict: "good", found })
const bad = (about: string, found: string, fix: string): CheckResult => ({ about, verdict: "bad", found, fix })
const advice = (about: string, found: string, fix: string): CheckResult => ({ about, verdict: "advice", found, fix })

/** GitHub refuses an App's signature that is this far in the future. */
const mostSkew = 60_000
/** What may as well be the way of the answer. */
const usualSkew = 5_000

const rank = ["read", "write", "admin"]
const lacking = (granted: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.entries(permissions)
    .filter(([name, needed]) => rank.indexOf(granted[name] ?? "") < rank.indexOf(needed))
    .map(([name, needed]) => `${name}: ${needed}`)

/** What an installation goes without that has not granted a permission. */
const lackedBy = {
  checks: ["check runs", "its owners have to accept the new permissions; the service looks again after a day"],
  issues: ["issues", "its owners have to accept the new permissions; reports go to the log until then"]
} as const

const ofApp = ({ app }: AppInspection, slug: string | undefined): ReadonlyArray<CheckResult> => {
  const missing = lacking(app.permissions)
  const unheard = appEvents.filter((event) => !app.events.includes(event))
  const isNamed = slug === undefined || app.slug.toLowerCase() === slug.toLowerCase()
  return [
    isNamed
      ? good("credentials", `GitHub calls this App ${app.slug} (${app.id})`)
      : advice(
          "credentials",
          `App ${app.id} is called ${app.slug}, not ${slug}`,
          `set GITHUB_APP_SLUG=${app.slug}, or leave it out; nothing but this check reads it`
        ),
    missing.length === 0
      ? good("permissions", "all that are needed")
      : bad("permissions", `lacking ${missing.join(", ")}`, "add them on the App's page, Permissions & events"),
    unheard.length === 0
      ? good("events", app.events.join(", "))
      : bad("events", `not subscribed to ${unheard.join(", ")}`, "subscribe on the App's page, Permissions & events")
  ]
}

const ofClock = ({ clockSkew }: AppInspection): CheckResult => {
  const seconds = Math.round(Math.abs(clockSkew) / 1000)
  if (Math.abs(clockSkew) <= usualSkew) return good("clock", "as GitHub's")
  const found = `${seconds} s ${clockSkew > 0 ? "ahead of" : "behind"} GitHub's`
  const fix = "synchronise the clock (NTP); GitHub refuses signatures from the future"
  return Math.abs(clockSkew) > mostSkew / 2 ? bad("clock", found, fix) : advice("clock", found, fix)
}

const ofHook = ({ hook }: AppInspection): ReadonlyArray<CheckResult> => {
  const page = "on the App's page, General, Webhook"
  const address = hook.url ?? ""
  const isJson = hook.content_type === undefined || hook.content_type === "json"
  return [
    address === "" ? bad("webhook", "no address", `set one ${page}`) : good("webhook", address),
    ...(isJson ? [] : [bad("content type", `${hook.content_type}`, `choose application/json ${page}`)]),
    (hook.secret ?? "") === ""
      ? bad("secret", "GitHub does not sign", `set the value of GITHUB_WEBHOOK_SECRET as secret ${page}`)
      : good("secret", "GitHub signs what it sends"),
    ...(String(hook.insecure_ssl ?? "0") === "0"
      ? []
      : [bad("certificate", "GitHub does not verify it", `enable SSL verification ${page}`)])
  ]
}

const ofInstallations = ({ app, installations }: AppInspection): ReadonlyArray<CheckResult> => {
  if (installations.length === 0) {
    return [bad("installations", "none", `install it: its page, Install App (${app.slug})`)]
  }
  const names = installations.map(({ account }) => account?.login ?? "?")
  const behind = installations.filter(({ permissions }) => lacking(permissions).length > 0)
  const suspended = installations.filter(({ suspended_at }) => suspended_at !== null)
  const named = (some: AppInspection["installations"]) => some.map(({ account }) => account?.login ?? "?").join(", ")
  return [
    good("installations", names.join(", ")),
    ...(behind.length === 0
      ? []
      : [advice("consent", `${named(behind)} granted less`, "its owners have to accept the new permissions")]),
    ...(["checks", "issues"] as const).flatMap((name) => {
      const needed = `${name}: ${permissions[name]}`
      const without = behind.filter((one) => lacking(one.permissions).includes(needed))
      const [what, fix] = lackedBy[name]
      return without.length === 0
        ? []
        : [advice(what, `none in the repositories of ${named(without)}: not granted ${needed}`, fix)]
    }),
    ...(suspended.length === 0 ? [] : [advice("suspended", named(suspended), "its owners can unsuspend it")])
  ]
}

/** Of what GitHub says. */
export const diagnose = (inspection: AppInspection, slug: string | undefined): ReadonlyArray<CheckResult> => [
  ...ofApp(inspection, slug),
  ofClock(inspection),
  ...ofHook(inspection),
  ...ofInstallations(inspection)
]

/** What an owner that shuts the App out has to do, by GitHub's words. */
const letIn = (message: string): string => {
  if (/IP allow list/i.test(message)) {
    return "its owners have to put the service's address on their IP allow list (Settings, Authentication security)"
  }
  return /SAML/.test(message)
    ? "its owners have to let the App pass their single sign-on (Settings, Authentication security)"
    : "its owners have to unsuspend it (Settings, GitHub Apps)"
}

const ofRefused = ({ account, error: { reason } }: Refused): CheckResult => {
  const { message } = reason
  if (reason._tag === "Forbidden" && isShutOut(message)) {
    return bad("shut out", `${account} shuts the App out: ${message}`, letIn(message))
  }
  return advice(
    "access",
    `${account} cannot be read: ${message}`,
    "try again; if it stays so, look at the installation: the App's page, Install App"
  )
}

/** Entries that are named; there may be hundreds. */
const mostNamed = 5

const namedFirst = (names: ReadonlyArray<string>): string => {
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : ""
  return names.slice(0, mostNamed).join(", ") + more
}

/** Of what the installations let the App see: those that refuse it, and repositories that take less than others. */
export const diagnoseInstallations = ({
  refused,
  archived,
  withoutIssues
}: InstallationInspection): ReadonlyArray<CheckResult> => [
  ...refused.map(ofRefused),
  ...(archived.length === 0
    ? []
    : [
        advice(
          "archived",
          `${namedFirst(archived)}: no check runs, no issues, and no workflow can be started`,
          "nothing, if that is meant; the service looks again after a day"
        )
      ]),
  ...(withoutIssues.length === 0
    ? []
    : [
        advice(
          "issues off",
          `${namedFirst(withoutIssues)}: reports go to the log`,
          "nothing, if that is meant; or switch issues on in the repository's settings"
        )
      ])
]

const ofUnreadable = (names: ReadonlyArray<string>): ReadonlyArray<CheckResult> => {
  if (names.length === 0) return []
  return [
    advice(
      "log entries",
      `${counted(names.length, "entry", "entries")} of GitHub's log cannot be read: ${namedFirst(names)}`,
      "look for them on the App's page, Advanced, Recent deliveries; one that failed is redelivered only there"
    )
  ]
}

/** Of the newest page of GitHub's log of what it delivered. */
export const diagnoseLog = ({ attempts, unreadable }: LogPage): ReadonlyArray<CheckResult> => [
  ofNewest(attempts),
  ...ofUnreadable(unreadable)
]

const ofNewest = ([newest]: LogPage["attempts"]): CheckResult => {
  if (newest === undefined) return good("deliveries", "none in the last day")
  if (newest.statusCode === 401) {
    const fix = "is GITHUB_WEBHOOK_SECRET the App's? Set the same at both"
    return bad("deliveries", "the newest was answered with 401", fix)
  }
  return good("deliveries", `GitHub's log can be read; the newest was answered with ${newest.statusCode}`)
}

/** Of a log that cannot be read: then nothing that was lost is redelivered. */
export const diagnoseUnreadLog = ({ message }: GitHubError): CheckResult =>
  bad("deliveries", `GitHub's log of deliveries cannot be read: ${message}`, "try again; if it stays so, report it")

/** Of an answer that is not GitHub's, or of none: by the words of Reasons.ts. */
const diagnoseNoAnswer = (message: string, apiUrl: string): CheckResult => {
  if (/^the proxy refuses/.test(message)) {
    return bad("proxy", message, "check HTTPS_PROXY (with name and password), or except GitHub by NO_PROXY")
  }
  if (/^something (redirects|else)/.test(message)) {
    return bad(
      "GitHub",
      message,
      `check GITHUB_API_URL (${apiUrl}), and what stands before GitHub: a proxy, a firewall, a sign-in page; HTTPS_PROXY and NO_PROXY set the way`
    )
  }
  if (/CERT|SIGNED|SIGNATURE/.test(message)) {
    return bad("certificate", message, "name the file of your authority's certificates in NODE_EXTRA_CA_CERTS")
  }
  return bad("GitHub", message, `check GITHUB_API_URL (${apiUrl}), HTTPS_PROXY and the network, and try again`)
}

/** Of GitHub not answering as the App. */
export const diagnoseFailure = ({ reason }: GitHubError, apiUrl = "https://api.github.com"): CheckResult => {
  const unknown = bad("credentials", "GitHub knows no such App", `check GITHUB_APP_ID, and GITHUB_API_URL (${apiUrl})`)
  switch (reason._tag) {
    case "NotFound":
      return unknown
    case "Unauthorized":
      if (reason.message.startsWith("Integration not found")) return unknown
      return bad(
        "credentials",
        `GitHub refuses the signature: ${reason.message}`,
        "check that GITHUB_APP_PRIVATE_KEY is a key of this App, and the clock"
      )
    case "RateLimited":
      return bad("GitHub", reason.message, "wait, and try again")
    case "Unavailable":
      return diagnoseNoAnswer(reason.message, apiUrl)
    default:
      return bad("GitHub", reason.message, `check GITHUB_API_URL (${apiUrl}) and the network, and try again`)
  }
}

/** Of what the webhook's address answered to a signed ping. */
export const diagnosePing = (status: number): CheckResult => {
  if (status >= 200 && status < 300) return good("reachable", `a signed request is answered with ${status}`)
  return status === 401
    ? bad("reachable", "the service refuses our signature (401)", "give it the GITHUB_WEBHOOK_SECRET that is set here")
    : bad("reachable", `the webhook's address answers ${status}`, "it must be the service's /webhooks/github")
}

/** No answer came from there. */
export const diagnoseSilence = (why: string): CheckResult =>
  bad("reachable", `the webhook's address does not answer: ${why}`, "start the service, or correct the address")

/** Of telemetry that goes nowhere, which may be meant. */
export const diagnoseNoCollector = (why: string): CheckResult => good("telemetry", `goes nowhere: ${why}`)

/** What to do about a collector that cannot be reached, by the words of Node and undici. */
const reachCollector = (why: string): string => {
  if (/proxy/i.test(why)) return "check HTTPS_PROXY (with name and password), or except the collector by NO_PROXY"
  return /cert|signed|signature/i.test(why)
    ? "name the file of your authority's certificates in NODE_EXTRA_CA_CERTS"
    : "start the collector, or correct OTEL_EXPORTER_OTLP_ENDPOINT"
}

/** Of a collector of telemetry that was sent an empty report: the status of its answer, or why there was none. */
export const diagnoseCollector = (signal: string, address: string, answer: number | string): CheckResult => {
  if (typeof answer === "string") {
    return bad(signal, `${address} does not answer: ${answer}`, reachCollector(answer))
  }
  if (answer >= 200 && answer < 300) return good(signal, `${address} takes them`)
  const found = `${address} answers ${answer}`
  return answer === 401 || answer === 403
    ? bad(signal, found, "check OTEL_EXPORTER_OTLP_HEADERS")
    : bad(signal, found, "check OTEL_EXPORTER_OTLP_ENDPOINT and its path; it must be an OTLP/HTTP collector's")
}
