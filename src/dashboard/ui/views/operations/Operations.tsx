/** Operations: how the service does now, what needs attention, and the way to any delivery's journey. */
import { healthQuestion, trends } from "../../api/Questions.ts"
import { useView } from "../../hooks/Page.ts"
import { useRemote } from "../../hooks/Remote.ts"
import { OutcomesCard } from "../OutcomesCard.tsx"
import { FigureTiles } from "./Figures.tsx"
import { FunnelCard } from "./FunnelCard.tsx"
import { HealthBanner } from "./HealthBanner.tsx"
import { QueuesCard } from "./QueuesCard.tsx"
import { ReasonsCard } from "./ReasonsCard.tsx"
import { RecentCard } from "./RecentCard.tsx"
import { RepositoriesCard } from "./RepositoriesCard.tsx"
import { StalledCard } from "./StalledCard.tsx"

export const Operations = () => {
  const [view] = useView()
  const healthNow = useRemote(healthQuestion)
  // One answer for tiles, chart, legend, funnel and reasons, so that all of them are of one moment.
  const trend = useRemote(trends(view, view.period))
  return (
    <div class="grid operations">
      <HealthBanner health={healthNow} />
      <FigureTiles trend={trend} />
      <OutcomesCard trend={trend} area="throughput" title="Throughput" height={264} />
      <FunnelCard trend={trend} />
      <RepositoriesCard />
      <ReasonsCard trend={trend} />
      <StalledCard health={healthNow} />
      <QueuesCard health={healthNow} />
      <RecentCard />
    </div>
  )
}
