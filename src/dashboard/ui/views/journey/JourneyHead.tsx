/** What a journey began with: the source run, and what it came to, in one look. */
import type { DeliveryRow } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Icon } from "../../components/Icon.tsx"
import { Link, TopologyLink } from "../../components/Links.tsx"
import { OutcomePills, StatusPill } from "../../components/Outcomes.tsx"
import { RepositoryLabel } from "../../components/Repository.tsx"
import { TimeText } from "../../components/Time.tsx"
import { commitUrl, originOf } from "../../format/GitHub.ts"
import type { JourneyRun } from "./Run.ts"

const Commit = ({ run }: { readonly run: JourneyRun }) => {
  const { accepted, repository } = run
  const origin = originOf(accepted?.runUrl)
  if (accepted === undefined) return null
  return (
    <span class="branch">
      <Icon name="branch" />
      <span>{accepted.branch ?? "no branch"}</span>
      <Link to={origin === undefined ? undefined : commitUrl(origin, repository, accepted.sha)}>
        <code>{accepted.sha.slice(0, 7)}</code>
      </Link>
    </span>
  )
}

interface Props {
  readonly run: JourneyRun
  /** Null while the run is only known to have been lost. */
  readonly row: Sent<DeliveryRow> | null
}

export const JourneyHead = ({ run, row }: Props) => {
  const { accepted, repository, workflow, runId, attempt, acceptedAt, arrived, deliveryId } = run
  return (
    <div class="journey-head">
      <p class="source">
        <RepositoryLabel name={repository} as="source" /> <TopologyLink name={repository} />
      </p>
      <p class="run">
        <strong>{workflow}</strong>
        <Link to={accepted?.runUrl}>
          run #{row?.runNumber ?? runId}
          {attempt > 1 && `, attempt ${attempt}`}
        </Link>
        <Commit run={run} />
      </p>
      <p>{row === null ? <StatusPill status="redelivered" /> : <OutcomePills row={row} />}</p>
      <dl>
        <div>
          <dt>{arrived ? "Accepted" : "Lost"}</dt>
          <dd>
            <TimeText at={acceptedAt} />
          </dd>
        </div>
        {accepted !== undefined && (
          <>
            <div>
              <dt>Event</dt>
              <dd>{accepted.event}</dd>
            </div>
            <div>
              <dt>Conclusion</dt>
              <dd>{accepted.conclusion ?? "none"}</dd>
            </div>
            <div>
              <dt>Actor</dt>
              <dd>{accepted.actor ?? "none"}</dd>
            </div>
          </>
        )}
        {accepted?.appVersion !== undefined && (
          <div>
            <dt>Version</dt>
            <dd>{accepted.appVersion}</dd>
          </div>
        )}
        <div class="is-wide">
          <dt>Delivery</dt>
          <dd>
            <code>{deliveryId}</code>
          </dd>
        </div>
      </dl>
    </div>
  )
}
