/** What targets came to over the period, as a chart or a table. */
import { useState } from "preact/hooks"
import type { Trend } from "../../../domain/Answers.ts"
import type { Sent } from "../api/Sent.ts"
import { Card, CardBody } from "../components/Card.tsx"
import { type ChartLook, OutcomeChart } from "../components/OutcomeChart.tsx"
import { LookChoice } from "../components/Segmented.tsx"
import { AsOf } from "../components/Time.tsx"
import { windowLabels } from "../format/Words.ts"
import { useView } from "../hooks/Page.ts"
import type { Shown } from "../hooks/Remote.ts"

interface Props {
  readonly trend: Shown<Sent<Trend>>
  /** Its place in the view's grid. */
  readonly area: "throughput" | "outcomes"
  readonly title: string
  /** What the figures are about, where the title is to say so. */
  readonly about?: string
  /** The chart's least height, in pixels. */
  readonly height: number
}

export const OutcomesCard = ({ trend, area, title, about = "", height }: Props) => {
  const [view] = useView()
  const [look, setLook] = useState<ChartLook>("bars")
  return (
    <Card
      area={area}
      title={title}
      note={<AsOf text={`last ${windowLabels[view.period]} ${about}`.trimEnd()} at={trend.value?.asOf} />}
      tools={<LookChoice value={look} onChange={setLook} />}
    >
      <CardBody remote={trend} skeleton={<div class="skeleton-chart" />}>
        {(value) => <OutcomeChart trend={value} look={look} height={height} />}
      </CardBody>
    </Card>
  )
}
