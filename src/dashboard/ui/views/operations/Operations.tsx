/** Operations: how the service does now, what needs somebody, and the way to any delivery's journey. */
import { health, summary, trends } from "../../api/Questions.ts"
import { useView } from "../../hooks/Page.ts"
import { useRemote } from "../../hooks/Remote.ts"
import { rangeOf, windowOf } from "../../state/View.ts"
import { Figures } from "./Figures.tsx"
import { FunnelCard } from "./FunnelCard.tsx"
import { HealthBanner } from "./HealthBanner.tsx"
import { ReasonsCard } from "./ReasonsCard.tsx"
import { RecentCard } from "./RecentCard.tsx"
import { RepositoriesCard } from "./RepositoriesCard.tsx"
import { StalledCard } from "./StalledCard.tsx"
import { ThroughputCard } from "./ThroughputCard.tsx"

export const Operations = () => {
  const [view] = useView()
  const healthNow = useRemote(health)
  const figures = useRemote(summary(view, windowOf(view.period)))
  const trend = useRemote(trends(view, rangeOf(view.period)))
  return (
    <div class="grid operations">
      <HealthBanner health={healthNow} />
      <Figures kpi={figures} trend={trend} />
      <ThroughputCard trend={trend} />
      <FunnelCard kpi={figures} />
      <RepositoriesCard />
      <ReasonsCard kpi={figures} />
      <StalledCard health={healthNow} />
      <RecentCard />
    </div>
  )
}
