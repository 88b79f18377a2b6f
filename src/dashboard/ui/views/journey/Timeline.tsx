/** A journey step by step: what happened to the run, and to each target, with the time since it was accepted. */
import { Link } from "../../components/Link.tsx"
import { Time } from "../../components/Time.tsx"
import { originOf } from "../../format/Links.ts"
import { Step } from "./Step.tsx"
import type { Round, Story } from "./Story.ts"
import { TargetStep } from "./TargetStep.tsx"

const RunStep = ({ fact, since }: { readonly fact: Round["facts"][number]; readonly since: string }) => {
  const step = { at: fact.time, since }
  switch (fact.type) {
    case "dispatch.request.accepted":
      return (
        <Step {...step} status="accepted" title="Accepted">
          Verified, decoded and stored before GitHub was answered.
        </Step>
      )
    case "dispatch.request.ignored":
      return (
        <Step {...step} status="ignored" title="Nothing to do">
          {fact.data.reason}
        </Step>
      )
    case "dispatch.plan.created":
      return (
        <Step {...step} status="planned" title="Planned">
          {fact.data.allowed} allowed, {fact.data.denied} denied.
        </Step>
      )
    case "dispatch.config.invalid":
      return (
        <Step {...step} status="invalid" title="The source's dispatching.yml is invalid">
          {fact.data.file}:{fact.data.line}: {fact.data.message}
          {fact.data.problems > 1 && ` (the first of ${fact.data.problems} problems)`}
        </Step>
      )
    case "dispatch.config.unreachable":
      return (
        <Step {...step} status="unreachable" title="The source's dispatching.yml cannot be read">
          {fact.data.message}
        </Step>
      )
    case "dispatch.report.published":
      return (
        <Step {...step} status="reported" title="Reported">
          {fact.data.issue === null ? (
            "To the log of the service."
          ) : (
            <Link to={fact.data.issue.url}>Issue #{fact.data.issue.number}</Link>
          )}
        </Step>
      )
    case "dispatch.replay.requested":
      return (
        <Step {...step} status="replayed" title="Replay asked for">
          by {fact.data.by}
        </Step>
      )
    case "dispatch.delivery.redelivered":
      return (
        <Step {...step} status="redelivered" title="Redelivered">
          <span>
            It was lost <Time at={fact.data.acceptedAt} />, so GitHub was asked to send it again
            {fact.data.asked > 1 && ` (request ${fact.data.asked})`}.
          </span>
        </Step>
      )
    case "other":
      return <Step {...step} status="unknown" title={fact.kind} />
  }
}

/** What comes after the targets; everything else comes before them. */
const isLast = ({ type }: Round["facts"][number]): boolean => type === "dispatch.report.published"

const RoundSteps = ({ round, story }: { readonly round: Round; readonly story: Story }) => {
  const since = round.generation === 0 ? story.acceptedAt : (round.facts[0]?.time ?? story.acceptedAt)
  const origin = originOf(story.accepted?.runUrl)
  return (
    <section class="round">
      {story.rounds.length > 1 && <h3>{round.generation === 0 ? "First time" : `Replay ${round.generation}`}</h3>}
      <ol class="timeline">
        {round.facts
          .filter((fact) => !isLast(fact))
          .map((fact) => (
            <RunStep key={fact.id} fact={fact} since={since} />
          ))}
        {round.targets.map((target) => (
          <TargetStep key={target.key} target={target} since={since} origin={origin} />
        ))}
        {round.facts.filter(isLast).map((fact) => (
          <RunStep key={fact.id} fact={fact} since={since} />
        ))}
      </ol>
    </section>
  )
}

export const Timeline = ({ story }: { readonly story: Story }) => (
  <>
    {story.rounds.map((round) => (
      <RoundSteps key={round.generation} round={round} story={story} />
    ))}
  </>
)
