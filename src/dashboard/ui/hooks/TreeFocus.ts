/** The focus in a tree whose places are elements with their key as `data-stop`: one of them at a time is in the order of the tabulator. */
import type { RefObject } from "preact"
import { useLayoutEffect, useRef, useState } from "preact/hooks"

/** Whether an event is a link's, or a button's, own. */
export const isLink = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest("a, button, summary") !== null

interface TreeFocus<P> {
  readonly root: RefObject<HTMLUListElement | null>
  /** The place that the tabulator comes to. */
  readonly current: P | undefined
  readonly focus: (key: string | undefined) => void
  /** Moves the focus as soon as the place is drawn. */
  readonly await: (key: string | undefined) => void
  /** The place that an event happened in. */
  readonly placeOf: (target: EventTarget | null) => P | undefined
  readonly onFocusIn: (event: { readonly target: EventTarget | null }) => void
}

export const useTreeFocus = <P extends { readonly key: string }>(places: ReadonlyArray<P>): TreeFocus<P> => {
  const root = useRef<HTMLUListElement>(null)
  const [chosen, choose] = useState<string | undefined>(undefined)
  const awaited = useRef<string | undefined>(undefined)
  const focus = (key: string | undefined) => {
    const parts = root.current?.querySelectorAll<HTMLElement>("[data-stop]") ?? []
    const found = [...parts].find(({ dataset }) => dataset.stop === key)
    // The item is as large as all that is below it: what is to be seen is its card.
    found?.focus({ preventScroll: true })
    found?.firstElementChild?.scrollIntoView({ block: "nearest", inline: "nearest" })
  }
  useLayoutEffect(() => {
    if (awaited.current === undefined) return
    focus(awaited.current)
    awaited.current = undefined
  })
  const placeOf = (target: EventTarget | null) => {
    const key = target instanceof Element ? target.closest<HTMLElement>("[data-stop]")?.dataset.stop : undefined
    return places.find((place) => place.key === key)
  }
  return {
    root,
    current: places.find(({ key }) => key === chosen) ?? places[0],
    focus,
    await: (key) => {
      awaited.current = key
    },
    placeOf,
    onFocusIn: ({ target }) => choose(placeOf(target)?.key)
  }
}
