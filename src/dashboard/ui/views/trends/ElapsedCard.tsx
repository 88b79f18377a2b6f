/** How long targets take from acceptance to dispatch: the quantiles and how the times are spread, or how that went over time. */
import { useState } from "preact/hooks"
import { elapsedBounds } from "../../../../domain/Measure.ts"
import type { Kpi, Trend } from "../../../../domain/Views.ts"
import { quantiles, sum } from "../../charts/Series.ts"
import { Body, Card } from "../../components/Card.tsx"
import { Empty } from "../../components/Notices.tsx"
import { Segmented } from "../../components/Segmented.tsx"
import { count, duration, share } from "../../format/Numbers.ts"
import { rangeLabels, windowLabels } from "../../format/Words.ts"
import { useExported } from "../../hooks/Exported.ts"
import { useView } from "../../hooks/Page.ts"
import type { Shown } from "../../hooks/Remote.ts"
import { rangeOf, windowOf } from "../../state/View.ts"
import { ElapsedChart } from "./ElapsedChart.tsx"

const bound = (index: number): string => {
  const upper = elapsedBounds[index]
  return upper === undefined ? `over ${duration(elapsedBounds.at(-1) ?? null)}` : `up to ${duration(upper)}`
}

/** Which bucket a quantile lies in. */
const bucketOf = (quantile: number): number => {
  const index = elapsedBounds.findIndex((upper) => quantile <= upper)
  return index === -1 ? elapsedBounds.length : index
}

const NothingDispatched = () => (
  <Empty icon="queued" title="Nothing was dispatched">
    Times are known as soon as a target was started.
  </Empty>
)

const Spread = ({ elapsed }: Pick<Kpi, "elapsed">) => {
  const { histogram, p50, p95 } = elapsed
  const total = sum(histogram)
  const most = Math.max(1, ...histogram)
  const last = histogram.findLastIndex((value) => value > 0)
  const marks = [p50 === null ? -1 : bucketOf(p50), p95 === null ? -1 : bucketOf(p95)] as const
  return (
    <ol class="spread">
      {histogram.slice(0, last + 1).map((value, index) => (
        <li key={bound(index)} title={`${count(value)} ${bound(index)}`}>
          <span class="label">{bound(index)}</span>
          <span class="track">
            <i class="fill-queued" style={{ width: `${(value / most) * 100}%` }} />
          </span>
          <b>{share(total === 0 ? null : value / total)}</b>
          <span class="mark">
            {marks[0] === index && <abbr title="half of the targets are within this">p50</abbr>}
            {marks[1] === index && <abbr title="95 of 100 targets are within this">p95</abbr>}
          </span>
        </li>
      ))}
    </ol>
  )
}

const Window = ({ kpi }: { readonly kpi: Shown<Kpi> }) => {
  const histogram = kpi.value?.elapsed.histogram
  useExported(
    histogram && {
      name: "Time to dispatch",
      columns: ["bucket", "count"],
      rows: histogram.map((value, index) => [bound(index), value])
    }
  )
  return (
    <Body remote={kpi}>
      {({ elapsed }) =>
        elapsed.p50 === null ? (
          <NothingDispatched />
        ) : (
          <>
            <dl class="quantiles">
              {quantiles.map((quantile) => (
                <div key={quantile}>
                  <dt>{quantile}</dt>
                  <dd>{duration(elapsed[quantile])}</dd>
                </div>
              ))}
            </dl>
            <Spread elapsed={elapsed} />
          </>
        )
      }
    </Body>
  )
}

const looks = [
  ["spread", "Spread"],
  ["lines", "Lines"],
  ["table", "Table"]
] as const

interface Props {
  readonly kpi: Shown<Kpi>
  readonly trend: Shown<Trend>
}

export const ElapsedCard = ({ kpi, trend }: Props) => {
  const [view] = useView()
  const [look, setLook] = useState<(typeof looks)[number][0]>("spread")
  const time = look === "spread" ? windowLabels[windowOf(view.period)] : rangeLabels[rangeOf(view.period)]
  return (
    <Card
      area="elapsed"
      title="Time to dispatch"
      note={`last ${time}`}
      tools={<Segmented label="How times are shown" options={looks} value={look} onChange={setLook} />}
    >
      {look === "spread" ? (
        <Window kpi={kpi} />
      ) : (
        <Body remote={trend} skeleton={<div class="skeleton-chart" />}>
          {(value) =>
            value.points.every(({ elapsed }) => elapsed.p50 === null) ? (
              <NothingDispatched />
            ) : (
              <ElapsedChart trend={value} look={look} />
            )
          }
        </Body>
      )}
    </Card>
  )
}
