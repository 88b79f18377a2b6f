/** How long it takes from acceptance to dispatch, or to the end of the started run: the quantiles of the window, and how they went over time. */
import { useState } from "preact/hooks"
import type { Trend } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import type { Timed } from "../../charts/Series.ts"
import { Card, CardBody } from "../../components/Card.tsx"
import { FreshClaim } from "../../components/Notices.tsx"
import { Segmented } from "../../components/Segmented.tsx"
import { AsOf } from "../../components/Time.tsx"
import { duration } from "../../format/Numbers.ts"
import { windowLabels } from "../../format/Words.ts"
import { useView } from "../../hooks/Page.ts"
import type { Shown } from "../../hooks/Remote.ts"
import { DurationChart } from "./DurationChart.tsx"

const texts = {
  elapsed: {
    title: "Time to dispatch",
    whose: "targets",
    none: "Nothing was dispatched",
    hint: "Times are known as soon as a target was started."
  },
  completion: {
    title: "Time to the end",
    whose: "started runs",
    none: "No started run has ended",
    hint: "From acceptance to the end of the started run: known as soon as one has ended."
  }
} as const satisfies Readonly<Record<Timed, object>>

const shown = [
  ["p50", "half of the"],
  ["p95", "95 of 100"],
  ["p99", "99 of 100"],
  ["max", "all"]
] as const

const Window = ({ of, trend: { total } }: { readonly of: Timed; readonly trend: Sent<Trend> }) => (
  <dl class="quantiles">
    {shown.map(([quantile, meaning]) => (
      <div key={quantile} title={`${meaning} ${texts[of].whose} are within this`}>
        <dt>{quantile}</dt>
        <dd>{duration(total[of][quantile])}</dd>
      </div>
    ))}
  </dl>
)

const looks = [
  ["lines", "Lines"],
  ["table", "Table"]
] as const

interface Props {
  readonly of: Timed
  readonly trend: Shown<Sent<Trend>>
}

export const DurationCard = ({ of, trend }: Props) => {
  const [view] = useView()
  const { title, none, hint } = texts[of]
  const [look, setLook] = useState<(typeof looks)[number][0]>("lines")
  return (
    <Card
      area={of}
      title={title}
      note={<AsOf text={`last ${windowLabels[view.period]}`} at={trend.value?.asOf} />}
      tools={<Segmented label="How times are shown" options={looks} value={look} onChange={setLook} />}
    >
      <CardBody remote={trend} skeleton={<div class="skeleton-chart" />}>
        {(value) =>
          value.total[of].p50 === null ? (
            <FreshClaim asOf={value.asOf} icon="queued" title={none}>
              {hint}
            </FreshClaim>
          ) : (
            <>
              <Window of={of} trend={value} />
              <DurationChart of={of} title={title} trend={value} look={look} />
            </>
          )
        }
      </CardBody>
    </Card>
  )
}
