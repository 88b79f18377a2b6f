/** How the whole service does, whatever the filters are: one colour with its reasons, and how recent the news is. */
import type { Health } from "../../../../domain/Views.ts"
import { Icon, type IconName } from "../../components/Icon.tsx"
import { Failed } from "../../components/Notices.tsx"
import { Time } from "../../components/Time.tsx"
import { count, share } from "../../format/Numbers.ts"
import { healthLabels } from "../../format/Words.ts"
import { useNow } from "../../hooks/Clock.ts"
import type { Shown } from "../../hooks/Remote.ts"

const icons: Readonly<Record<Health["status"], IconName>> = {
  green: "dispatched",
  amber: "warning",
  red: "failed",
  unknown: "unknown"
}

/** Figures are rewritten every minute; older than this, that has stopped. */
const figuresAreOld = 3 * 60_000

const Facts = ({ health }: { readonly health: Health }) => {
  const now = useNow()
  const { updatedAt, lastFactAt, backlog, successRate } = health
  const old = updatedAt !== null && now - Date.parse(updatedAt) > figuresAreOld
  const waiting = backlog.unplanned + backlog.unsettled
  return (
    <dl>
      <div>
        <dt>Last fact</dt>
        <dd>{lastFactAt === null ? "none yet" : <Time at={lastFactAt} />}</dd>
      </div>
      <div class={old ? "is-bad" : ""}>
        <dt>Figures</dt>
        <dd>{updatedAt === null ? "none yet" : <Time at={updatedAt} />}</dd>
      </div>
      <div>
        <dt>Success, last hour</dt>
        <dd>{share(successRate)}</dd>
      </div>
      <div class={waiting > 0 ? "is-waiting" : ""}>
        <dt>Backlog</dt>
        <dd title="Accepted deliveries without a plan, and queued targets without an outcome">
          {waiting === 0 ? "none" : `${count(backlog.unplanned)} unplanned, ${count(backlog.unsettled)} unsettled`}
        </dd>
      </div>
    </dl>
  )
}

export const HealthBanner = ({ health: { value, failure, retry } }: { readonly health: Shown<Health> }) => {
  if (value === undefined) {
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
  return (
    <section class={`health at-health is-${value.status}`} aria-label="Health of the service">
      <span class="signal">
        <Icon name={icons[value.status]} />
      </span>
      <div class="verdict">
        <strong>{healthLabels[value.status]}</strong>
        {value.reasons.length > 0 && (
          <ul class="chips">
            {value.reasons.map(({ code, message }) => (
              <li key={code} class="chip" title={code}>
                {message}
              </li>
            ))}
          </ul>
        )}
      </div>
      <Facts health={value} />
    </section>
  )
}
