/** The page: its head, the filters, the chosen view, and over it the journey that is open. */
import { useEffect } from "preact/hooks"
import { Outage, Toast } from "./components/Announcements.tsx"
import { FilterBar } from "./components/FilterBar.tsx"
import { TopBar, tabLabels } from "./components/TopBar.tsx"
import { useView } from "./hooks/Page.ts"
import { ChainPage } from "./views/chain/ChainPage.tsx"
import { Events } from "./views/events/Events.tsx"
import { Explain } from "./views/explain/Explain.tsx"
import { JourneyDrawer } from "./views/journey/JourneyDrawer.tsx"
import { Operations } from "./views/operations/Operations.tsx"
import { Topology } from "./views/topology/Topology.tsx"
import { Trends } from "./views/trends/Trends.tsx"

const views = { operations: Operations, trends: Trends, events: Events, topology: Topology, explain: Explain } as const

export const PageRoot = () => {
  const [{ tab, source, chain, journey, topology, supposed }] = useView()
  const View = views[tab]
  const isExplain = tab === "explain" && chain === undefined
  const isTopology = tab === "topology" && chain === undefined
  const isFiltered = !isExplain && !isTopology && chain === undefined
  const title = chain === undefined ? tabLabels[tab] : "Chain"
  const about = isExplain ? supposed.repository : isTopology ? topology.around : isFiltered ? source : undefined
  useEffect(() => {
    document.title = `${about === undefined ? "" : `${about} · `}${title} · Dispatcher`
  }, [title, about])
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <TopBar isRefreshed={!isExplain} />
      {isFiltered && <FilterBar />}
      <Outage />
      <main id="content" tabIndex={-1}>
        <h1 class="hidden">{title}</h1>
        {chain === undefined ? <View /> : <ChainPage key={chain} root={chain} />}
      </main>
      {journey === undefined ? <Toast /> : <JourneyDrawer key={journey} of={journey} />}
    </>
  )
}
