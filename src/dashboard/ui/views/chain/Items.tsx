/** The cards of a chain as items of a tree, each with its group of those below it. */
import { Icon } from "../../components/Icon.tsx"
import { count } from "../../format/Numbers.ts"
import { ChainCard } from "./Card.tsx"
import type { ChainItem } from "./Tree.ts"
import { foldedBelow, foldKey } from "./Walk.ts"

/** What all cards of a tree share. */
interface DrawnTree {
  readonly id: string
  readonly unfolded: ReadonlySet<string>
  readonly current: string | undefined
}

interface ItemsProps {
  readonly items: ReadonlyArray<ChainItem>
  readonly level: number
  readonly tree: DrawnTree
}

/** Siblings of one level, each with what is below it. */
export const Items = ({ items, level, tree }: ItemsProps) => (
  <>
    {items.map((item) => (
      <Item key={item.key} item={item} level={level} tree={tree} />
    ))}
  </>
)

/** What a fold holds, or could hold again. */
const foldWords = (hasSeen: boolean, folded: number, unfolded: number): string => {
  if (unfolded > 0) return `Fold ${count(unfolded)}`
  return hasSeen ? `and ${count(folded)} more` : count(folded)
}

const Item = ({ item, level, tree }: Omit<ItemsProps, "items"> & { readonly item: ChainItem }) => {
  const { key, below, moreTargets, repository, workflow, branch, word } = item
  const { seen, folded, unfolded } = foldedBelow(item, level, tree.unfolded)
  const hasBelow = below.length > 0 || moreTargets > 0
  const id = `${tree.id} ${key}`.replaceAll(/[^\w-]/g, "-")
  const fold = foldKey(item)
  const isCurrent = tree.current === key
  return (
    <li
      role="treeitem"
      class={`chain-item${item.isTroubled ? " is-troubled" : ""}`}
      data-stop={key}
      tabIndex={isCurrent ? 0 : -1}
      aria-level={level}
      aria-label={`${repository} ${workflow}${branch === null ? "" : ` ${branch}`}: ${word}`}
      aria-describedby={id}
      {...(hasBelow ? { "aria-expanded": true } : {})}
    >
      <ChainCard item={item} id={id} isCurrent={isCurrent} />
      {hasBelow && (
        // biome-ignore lint/a11y/useSemanticElements: the group of a tree is its list of items
        <ul role="group">
          <Items items={seen} level={level + 1} tree={tree} />
          {(folded.length > 0 || unfolded > 0) && (
            <li
              role="treeitem"
              class="chain-item"
              data-stop={fold}
              tabIndex={tree.current === fold ? 0 : -1}
              aria-level={level + 1}
              aria-expanded={unfolded > 0}
            >
              <div class="chain-fold">
                <Icon name={unfolded > 0 ? "up" : "down"} />
                {foldWords(seen.length > 0, folded.length, unfolded)} that succeeded
              </div>
            </li>
          )}
          {moreTargets > 0 && (
            <li role="none" class="chain-item">
              <div class="chain-rest">and {count(moreTargets)} more targets, which are not listed</div>
            </li>
          )}
        </ul>
      )}
    </li>
  )
}
