/** How long targets take from acceptance to dispatch: the quantiles of the window, or how they went over time. */
import { useState } from "preact/hooks"
import type { Trend } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Card, CardBody } from "../../components/Card.tsx"
import { FreshClaim } from "../../components/Claim.tsx"
import { Segmented } from "../../components/Segmented.tsx"
import { AsOf } from "../../components/Time.tsx"
import { duration } from "../../format/Numbers.ts"
import { windowLabels } from "../../format/Words.ts"
import { useView } from "../../hooks/Page.ts"
import type { Shown } from "../../hooks/Remote.ts"
import { ElapsedChart } from "./ElapsedChart.tsx"

const shown = [
  ["p50", "half of the targets are within this"],
  ["p95", "95 of 100 targets are within this"],
  ["p99", "99 of 100 targets are within this"],
  ["max", "the longest"]
] as const

const Window = ({ trend: { total } }: { readonly trend: Sent<Trend> }) => (
  <dl class="quantiles">
    {shown.map(([quantile, meaning]) => (
      <div key={quantile} title={meaning}>
        <dt>{quantile}</dt>
        <dd>{duration(total.elapsed[quantile])}</dd>
      </div>
    ))}
  </dl>
)

const looks = [
  ["lines", "Lines"],
  ["table", "Table"]
] as const

export const ElapsedCard = ({ trend }: { readonly trend: Shown<Sent<Trend>> }) => {
  const [view] = useView()
  const [look, setLook] = useState<(typeof looks)[number][0]>("lines")
  return (
    <Card
      area="elapsed"
      title="Time to dispatch"
      note={<AsOf text={`last ${windowLabels[view.period]}`} at={trend.value?.asOf} />}
      tools={<Segmented label="How times are shown" options={looks} value={look} onChange={setLook} />}
    >
      <CardBody remote={trend} skeleton={<div class="skeleton-chart" />}>
        {(value) =>
          value.total.elapsed.p50 === null ? (
            <FreshClaim asOf={value.asOf} icon="queued" title="Nothing was dispatched">
              Times are known as soon as a target was started.
            </FreshClaim>
          ) : (
            <>
              <Window trend={value} />
              <ElapsedChart trend={value} look={look} />
            </>
          )
        }
      </CardBody>
    </Card>
  )
}
