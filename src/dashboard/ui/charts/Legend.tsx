/** What the colours of a chart stand for. Each entry is the filter for its status, so it also chooses what is brought out. */
import { count } from "../format/Numbers.ts"
import { type Status, statusHints, statusLabels } from "../format/Words.ts"
import { useView } from "../hooks/Page.ts"
import { toggled } from "../state/View.ts"

interface Props {
  readonly entries: ReadonlyArray<readonly [status: Status, total: number]>
}

export const Legend = ({ entries }: Props) => {
  const [view, go] = useView()
  return (
    <ul class="legend">
      {entries.map(([status, total]) => (
        <li key={status}>
          <button
            type="button"
            aria-pressed={view.status === status}
            class={view.status === status ? "is-chosen" : ""}
            title={statusHints[status]}
            onClick={() => go(toggled(view, "status", status))}
          >
            <i class={`fill-${status}`} />
            {statusLabels[status]} <b>{count(total)}</b>
          </button>
        </li>
      ))}
    </ul>
  )
}
