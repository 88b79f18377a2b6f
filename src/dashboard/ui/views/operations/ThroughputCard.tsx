/** How much is dispatched and refused over the period. */
import { useState } from "preact/hooks"
import type { Trend } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Card, CardBody } from "../../components/Card.tsx"
import { type ChartLook, OutcomeChart } from "../../components/OutcomeChart.tsx"
import { LookChoice } from "../../components/Segmented.tsx"
import { AsOf } from "../../components/Time.tsx"
import { windowLabels } from "../../format/Words.ts"
import { useView } from "../../hooks/Page.ts"
import type { Shown } from "../../hooks/Remote.ts"

export const ThroughputCard = ({ trend }: { readonly trend: Shown<Sent<Trend>> }) => {
  const [view] = useView()
  const [look, setLook] = useState<ChartLook>("bars")
  return (
    <Card
      area="throughput"
      title="Throughput"
      note={<AsOf text={`last ${windowLabels[view.period]}`} at={trend.value?.asOf} />}
      tools={<LookChoice value={look} onChange={setLook} />}
    >
      <CardBody remote={trend} skeleton={<div class="skeleton-chart" />}>
        {(value) => <OutcomeChart trend={value} look={look} height={264} />}
      </CardBody>
    </Card>
  )
}
