/** The focus in a tree whose places are elements with their key as `data-stop`: one of them at a time is in the order of the tabulator. */
import type { RefObject } from "preact"
import { useLayoutEffect, useRef, useState } from "preact/hooks"

/** Whether the tree is drawn as a list, as on phones. */
const isList = () => matchMedia("(width < 760px)").matches

/** Whether an event is a link's, or a button's, own. */
const isLink = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest("a, button, summary") !== null

interface TreeFocus<P> {
  readonly root: RefObject<HTMLUListElement | null>
  /** The place that the tabulator comes to. */
  readonly current: P | undefined
  readonly focus: (key: string | undefined) => void
  /** Moves the focus as soon as the place is drawn. */
  readonly await: (key: string | undefined) => void
  /** Enter and the space bar open a place, other keys lead to another one. Links and combinations of keys are left alone. */
  readonly onKeyDown: (event: KeyboardEvent) => void
  /** A click opens the place, unless it is a link's. */
  readonly onClick: (event: { readonly target: EventTarget | null }) => void
  readonly onFocusIn: (event: { readonly target: EventTarget | null }) => void
}

/** What a tree's places do. */
interface TreeActions<P> {
  readonly open: (place: P) => void
  /** Where a key leads from a place. */
  readonly step: (from: P, key: string, isList: boolean) => P | undefined
}

export const useTreeFocus = <P extends { readonly key: string }>(
  places: ReadonlyArray<P>,
  { open, step }: TreeActions<P>
): TreeFocus<P> => {
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
    onKeyDown: (event) => {
      const from = placeOf(event.target)
      if (from === undefined || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key === "Enter" || event.key === " ") {
        if (isLink(event.target)) return
        event.preventDefault()
        return open(from)
      }
      const to = step(from, event.key, isList())
      if (to === undefined) return
      event.preventDefault()
      focus(to.key)
    },
    onClick: ({ target }) => {
      const place = isLink(target) ? undefined : placeOf(target)
      if (place !== undefined) open(place)
    },
    onFocusIn: ({ target }) => choose(placeOf(target)?.key)
  }
}

/** Unfolds what is folded, and folds what is not. */
export const foldingToggled = (unfolded: ReadonlySet<string>, key: string): ReadonlySet<string> =>
  new Set(unfolded.has(key) ? [...unfolded].filter((one) => one !== key) : [...unfolded, key])
