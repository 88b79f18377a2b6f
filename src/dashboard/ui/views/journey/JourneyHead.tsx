/** What a journey began with: the source run, and how its targets ended, in one look. */
import { Icon } from "../../components/Icon.tsx"
import { Link } from "../../components/Link.tsx"
import { Repository } from "../../components/Repository.tsx"
import { StatusPill } from "../../components/StatusPill.tsx"
import { Time } from "../../components/Time.tsx"
import { commitUrl, originOf } from "../../format/Links.ts"
import { count } from "../../format/Numbers.ts"
import { statusLabels } from "../../format/Words.ts"
import { type Story, targetCounts } from "./Story.ts"

const Commit = ({ story }: { readonly story: Story }) => {
  const { accepted, repository } = story
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

export const JourneyHead = ({ story }: { readonly story: Story }) => {
  const { accepted, repository, workflow, runId, attempt, acceptedAt, arrived, deliveryId, versions } = story
  const last = story.rounds.at(-1)
  const ends = targetCounts(last?.targets ?? [])
  return (
    <div class="journey-head">
      <p class="source">
        <Repository name={repository} as="source" />
      </p>
      <p class="run">
        <strong>{workflow}</strong>
        <Link to={accepted?.runUrl}>
          run #{runId}
          {attempt > 1 && `, attempt ${attempt}`}
        </Link>
        <Commit story={story} />
      </p>
      <p class="pills">
        {[...ends].map(([status, number]) => (
          <StatusPill key={status} status={status} text={`${count(number)} ${statusLabels[status].toLowerCase()}`} />
        ))}
      </p>
      <dl>
        <div>
          <dt>{arrived ? "Accepted" : "Lost"}</dt>
          <dd>
            <Time at={acceptedAt} />
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
              <dd>{accepted.actor ?? "nobody"}</dd>
            </div>
          </>
        )}
        <div>
          <dt>Version</dt>
          <dd>{versions.join(", ")}</dd>
        </div>
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
