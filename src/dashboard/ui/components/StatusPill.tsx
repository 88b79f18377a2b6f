/** What became of something: colour, icon and word together, so that none of them alone carries it. */
import { type Status, statusHints, statusIcons, statusLabels } from "../format/Words.ts"
import { Icon } from "./Icon.tsx"

interface Props {
  readonly status: Status
  /** Shown instead of the word, such as a count. */
  readonly text?: string
}

export const StatusPill = ({ status, text }: Props) => (
  <span class={`pill is-${status}`} title={statusHints[status]}>
    <Icon name={statusIcons[status]} />
    {text ?? statusLabels[status]}
  </span>
)
