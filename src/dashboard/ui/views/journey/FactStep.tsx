/** A fact as a step of a journey: its word and icon from the fact table, and what happened in this case. */
import type { ComponentChildren } from "preact"
import type { SkippedRules } from "../../../../domain/Decision.ts"
import type { FactView, Sent } from "../../api/Sent.ts"
import { Link } from "../../components/Links.tsx"
import { TimeText } from "../../components/Time.tsx"
import { ruleUrl } from "../../format/GitHub.ts"
import { count, duration } from "../../format/Numbers.ts"
import { factLabel, reasonLabel, statusOfType } from "../../format/Words.ts"
import { CheckLines } from "../CheckLines.tsx"
import { Step } from "./Step.tsx"

interface SkippedProps {
  readonly skipped: NonNullable<Sent<SkippedRules>["skipped"]>
  /** How many more there are. */
  readonly more: number
  readonly origin: string | undefined
}

/** The rules that are not about the run, and why. */
const Skipped = ({ skipped, more, origin }: SkippedProps) => (
  <details class="skipped" open={skipped.length < 4}>
    <summary>Rules that are not about this run</summary>
    <ul>
      {skipped.map(({ rule, message }) => (
        <li key={`${rule.file} ${rule.path}`}>
          <span class="rule" title={rule.path}>
            <Link to={origin === undefined ? undefined : ruleUrl(origin, rule)}>
              {rule.file}:{rule.line}
            </Link>
          </span>{" "}
          {message}
        </li>
      ))}
      {more > 0 && <li class="muted">and {count(more)} more</li>}
    </ul>
  </details>
)

const Because = ({
  code,
  message,
  before
}: {
  readonly code?: string
  readonly message: string
  readonly before?: string
}) => (
  <p class="because">
    {before}
    {code !== undefined && <strong title={code}>{reasonLabel(code)}: </strong>}
    {message}
  </p>
)

const withdrawn = "Both sides agreed when it was planned, but consent was withdrawn before the start. "

interface Props {
  readonly fact: FactView
  /** What the time since is counted from. */
  readonly since: string
  /** GitHub's address, for links; undefined if it is not known. */
  readonly origin: string | undefined
}

const details = ({ fact, origin }: Props): ComponentChildren => {
  switch (fact.type) {
    case "dispatch.request.accepted":
      return "Verified and stored."
    case "dispatch.request.ignored":
      return (
        <>
          <p>{fact.data.reason}</p>
          <Skipping data={fact.data} origin={origin} />
        </>
      )
    case "dispatch.plan.created":
      return (
        <>
          <p>
            {count(fact.data.allowed)} allowed, {count(fact.data.denied)} denied.
          </p>
          <Skipping data={fact.data} origin={origin} />
        </>
      )
    case "dispatch.config.invalid": {
      const { file, line, message, problems } = fact.data
      return (
        <p class="because">
          <strong>
            {file}:{line}:{" "}
          </strong>
          {message}
          {problems > 1 && ` (the first of ${count(problems)} problems)`}
        </p>
      )
    }
    case "dispatch.config.unreachable":
    case "dispatch.trigger.unknown":
      return <Because message={fact.data.message} />
    case "dispatch.target.queued":
      return <CheckLines checks={fact.data.checks} origin={origin} />
    case "dispatch.target.denied":
      return (
        <>
          <Because {...fact.data} />
          <CheckLines checks={fact.data.checks} origin={origin} />
        </>
      )
    case "dispatch.trigger.succeeded": {
      const { elapsed, started } = fact.data
      return (
        <p>
          Started {duration(elapsed)} after acceptance.{" "}
          {started === null ? "GitHub named no run." : <Link to={started.url}>Started run</Link>}
        </p>
      )
    }
    case "dispatch.trigger.failed":
      return <Because {...fact.data} />
    case "dispatch.trigger.withdrawn":
      return <Because {...fact.data} before={withdrawn} />
    case "dispatch.run.completed": {
      const { conclusion, duration: took, startedAttempt, started } = fact.data
      return (
        <p>
          <Link to={started.url}>Started run</Link>: {conclusion ?? "no conclusion"}
          {took !== null && ` after ${duration(took)}`}
          {startedAttempt > 1 && `, attempt ${startedAttempt}`}.
        </p>
      )
    }
    case "dispatch.run.lost":
      return <Because message={fact.data.message} />
    case "dispatch.report.published":
      return fact.data.issue === null ? (
        "To the log of the service."
      ) : (
        <Link to={fact.data.issue.url}>Issue #{fact.data.issue.number}</Link>
      )
    case "dispatch.replay.requested":
      return `Asked for by ${fact.data.by}`
    case "dispatch.delivery.redelivered":
      return (
        <span>
          It was lost <TimeText at={fact.data.acceptedAt} />, so GitHub was asked to send it again
          {fact.data.asked > 1 && ` (request ${count(fact.data.asked)})`}.
        </span>
      )
    case "other":
      return undefined
  }
}

const Skipping = ({
  data: { skipped = [], moreSkipped = 0 },
  origin
}: {
  readonly data: Sent<SkippedRules>
  readonly origin: string | undefined
}) => (skipped.length === 0 ? null : <Skipped skipped={skipped} more={moreSkipped} origin={origin} />)

export const FactStep = (props: Props) => {
  const { fact, since } = props
  const type = fact.type === "other" ? fact.kind : fact.type
  const { generation } = fact.data
  return (
    <Step
      status={statusOfType(type)}
      title={factLabel(type)}
      {...(generation === 0 ? {} : { word: `replay ${generation}` })}
      at={fact.time}
      since={since}
    >
      {details(props)}
    </Step>
  )
}
