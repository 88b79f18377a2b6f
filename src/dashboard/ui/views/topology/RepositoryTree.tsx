/**
 * A repository between what starts it and what it starts, two steps both ways, left to right; on a phone as an indented list. One card at a
 * time is in the order of the tabulator; arrow keys walk along the edges, Enter goes on to that repository.
 */
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks"
import type { Neighbours } from "../../../../domain/Topology.ts"
import { neighboursQuestion } from "../../api/Questions.ts"
import type { Sent } from "../../api/Sent.ts"
import { Icon } from "../../components/Icon.tsx"
import { ViewLink } from "../../components/Links.tsx"
import { RepositoryText } from "../../components/Repository.tsx"
import { useView } from "../../hooks/Page.ts"
import { useRemoteList } from "../../hooks/RemoteList.ts"
import { foldingToggled, useTreeFocus } from "../../hooks/TreeFocus.ts"
import type { Remote } from "../../state/Remotes.ts"
import { eventsAbout, topologyOf } from "../../state/View.ts"
import { askedFor, centreKey, type Group, groupsOn, placesIn, steppedIn, type TreePlace } from "./Branches.ts"
import { Groups } from "./BranchItems.tsx"

const statusOf = ({ value, failure }: Remote<Sent<Neighbours>>): Sent<Neighbours> | "asking" | "failed" =>
  value ?? (failure === undefined ? "asking" : "failed")

/** The cards of both sides, each second step as it is known by now. */
const useGroups = (neighbours: Sent<Neighbours>, toggled: ReadonlySet<string>): ReadonlyArray<Group> => {
  const both = (known: ReadonlyMap<string, Sent<Neighbours> | "asking" | "failed">) =>
    (["before", "after"] as const).flatMap((side) => groupsOn(side, neighbours, { toggled, known }))
  // Which are asked for follows from what is folded alone.
  const asked = askedFor(both(new Map()))
  const answers = useRemoteList(asked.map(neighboursQuestion))
  return both(new Map(answers.map((answer, index) => [asked[index] ?? "", statusOf(answer)])))
}

const Centre = ({ repository, isCurrent }: { readonly repository: string; readonly isCurrent: boolean }) => {
  const [view] = useView()
  const tabIndex = isCurrent ? 0 : -1
  return (
    <div class="chain-card is-centre">
      <div class="chain-text">
        <p class="chain-where" title={repository}>
          <RepositoryText name={repository} />
        </p>
        <p class="ways">
          <ViewLink to={eventsAbout(view, { source: repository })} tabIndex={tabIndex}>
            Events as source
          </ViewLink>
          <ViewLink to={eventsAbout(view, { target: repository })} tabIndex={tabIndex}>
            as target
          </ViewLink>
        </p>
      </div>
    </div>
  )
}

interface Props {
  readonly repository: string
  readonly neighbours: Sent<Neighbours>
}

/** The repository stands in the middle of what is scrolled when it is opened. */
const useCentred = () => {
  const scroll = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const box = scroll.current
    const centre = box?.querySelector<HTMLElement>(".is-centre")
    if (box === null || box === undefined || centre === null || centre === undefined) return
    const [outer, inner] = [box.getBoundingClientRect(), centre.getBoundingClientRect()]
    box.scrollLeft = inner.x - outer.x - (outer.width - inner.width) / 2
  }, [])
  return scroll
}

export const RepositoryTree = ({ repository, neighbours }: Props) => {
  const [view, go] = useView()
  const id = useId()
  const [toggled, toggle] = useState<ReadonlySet<string>>(new Set())
  const groups = useGroups(neighbours, toggled)
  const places = placesIn(repository, groups)
  const scroll = useCentred()

  const open = ({ toggles, repository: to, key }: TreePlace) => {
    if (toggles !== undefined) {
      tree.await(key)
      return toggle((before) => foldingToggled(before, toggles))
    }
    if (key !== centreKey) go(topologyOf(view, to))
  }
  const tree = useTreeFocus(places, { open, step: (...asked) => steppedIn(places, ...asked) })
  const sides = (["before", "after"] as const).map((side) => [side, groups.filter((one) => one.side === side)] as const)
  const notLetIn = groups.find(({ side, shown }) => side === "before" && shown[0]?.consent === "notLetIn")?.shown[0]
  const drawn = { id, current: tree.current?.key }
  return (
    <>
      {notLetIn !== undefined && (
        <p class="chain-tools">
          <button type="button" class="button is-small" onClick={() => tree.focus(notLetIn.key)}>
            <Icon name="denied" />
            To those that are not let in
          </button>
        </p>
      )}
      <div class="chain-scroll" ref={scroll}>
        <ul
          ref={tree.root}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a tree is a list of lists
          role="tree"
          aria-label={`What starts ${repository}, and what it starts`}
          class="chain topology"
          onFocusIn={tree.onFocusIn}
          onKeyDown={tree.onKeyDown}
          onClick={tree.onClick}
        >
          <li
            role="treeitem"
            class={`chain-item topology-root${sides.map(([side, own]) => (own.length > 0 ? ` has-${side}` : "")).join("")}`}
            data-stop={centreKey}
            tabIndex={tree.current?.key === centreKey ? 0 : -1}
            aria-level={1}
            aria-label={repository}
            aria-expanded={groups.length > 0}
          >
            <Centre repository={repository} isCurrent={tree.current?.key === centreKey} />
            {sides.map(
              ([side, own]) =>
                own.length > 0 && (
                  // biome-ignore lint/a11y/useSemanticElements: the group of a tree is its list of items
                  <ul key={side} role="group" class={`is-${side}`}>
                    <Groups groups={own} level={2} tree={drawn} />
                  </ul>
                )
            )}
          </li>
        </ul>
      </div>
    </>
  )
}
