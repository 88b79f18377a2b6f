/**
 * Lists of words, and forms of names, that the domain's schemas are made of and that the dashboard's page needs at run time. There is no
 * schema in this file, because the page's bundle has no room for them. Pure.
 */

/** Windows of figures. `30d` and `90d` are whole UTC days with the day of now; the others end with the minute of `asOf`. */
export const windows = ["15m", "1h", "24h", "7d", "30d", "90d"] as const
/** The windows for which there are rankings. */
export const rankedWindows = ["15m", "1h", "24h", "7d"] as const
/** What is ranked. */
export const rankings = ["sources", "targets", "workflows", "versions", "movers", "results"] as const
/** By what runs are found; `run` takes a run id or its URL. */
export const findKeys = ["number", "run", "commit", "branch", "actor"] as const

/** What a `conclusion` may be (GitHub REST API, "workflow runs"); others that GitHub may invent match no rule. */
export const conclusions = [
  "success",
  "failure",
  "cancelled",
  "skipped",
  "neutral",
  "timed_out",
  "action_required",
  "stale",
  "startup_failure"
] as const

/**
 * Owners: today's accounts have letters, digits and single hyphens inside, older ones hyphens anywhere, managed users a `_` before their
 * company's short code. Repositories: letters, digits, `.`, `-`, `_`, at most 100.
 * https://docs.github.com/en/enterprise-cloud@latest/admin/managing-iam/iam-configuration-reference/username-considerations-for-external-authentication
 */
export const repositoryPattern = /^[A-Za-z0-9_-]{1,100}\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/

/**
 * The conclusions that GitHub itself takes for success where a check is required.
 * https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/collaborating-on-repositories-with-code-quality-features/about-status-checks
 */
export const goodConclusions = ["success", "neutral", "skipped"] as const

/** The form of a run's key: repository id, run id, attempt. */
export const runKeyPattern = /^\d{1,20}\/\d{1,20}\/\d{1,16}$/

/** The form of the `X-GitHub-Delivery` header of a webhook request. */
export const deliveryPattern = /^[A-Za-z0-9-]{1,64}$/
