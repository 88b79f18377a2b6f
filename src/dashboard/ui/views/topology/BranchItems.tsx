/** Groups of neighbours as items of a tree, each with its second step. */
import type { ComponentChildren } from "preact"
import { Icon } from "../../components/Icon.tsx"
import { count } from "../../format/Numbers.ts"
import { BranchCard } from "./BranchCard.tsx"
import { type Branch, beyondKey, type Group, hasToggle } from "./Branches.ts"

/** What all items of a tree share. */
interface DrawnNeighbours {
  readonly id: string
  readonly current: string | undefined
}

interface FoldProps {
  readonly stop: string
  readonly level: number
  readonly isOpen: boolean
  readonly tree: DrawnNeighbours
  readonly children: ComponentChildren
}

/** What unfolds and folds: a place of the tree of its own. */
const Fold = ({ stop, level, isOpen, tree, children }: FoldProps) => (
  <li
    role="treeitem"
    class="chain-item"
    data-stop={stop}
    tabIndex={tree.current === stop ? 0 : -1}
    aria-level={level}
    aria-expanded={isOpen}
  >
    <div class="chain-fold">
      <Icon name={isOpen ? "up" : "down"} />
      {children}
    </div>
  </li>
)

/** What is said in the place of a second step that is not there. */
const Missing = ({ children }: { readonly children: ComponentChildren }) => (
  <li role="none" class="chain-item">
    <div class="chain-rest">{children}</div>
  </li>
)

interface BranchProps {
  readonly branch: Branch
  readonly heading: string | undefined
  readonly level: number
  readonly tree: DrawnNeighbours
}

const Beyond = ({ branch, level, tree }: Omit<BranchProps, "heading">) => {
  const { beyond, isToggled, side } = branch
  if (beyond === undefined) return null
  const isEnd = beyond._tag === "Known" && beyond.groups.length === 0
  if (isEnd && !isToggled) return null
  const what = side === "before" ? "what starts it" : "what it starts"
  return (
    // biome-ignore lint/a11y/useSemanticElements: the group of a tree is its list of items
    <ul role="group">
      {beyond._tag === "Known" && <Groups groups={beyond.groups} level={level + 1} tree={tree} />}
      {beyond._tag === "Known" && beyond.more && <Missing>more than 500, not all of them listed</Missing>}
      {beyond._tag === "Asking" && <Missing>Loading…</Missing>}
      {beyond._tag === "Failed" && <Missing>Not known: this could not be loaded</Missing>}
      {isEnd && (
        <Missing>{side === "before" ? "Nothing is known to start it" : "It is not known to start any"}</Missing>
      )}
      {hasToggle(branch) && (
        <Fold stop={beyondKey(branch)} level={level + 1} isOpen={beyond._tag !== "Unasked"} tree={tree}>
          {beyond._tag === "Unasked" ? `Show ${what}` : `Fold ${what}`}
        </Fold>
      )}
    </ul>
  )
}

const Item = ({ branch, heading, level, tree }: BranchProps) => {
  const { key, repository, consent, connections } = branch
  const id = `${tree.id} ${key}`.replaceAll(/[^\w-]/g, "-")
  const isCurrent = tree.current === key
  const hasBeyond = branch.beyond?._tag === "Known" ? branch.beyond.groups.length > 0 : branch.beyond !== undefined
  return (
    <li
      role="treeitem"
      class={`chain-item consent-${consent}${heading === undefined ? "" : " has-heading"}`}
      data-stop={key}
      tabIndex={isCurrent ? 0 : -1}
      aria-level={level}
      aria-label={`${heading === undefined ? "" : `${heading}: `}${repository}, ${count(connections.length)} ${connections.length === 1 ? "connection" : "connections"}`}
      aria-describedby={id}
      {...(hasBeyond ? { "aria-expanded": true } : {})}
    >
      <BranchCard branch={branch} id={id} isCurrent={isCurrent} />
      {heading !== undefined && <h3 class="topology-heading">{heading}</h3>}
      <Beyond branch={branch} level={level} tree={tree} />
    </li>
  )
}

interface GroupsProps {
  readonly groups: ReadonlyArray<Group>
  readonly level: number
  readonly tree: DrawnNeighbours
}

export const Groups = ({ groups, level, tree }: GroupsProps) => (
  <>
    {groups.map(({ key, heading, shown, folded, unfolded }) => [
      ...shown.map((branch, index) => (
        <Item key={branch.key} branch={branch} heading={index === 0 ? heading : undefined} level={level} tree={tree} />
      )),
      folded + unfolded > 0 && (
        <Fold key={key} stop={key} level={level} isOpen={unfolded > 0} tree={tree}>
          {unfolded > 0 ? `Fold ${count(unfolded)}` : `and ${count(folded)} more`}
        </Fold>
      )
    ])}
  </>
)
