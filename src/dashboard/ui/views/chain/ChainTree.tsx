/**
 * The chain as a tree, left to right; on a phone as an indented list. One card at a time is in the order of the tabulator; arrow keys walk
 * along the edges, Enter opens the journey or the fold.
 */
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks"
import { Icon } from "../../components/Icon.tsx"
import { useView } from "../../hooks/Page.ts"
import { foldingToggled } from "../Folding.ts"
import { Items } from "./Items.tsx"
import type { ChainItem } from "./Tree.ts"
import { firstFailure, foldedBelow, foldKey, type Stop, stepped, stopsOf } from "./Walk.ts"

const stopAt = (target: EventTarget | null): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>("[data-stop]") : null
const isLink = (target: EventTarget | null): boolean => target instanceof Element && target.closest("a") !== null

export const ChainTree = ({ trees }: { readonly trees: ReadonlyArray<ChainItem> }) => {
  const [view, go] = useView()
  const id = useId()
  const root = useRef<HTMLUListElement>(null)
  const [unfolded, unfold] = useState<ReadonlySet<string>>(new Set())
  const [chosen, choose] = useState<string | undefined>(undefined)
  /** Where the focus is to go once it is drawn. */
  const awaited = useRef<string | undefined>(undefined)
  const stops = stopsOf(trees, unfolded)
  const current = stops.find(({ key }) => key === chosen) ?? stops[0]

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
  const open = ({ item, level, isFold }: Stop) => {
    if (!isFold) return go({ ...view, journey: item.journey })
    // Unfolding leads to the first card that was folded, folding back to the fold.
    const isUnfolded = unfolded.has(item.key)
    awaited.current = isUnfolded ? foldKey(item) : foldedBelow(item, level - 1, unfolded).folded[0]?.key
    unfold((before) => foldingToggled(before, item.key))
  }
  const stopOf = (target: EventTarget | null) => {
    const key = stopAt(target)?.dataset.stop
    return stops.find((stop) => stop.key === key)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const from = stopOf(event.target)
    if (from === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === "Enter" || event.key === " ") {
      if (isLink(event.target)) return
      event.preventDefault()
      return open(from)
    }
    const to = stepped(stops, from, event.key, matchMedia("(width < 760px)").matches)
    if (to === undefined) return
    event.preventDefault()
    focus(to.key)
  }
  const failure = firstFailure(stops)
  return (
    <>
      {failure !== undefined && failure !== stops[0] && (
        <p class="chain-tools">
          <button type="button" class="button is-small" onClick={() => focus(failure.key)}>
            <Icon name="failed" />
            To the first failure
          </button>
        </p>
      )}
      <div class="chain-scroll">
        <ul
          ref={root}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a tree is a list of lists
          role="tree"
          aria-label="The runs of the chain"
          class="chain"
          onFocusIn={({ target }) => choose(stopOf(target)?.key)}
          onKeyDown={onKeyDown}
          onClick={({ target }) => {
            const stop = isLink(target) ? undefined : stopOf(target)
            if (stop !== undefined) open(stop)
          }}
        >
          <Items items={trees} level={1} tree={{ id, unfolded, current: current?.key }} />
        </ul>
      </div>
    </>
  )
}
