/** How long targets take from acceptance to dispatch: the quantiles, and how the times are spread. */

import { elapsedBounds } from "../../../../domain/Measure.ts"
import type { Kpi } from "../../../../domain/Views.ts"
import { sum } from "../../charts/Series.ts"
import { Body, Card } from "../../components/Card.tsx"
import { Empty } from "../../components/Notices.tsx"
import { count, duration, share } from "../../format/Numbers.ts"
import { windowLabels } from "../../format/Words.ts"
import { useExported } from "../../hooks/Exported.ts"
import { useView } from "../../hooks/Page.ts"
import type { Shown } from "../../hooks/Remote.ts"
import { windowOf } from "../../state/View.ts"

const bound = (index: number): string => {
  const upper = elapsedBounds[index]
  return upper === undefined ? `over ${duration(elapsedBounds.at(-1) ?? null)}` : `up to ${duration(upper)}`
}

/** Which bucket a quantile lies in. */
const bucketOf = (quantile: number): number => {
  const index = elapsedBounds.findIndex((upper) => quantile <= upper)
  return index === -1 ? elapsedBounds.length : index
}

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

export const ElapsedCard = ({ kpi }: { readonly kpi: Shown<Kpi> }) => {
  const [view] = useView()
  const histogram = kpi.value?.elapsed.histogram
  useExported(
    histogram && {
      name: "Time to dispatch",
      columns: ["bucket", "count"],
      rows: histogram.map((value, index) => [bound(index), value])
    }
  )
  return (
    <Card area="elapsed" title="Time to dispatch" note={`last ${windowLabels[windowOf(view.period)]}`}>
      <Body remote={kpi}>
        {({ elapsed }) =>
          elapsed.p50 === null ? (
            <Empty icon="queued" title="Nothing was dispatched">
              Times are known as soon as a target was started.
            </Empty>
          ) : (
            <>
              <dl class="quantiles">
                {(["p50", "p95", "p99"] as const).map((quantile) => (
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
    </Card>
  )
}
