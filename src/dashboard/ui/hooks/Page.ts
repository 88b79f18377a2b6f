/** Components reach the page's shared state through these hooks. */
import { createContext } from "preact"
import { useContext, useLayoutEffect, useState } from "preact/hooks"
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
export const useStore = <A, Part>(store: Store<A>, part: (value: A) => Part): Part => {
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
