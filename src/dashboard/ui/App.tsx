/** The page: its head, the filters, the chosen view, and over it the journey that is open. */
import { useEffect } from "preact/hooks"
import { FilterBar } from "./components/FilterBar.tsx"
import { Outage } from "./components/Outage.tsx"
import { Toast } from "./components/Toast.tsx"
import { TopBar, tabLabels } from "./components/TopBar.tsx"
import { useView } from "./hooks/Page.ts"
import { Events } from "./views/events/Events.tsx"
import { Explain } from "./views/explain/Explain.tsx"
import { JourneyDrawer } from "./views/journey/JourneyDrawer.tsx"
import { Operations } from "./views/operations/Operations.tsx"
import { Trends } from "./views/trends/Trends.tsx"

const views = { operations: Operations, trends: Trends, events: Events, explain: Explain } as const

export const PageRoot = () => {
  const [{ tab, source, journey, supposed }] = useView()
  const View = views[tab]
  const about = tab === "explain" ? supposed.repository : source
  useEffect(() => {
    document.title = `${about === undefined ? "" : `${about} · `}${tabLabels[tab]} · Dispatcher`
  }, [tab, about])
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <TopBar isRefreshed={tab !== "explain"} />
      {tab !== "explain" && <FilterBar />}
      <Outage />
      <main id="content" tabIndex={-1}>
        <h1 class="hidden">{tabLabels[tab]}</h1>
        <View />
      </main>
      {journey === undefined ? <Toast /> : <JourneyDrawer key={journey} deliveryId={journey} />}
    </>
  )
}
