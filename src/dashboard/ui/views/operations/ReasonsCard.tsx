/** Why targets were not started in the window, the most frequent reason first. A reason is a filter. */
import type { Kpi } from "../../../../domain/Views.ts"
import { Body, Card } from "../../components/Card.tsx"
import { Empty } from "../../components/Notices.tsx"
import { count } from "../../format/Numbers.ts"
import { isFailureReason, reasonLabel, windowLabels } from "../../format/Words.ts"
import { useExported } from "../../hooks/Exported.ts"
import { useView } from "../../hooks/Page.ts"
import type { Shown } from "../../hooks/Remote.ts"
import { toggled, windowOf } from "../../state/View.ts"

const Reasons = ({ reasons }: Pick<Kpi, "reasons">) => {
  const [view, go] = useView()
  const most = Math.max(1, ...reasons.map(({ count: often }) => often))
  return (
    <ol class="bars">
      {reasons.map(({ code, count: often }) => {
        const chosen = view.reason === code
        return (
          <li key={code}>
            <button
              type="button"
              class={`bar-row${chosen ? " is-chosen" : ""}`}
              aria-pressed={chosen}
              title={code}
              onClick={() => go(toggled(view, "reason", code))}
            >
              <span class="label">{reasonLabel(code)}</span>
              <b>{count(often)}</b>
              <span class="track">
                <i
                  class={isFailureReason(code) ? "fill-failed" : "fill-denied"}
                  style={{ width: `${(often / most) * 100}%` }}
                />
              </span>
            </button>
          </li>
        )
      })}
    </ol>
  )
}

export const ReasonsCard = ({ kpi }: { readonly kpi: Shown<Kpi> }) => {
  const [view] = useView()
  const reasons = kpi.value?.reasons
  useExported(
    reasons && {
      name: "Reasons",
      columns: ["reason", "count"],
      rows: reasons.map(({ code, count: often }) => [code, often])
    }
  )
  return (
    <Card area="reasons" title="Failures and denials" note={`last ${windowLabels[windowOf(view.period)]}`}>
      <Body remote={kpi}>
        {(value) =>
          value.reasons.length === 0 ? (
            <Empty icon="dispatched" title="Nothing was refused">
              No target was denied, none failed, and no consent was withdrawn in this time.
            </Empty>
          ) : (
            <Reasons reasons={value.reasons} />
          )
        }
      </Body>
    </Card>
  )
}
