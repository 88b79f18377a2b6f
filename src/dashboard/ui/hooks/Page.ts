/** Components reach the page's shared state through these hooks. */
import { createContext } from "preact"
import { useCallback, useContext, useLayoutEffect, useState } from "preact/hooks"
import type { DataSet } from "../format/Csv.ts"
import type { PageState } from "../state/Page.ts"
import type { Store } from "../state/Store.ts"
import type { ViewState } from "../state/View.ts"

export const PageContext = createContext<PageState | undefined>(undefined)

export const usePage = (): PageState => {
  const page = useContext(PageContext)
  if (page === undefined) throw new Error("A component was rendered outside the page.")
  return page
}

/** A part of a store's value; renders again only when that part is another one. */
const useStore = <A, Part>(store: Store<A>, part: (value: A) => Part): Part => {
  const selected = part(store.get())
  const [, render] = useState(selected)
  useLayoutEffect(() => {
    const update = () => render(() => part(store.get()))
    update()
    return store.subscribe(update)
  }, [store, part])
  return selected
}

const whole = <A>(value: A): A => value

/** A store's value. */
export const useValue = <A>(store: Store<A>): A => useStore<A, A>(store, whole)

/** What is shown, and how to show something else. */
export const useView = (): readonly [ViewState, PageState["go"]] => {
  const { view, go } = usePage()
  return [useValue(view), go]
}

/** Milliseconds since 1970, rounded down to `resolution`, so that a table of times renders every ten seconds and not every second. */
export const useNow = (resolution = 10_000): number => {
  const { clock } = usePage()
  const rounded = useCallback((now: number) => Math.floor(now / resolution) * resolution, [resolution])
  return useStore(clock, rounded)
}

/** What a widget shows can be exported: it says so here while it is there. */
export const useExported = (dataSet: DataSet | undefined): void => {
  const { exports } = usePage()
  const name = dataSet?.name
  useLayoutEffect(() => {
    if (dataSet !== undefined) exports.set(dataSet.name, dataSet)
  })
  useLayoutEffect(() => {
    if (name === undefined) return undefined
    return () => void exports.delete(name)
  }, [exports, name])
}
