/** One entry of a journey's timeline: what happened, and how long after the beginning. */
import type { ComponentChildren } from "preact"
import { Icon } from "../../components/Icon.tsx"
import { exactly, stepTime } from "../../format/Times.ts"
import { type Status, statusIcons } from "../../format/Words.ts"

interface StepProps {
  readonly status: Status
  readonly title: ComponentChildren
  /** A word for what it came to. */
  readonly word?: string
  readonly at: string | undefined
  /** What the time since is counted from. */
  readonly since: string
  readonly children?: ComponentChildren
}

export const Step = ({ status, title, word, at, since, children }: StepProps) => {
  const time = at === undefined ? Number.NaN : Date.parse(at)
  return (
    <li class={`step is-${status}`}>
      <span class="node">
        <Icon name={statusIcons[status]} />
      </span>
      <div class="step-head">
        <strong>{title}</strong>
        {word !== undefined && <span class="word">{word}</span>}
        {!Number.isNaN(time) && (
          <time dateTime={at ?? ""} title={exactly(time)}>
            {stepTime(time, Date.parse(since))}
          </time>
        )}
      </div>
      {children !== undefined && <div class="step-body">{children}</div>}
    </li>
  )
}
