/** Makes the {@link PageState} of a browser window: the only place that knows of history, timers, visibility and storage. */
import { makeApiClient } from "../api/Client.ts"
import { type ExplainDraft, emptyDraft, formatDraft, parseDraft } from "./Draft.ts"
import type { Explained, Notice, PageState, Theme } from "./Page.ts"
import { makeRefresher } from "./Refreshing.ts"
import { makeRemotes } from "./Remotes.ts"
import { fittedSearch, type Searches } from "./Searches.ts"
import { makeStateStore, type Store } from "./Store.ts"
import { formatView, parseView, type ViewState } from "./View.ts"

/** Milliseconds after which a question has failed. */
const patience = 15_000
/** Milliseconds for which going back to something shows it without asking again. */
const recent = 5_000

const now = (): number => Date.now()

/** The sign-in page, which leads back to what is shown now. */
const signInUrl = ({ pathname, search }: Location): string =>
  `/admin/sign-in?next=${encodeURIComponent(pathname + search)}`

const themeKey = "dispatcher-theme"

const storedTheme = (): Theme => {
  try {
    const stored = localStorage.getItem(themeKey)
    return stored === "light" || stored === "dark" ? stored : "system"
  } catch {
    // Storage can be forbidden; the device's choice is then right.
    return "system"
  }
}

const keepTheme = (theme: Theme): void => {
  document.documentElement.dataset.theme = theme
  try {
    localStorage.setItem(themeKey, theme)
  } catch {
    // The choice then lasts as long as the page.
  }
}

const themeStore = (): Store<Theme> => {
  const theme = makeStateStore(storedTheme())
  keepTheme(theme.get())
  theme.subscribe(() => keepTheme(theme.get()))
  return theme
}

const draftKey = "dispatcher-explain"

const storedDraft = (): ExplainDraft => {
  try {
    return parseDraft(sessionStorage.getItem(draftKey))
  } catch {
    // Storage can be forbidden; then there is no draft.
    return emptyDraft
  }
}

/** Survives reloading and signing in again, in this tab. */
const draftStore = (): Store<ExplainDraft> => {
  const draft = makeStateStore(storedDraft())
  draft.subscribe(() => {
    try {
      sessionStorage.setItem(draftKey, formatDraft(draft.get()))
    } catch {
      // It then lasts as long as the page.
    }
  })
  return draft
}

const navigation = (): Pick<PageState, "view" | "go" | "searches"> => {
  const searches = makeStateStore<Searches>([])
  const view = makeStateStore<ViewState>(parseView(location.search))
  addEventListener("popstate", () => view.set(parseView(location.search)))
  const go: PageState["go"] = (wanted, how = "push") => {
    const next = fittedSearch(wanted, view.get(), searches.get())
    const query = formatView(next)
    if (query !== formatView(view.get())) {
      history[how === "push" ? "pushState" : "replaceState"](null, "", `${location.pathname}${query}`)
    }
    view.set(next)
  }
  return { view, go, searches }
}

export const makePage = (): PageState => {
  const client = makeApiClient({
    fetch: (url, init) => fetch(url, init),
    base: "/admin",
    patience,
    onSignedOut: () => location.assign(signInUrl(location))
  })
  const changes = makeStateStore(0)
  const remotes = makeRemotes({
    client,
    now,
    recent,
    onChange: () => changes.set(changes.get() + 1)
  })
  const refresher = makeRefresher(remotes.refresh, now)
  const clock = makeStateStore(now())
  const visible = () => document.visibilityState === "visible"
  const tick = () => {
    clock.set(now())
    refresher.tick(visible())
  }
  setInterval(tick, 1_000)
  document.addEventListener("visibilitychange", tick)
  return {
    client,
    remotes,
    refresher,
    ...navigation(),
    clock,
    changes,
    draft: draftStore(),
    explained: makeStateStore<Explained | undefined>(undefined),
    theme: themeStore(),
    notice: makeStateStore<Notice | undefined>(undefined),
    exports: new Map()
  }
}
