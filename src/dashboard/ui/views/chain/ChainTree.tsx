/**
 * The chain as a tree, left to right; on a phone as an indented list. One card at a time is in the order of the tabulator; arrow keys walk
 * along the edges, Enter opens the journey or the fold.
 */
import { useId, useState } from "preact/hooks"
import { Icon } from "../../components/Icon.tsx"
import { useView } from "../../hooks/Page.ts"
import { foldingToggled, useTreeFocus } from "../../hooks/TreeFocus.ts"
import { Items } from "./Items.tsx"
import type { ChainItem } from "./Tree.ts"
import { firstFailure, foldedBelow, foldKey, type Stop, stepped, stopsOf } from "./Walk.ts"

export const ChainTree = ({ trees }: { readonly trees: ReadonlyArray<ChainItem> }) => {
  const [view, go] = useView()
  const id = useId()
  const [unfolded, unfold] = useState<ReadonlySet<string>>(new Set())
  const stops = stopsOf(trees, unfolded)

  const open = ({ item, level, isFold }: Stop) => {
    if (!isFold) return go({ ...view, journey: item.journey })
    // Unfolding leads to the first card that was folded, folding back to the fold.
    tree.await(unfolded.has(item.key) ? foldKey(item) : foldedBelow(item, level - 1, unfolded).folded[0]?.key)
    unfold((before) => foldingToggled(before, item.key))
  }
  const tree = useTreeFocus(stops, { open, step: (...asked) => stepped(stops, ...asked) })
  const failure = firstFailure(stops)
  return (
    <>
      {failure !== undefined && failure !== stops[0] && (
        <p class="chain-tools">
          <button type="button" class="button is-small" onClick={() => tree.focus(failure.key)}>
            <Icon name="failed" />
            To the first failure
          </button>
        </p>
      )}
      <div class="chain-scroll">
        <ul
          ref={tree.root}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a tree is a list of lists
          role="tree"
          aria-label="The runs of the chain"
          class="chain"
          onFocusIn={tree.onFocusIn}
          onKeyDown={tree.onKeyDown}
          onClick={tree.onClick}
        >
          <Items items={trees} level={1} tree={{ id, unfolded, current: tree.current?.key }} />
        </ul>
      </div>
    </>
  )
}
