/** Trends: how things go over the chosen time, who stands out, and any two repositories beside each other. */
import { trends } from "../../api/Questions.ts"
import { useView } from "../../hooks/Page.ts"
import { useRemote } from "../../hooks/Remote.ts"
import { OutcomesCard } from "../OutcomesCard.tsx"
import { aboutLabel } from "../Scopes.tsx"
import { CompareCard } from "./CompareCard.tsx"
import { DurationCard } from "./DurationCard.tsx"
import { RankingCard } from "./RankingCard.tsx"
import { ResultsCard } from "./ResultsCard.tsx"

export const Trends = () => {
  const [view] = useView()
  const trend = useRemote(trends(view, view.period))
  return (
    <div class="grid trends">
      {view.compare.length > 0 && <CompareCard sides={view.compare} />}
      <OutcomesCard trend={trend} area="outcomes" title="Outcomes" about={aboutLabel(view)} height={280} />
      <DurationCard of="elapsed" trend={trend} />
      <ResultsCard trend={trend} />
      <DurationCard of="completion" trend={trend} />
      <RankingCard />
    </div>
  )
}
