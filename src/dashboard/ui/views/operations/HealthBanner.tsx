/** How the whole service does, whatever the filters are: one colour with its reasons, and of which moment that is. */
import type { Health } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Icon, type IconName } from "../../components/Icon.tsx"
import { Failed, useDoubt } from "../../components/Notices.tsx"
import { TimeText } from "../../components/Time.tsx"
import { count, share } from "../../format/Numbers.ts"
import { healthLabel } from "../../format/Words.ts"
import type { Shown } from "../../hooks/Remote.ts"

const icons: Readonly<Record<Health["status"], IconName>> & Partial<Readonly<Record<string, IconName>>> = {
  green: "dispatched",
  amber: "warning",
  red: "failed",
  unknown: "unknown"
}

const backlogText = ({ unplanned, unsettled }: Sent<Health>["backlog"]): string =>
  unplanned === 0 && unsettled === 0 ? "none" : `${count(unplanned)} unplanned, ${count(unsettled)} unsettled`

const Facts = ({ health, isKnown }: { readonly health: Sent<Health>; readonly isKnown: boolean }) => {
  const { asOf, lastFactAt, backlog, successRate } = health
  const isWaiting = isKnown && (backlog.unplanned > 0 || backlog.unsettled > 0)
  return (
    <dl>
      <div>
        <dt>Last fact</dt>
        <dd>{lastFactAt === null ? "–" : <TimeText at={lastFactAt} />}</dd>
      </div>
      <div class={isKnown ? "" : "is-bad"}>
        <dt>Figures</dt>
        <dd>{asOf === null ? "none yet" : <TimeText at={asOf} />}</dd>
      </div>
      <div>
        <dt>Success, last hour</dt>
        <dd>{isKnown ? share(successRate) : "–"}</dd>
      </div>
      <div class={isWaiting ? "is-waiting" : ""}>
        <dt>Backlog</dt>
        <dd title="Accepted runs without a plan, and allowed targets without an outcome">
          {isKnown ? backlogText(backlog) : "–"}
        </dd>
      </div>
    </dl>
  )
}

interface Reason {
  readonly code: string
  readonly message: string
}

/** Until the first fact is in the figures, lists may already show what has not been counted. */
const notCounted: Reason = { code: "idle", message: "Nothing has been counted yet." }

/** Reasons that stand; of a moment that is over only the doubt does. */
const reasonsOf = ({ status, reasons, lastFactAt }: Sent<Health>, doubt: string | undefined): ReadonlyArray<Reason> => {
  const standing = reasons.map((reason) => (reason.code === "idle" && lastFactAt === null ? notCounted : reason))
  return doubt === undefined || (status === "unknown" && standing.length > 0)
    ? standing
    : [{ code: "doubt", message: doubt }]
}

const Banner = ({ health }: { readonly health: Sent<Health> }) => {
  const doubt = useDoubt(health.asOf)
  const status = doubt === undefined ? health.status : "unknown"
  const reasons = reasonsOf(health, doubt)
  return (
    <section class={`health at-health is-${status}`} aria-label="Health of the service">
      <span class="signal">
        <Icon name={icons[status] ?? "unknown"} />
      </span>
      <div class="verdict">
        <strong>{healthLabel(status)}</strong>
        {reasons.length > 0 && (
          <ul class="chips">
            {reasons.map(({ code, message }) => (
              <li key={`${code} ${message}`} class="chip" title={code}>
                {message}
              </li>
            ))}
          </ul>
        )}
      </div>
      <Facts health={health} isKnown={doubt === undefined} />
    </section>
  )
}

export const HealthBanner = ({ health: { value, failure, retry } }: { readonly health: Shown<Sent<Health>> }) => {
  if (value !== undefined) return <Banner health={value} />
  return (
    <section class="health at-health is-unknown" aria-label="Health of the service" aria-busy={failure === undefined}>
      {failure === undefined ? (
        <p class="skeleton-line">Looking how the service does…</p>
      ) : (
        <Failed failure={failure} retry={retry} />
      )}
    </section>
  )
}
