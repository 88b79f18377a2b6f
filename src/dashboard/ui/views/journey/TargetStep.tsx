/** What became of one target, and why: the decision rule by rule, and the run that was started. */
import { Link } from "../../components/Link.tsx"
import { Repository } from "../../components/Repository.tsx"
import { duration } from "../../format/Numbers.ts"
import { reasonLabel, statusLabels } from "../../format/Words.ts"
import { Checks } from "../Checks.tsx"
import { Step } from "./Step.tsx"
import type { TargetStory } from "./Story.ts"

interface Props {
  readonly target: TargetStory
  readonly since: string
  readonly origin: string | undefined
}

const Outcome = ({ target }: { readonly target: TargetStory }) => {
  const { status, code, message, elapsed, startedUrl } = target
  switch (status) {
    case "dispatched":
      return (
        <p>
          Started {elapsed === undefined ? "" : `${duration(elapsed)} after acceptance`}{" "}
          {startedUrl === undefined ? "(GitHub told no run)" : <Link to={startedUrl}>Started run</Link>}
        </p>
      )
    case "queued":
      return <p>Allowed and waiting to be dispatched.</p>
    default:
      return (
        <p class="because">
          {status === "withdrawn" &&
            "Both sides agreed when it was planned, but consent was withdrawn before the start. "}
          {code !== undefined && (
            <strong title={code}>
              {reasonLabel(code)}
              {message !== undefined && ": "}
            </strong>
          )}
          {message}
        </p>
      )
  }
}

export const TargetStep = ({ target, since, origin }: Props) => (
  <Step
    status={target.status}
    at={target.settledAt ?? target.decidedAt}
    since={since}
    word={statusLabels[target.status]}
    title={
      <>
        <Repository name={target.repository} as="target" />
        <span class="muted">
          {target.workflow}@{target.ref}
        </span>
      </>
    }
  >
    <Outcome target={target} />
    {target.checks.length > 0 && <Checks checks={target.checks} origin={origin} />}
  </Step>
)
