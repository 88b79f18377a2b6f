/** The head of the page: its name, the views, and what works everywhere: refresh, export, theme, signing out. */
import { usePage, useValue, useView } from "../hooks/Page.ts"
import { emptyDraft } from "../state/Draft.ts"
import { nothingFilledIn } from "../state/HypotheticalInput.ts"
import type { Theme } from "../state/Page.ts"
import { wholeTopology } from "../state/TopologyInput.ts"
import { type Tab, tabs } from "../state/View.ts"
import { ExportMenu } from "./ExportMenu.tsx"
import { Icon } from "./Icon.tsx"
import { ViewLink } from "./Links.tsx"
import { RefreshControl } from "./RefreshControl.tsx"

export const tabLabels: Readonly<Record<Tab, string>> = {
  operations: "Operations",
  trends: "Trends",
  events: "Events",
  topology: "Topology",
  explain: "Explain"
}

const Tabs = () => {
  const [view] = useView()
  const explained = useValue(usePage().explained)
  return (
    <nav class="tabs" aria-label="Views">
      {tabs.map((tab) => {
        // A time is a filter of events alone, and a hypothetical run the Explain view's, so they do not come along. Topology is about
        // the source that is chosen.
        const supposed = (tab === "explain" ? explained?.supposed : undefined) ?? nothingFilledIn
        const topology = { ...wholeTopology, around: tab === "topology" ? view.source : undefined }
        const elsewhere = { from: undefined, to: undefined, chain: undefined, journey: undefined }
        const there = { ...view, tab, ...elsewhere, topology, supposed }
        return (
          <ViewLink key={tab} to={there} isCurrent={view.tab === tab && view.chain === undefined}>
            {tabLabels[tab]}
          </ViewLink>
        )
      })}
    </nav>
  )
}

const nextTheme: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" }
const themeLabels: Readonly<Record<Theme, string>> = { system: "as the device", light: "light", dark: "dark" }

const ThemeButton = () => {
  const { theme } = usePage()
  const now = useValue(theme)
  const label = `Colours: ${themeLabels[now]}. Change to ${themeLabels[nextTheme[now]]}`
  return (
    <button
      type="button"
      class="button is-quiet is-icon"
      aria-label={label}
      title={label}
      onClick={() => theme.set(nextTheme[now])}
    >
      <Icon name={now} />
    </button>
  )
}

const SignOut = () => {
  const { client, notice, draft } = usePage()
  const leave = async () => {
    const answer = await client.signOut()
    if (answer._tag === "Answered") {
      draft.set(emptyDraft)
      location.assign("/admin/sign-in")
    } else notice.set({ tone: "bad", text: `You are still signed in: ${answer.failure.message}` })
  }
  return (
    <button
      type="button"
      class="button is-quiet is-icon"
      aria-label="Sign out"
      title="Sign out"
      onClick={() => void leave()}
    >
      <Icon name="leave" />
    </button>
  )
}

export const TopBar = ({ isRefreshed }: { readonly isRefreshed: boolean }) => (
  <header class="topbar">
    <div class="brand">
      <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <path d="M3 12h5m0 0c5 0 4-7 10-7m-10 7c5 0 4 7 10 7M8 12h10" />
        <circle cx="3.5" cy="12" r="1.8" />
        <circle cx="19.5" cy="5" r="1.8" />
        <circle cx="19.5" cy="12" r="1.8" />
        <circle cx="19.5" cy="19" r="1.8" />
      </svg>
      <span>Dispatcher</span>
    </div>
    <Tabs />
    <div class="actions">
      {isRefreshed && <RefreshControl />}
      <ExportMenu />
      <ThemeButton />
      <SignOut />
    </div>
  </header>
)
