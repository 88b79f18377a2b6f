/** Why targets were not started in the window, the most frequent reason first. A reason is a filter. */
import type { Figures, Trend } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Track } from "../../charts/Bars.tsx"
import { Card, CardBody } from "../../components/Card.tsx"
import { FreshClaim } from "../../components/Notices.tsx"
import { count } from "../../format/Numbers.ts"
import { isFailureReason, reasonLabel, windowLabels } from "../../format/Words.ts"
import { useExported, useView } from "../../hooks/Page.ts"
import type { Shown } from "../../hooks/Remote.ts"
import { toggled } from "../../state/View.ts"

const Reasons = ({ reasons }: Pick<Sent<Figures>, "reasons">) => {
  const [view, go] = useView()
  // The most frequent one comes first, and has the full length.
  const most = reasons[0]?.count ?? 0
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
              <Track value={often} whole={most} fill={isFailureReason(code) ? "fill-failed" : "fill-denied"} />
            </button>
          </li>
        )
      })}
    </ol>
  )
}

export const ReasonsCard = ({ trend }: { readonly trend: Shown<Sent<Trend>> }) => {
  const [view] = useView()
  const reasons = trend.value?.total.reasons
  useExported(
    reasons && {
      name: "Reasons",
      columns: ["reason", "count"],
      rows: reasons.map(({ code, count: often }) => [code, often])
    }
  )
  return (
    <Card area="reasons" title="Failures and denials" note={`last ${windowLabels[view.period]}`}>
      <CardBody remote={trend}>
        {({ asOf, total }) =>
          total.reasons.length === 0 ? (
            <FreshClaim asOf={asOf} icon="dispatched" title="Nothing was refused">
              No target was denied, none failed, and no consent was withdrawn in this time.
            </FreshClaim>
          ) : (
            <Reasons reasons={total.reasons} />
          )
        }
      </CardBody>
    </Card>
  )
}
