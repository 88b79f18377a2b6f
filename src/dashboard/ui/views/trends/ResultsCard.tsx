/** What became of what was dispatched, over the range: beside the outcomes of dispatching, never among them. */
import { useState } from "preact/hooks"
import type { Trend } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Card, CardBody } from "../../components/Card.tsx"
import { FreshClaim } from "../../components/Notices.tsx"
import type { ChartLook } from "../../components/OutcomeChart.tsx"
import { resultsSaid } from "../../components/Outcomes.tsx"
import { LookChoice } from "../../components/Segmented.tsx"
import { AsOf } from "../../components/Time.tsx"
import { share } from "../../format/Numbers.ts"
import { windowLabels } from "../../format/Words.ts"
import { useView } from "../../hooks/Page.ts"
import type { Shown } from "../../hooks/Remote.ts"
import { ResultsChart } from "./ResultsChart.tsx"

export const ResultsCard = ({ trend }: { readonly trend: Shown<Sent<Trend>> }) => {
  const [view] = useView()
  const [look, setLook] = useState<ChartLook>("bars")
  const rate = trend.value?.total.resultRate ?? null
  const succeeded = rate === null ? "" : `, ${share(rate)} succeeded`
  return (
    <Card
      area="results"
      title="Results of started runs"
      note={<AsOf text={`last ${windowLabels[view.period]}${succeeded}`} at={trend.value?.asOf} />}
      tools={<LookChoice value={look} onChange={setLook} />}
    >
      <CardBody remote={trend} skeleton={<div class="skeleton-chart" />}>
        {(value) =>
          resultsSaid(value.total.counts) === "" ? (
            <FreshClaim asOf={value.asOf} icon="chart" title="Nothing was started">
              Runs that were started in this time show up here, and how they end.
            </FreshClaim>
          ) : (
            <ResultsChart trend={value} look={look} />
          )
        }
      </CardBody>
    </Card>
  )
}
