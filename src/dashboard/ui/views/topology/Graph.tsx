/**
 * All repositories and who starts whom, a band for each owner. Of a few connections all lines are drawn, of many those of the repository that
 * is pointed at or has the focus. One box at a time is in the order of the tabulator; arrow keys lead to the next one.
 */
import type { VNode } from "preact"
import { useMemo, useRef, useState } from "preact/hooks"
import { linePath, nearestPlace, type PlacedName, placeGraph } from "../../charts/GraphLayout.ts"
import { RepositoryText } from "../../components/Repository.tsx"
import { isSameRepository } from "../../format/GitHub.ts"
import { chainState } from "../../format/Words.ts"
import { useWidth } from "../../hooks/Appearance.ts"
import { useView } from "../../hooks/Page.ts"
import { formatView, topologyOf, type ViewState } from "../../state/View.ts"
import type { Pair } from "./Connections.ts"

/** More lines than these at a time cannot be followed. */
const mostLines = 80

const isAt = ({ from, to }: Pair, name: string): boolean => isSameRepository(from, name) || isSameRepository(to, name)

interface LinesProps {
  readonly pairs: ReadonlyArray<Pair>
  readonly placeOf: (name: string) => PlacedName | undefined
  readonly lit: string | undefined
}

const Lines = ({ pairs, placeOf, lit }: LinesProps) => (
  <>
    {pairs.map((pair) => {
      const [from, to] = [placeOf(pair.from), placeOf(pair.to)]
      if (from === undefined || to === undefined) return null
      const isFaint = lit !== undefined && !isAt(pair, lit)
      return (
        <path
          key={`${pair.from} ${pair.to}`}
          class={`is-${chainState(pair.worst).status}${pair.isDenied ? " is-refused" : ""}${isFaint ? " is-faint" : ""}`}
          d={linePath(from, to)}
        />
      )
    })}
  </>
)

/** What is to be seen of a repository's connections first; nothing, where none failed or is denied. */
type Mark = "denied" | "failed" | undefined

interface BoxProps {
  readonly place: PlacedName
  readonly view: ViewState
  readonly isCurrent: boolean
  readonly isNear: boolean
  readonly mark: Mark
}

const boxOf = ({ place: { name, x, y, width }, view, isCurrent, isNear, mark }: BoxProps) => (
  <a
    key={name}
    class={`graph-box${isNear ? " is-near" : ""}${mark === undefined ? "" : ` is-marked is-${mark}`}`}
    href={formatView(topologyOf(view, name))}
    style={{ left: `${x}px`, top: `${y}px`, width: `${width}px` }}
    tabIndex={isCurrent ? 0 : -1}
    data-name={name}
    title={name}
  >
    <RepositoryText name={name} />
    {mark !== undefined && (
      <span class="hidden">{mark === "denied" ? ", not let in somewhere" : ", with failures"}</span>
    )}
  </a>
)

/** Draws boxes; one that is as it was stays the same node, so that of many only those are drawn anew that change. */
const useBoxes = (
  places: ReadonlyArray<PlacedName>,
  marks: ReadonlyMap<string, Mark>
): ((place: PlacedName, isCurrent: boolean, isNear: boolean) => VNode) => {
  const [view] = useView()
  const drawn = useMemo(() => new Map<string, VNode>(), [view, places, marks])
  return (place, isCurrent, isNear) => {
    const key = `${place.name} ${isCurrent} ${isNear}`
    const box = drawn.get(key) ?? boxOf({ place, view, isCurrent, isNear, mark: marks.get(place.name.toLowerCase()) })
    drawn.set(key, box)
    return box
  }
}

/** What is to be seen first of each repository's connections, by its name in lower case. */
const marksIn = (pairs: ReadonlyArray<Pair>): ReadonlyMap<string, Mark> => {
  const marks = new Map<string, Mark>()
  for (const { from, to, worst, isDenied } of pairs) {
    for (const name of [from.toLowerCase(), to.toLowerCase()]) {
      if (worst === "failed") marks.set(name, "failed")
      else if (isDenied && !marks.has(name)) marks.set(name, "denied")
    }
  }
  return marks
}

const nameAt = (target: EventTarget | null): string | undefined =>
  target instanceof Element ? target.closest<HTMLElement>("[data-name]")?.dataset.name : undefined

export const Graph = ({ pairs }: { readonly pairs: ReadonlyArray<Pair> }) => {
  const [view, go] = useView()
  const [element, width] = useWidth()
  const boxes = useRef<HTMLFieldSetElement>(null)
  const [pointed, point] = useState<string | undefined>(undefined)
  const [focused, focus] = useState<string | undefined>(undefined)
  const [chosen, choose] = useState<string | undefined>(undefined)
  const { places, bands, height, isAligned } = useMemo(() => placeGraph(pairs, width), [pairs, width])
  const byName = useMemo(() => new Map(places.map((place) => [place.name.toLowerCase(), place])), [places])
  const marks = useMemo(() => marksIn(pairs), [pairs])
  const placeOf = (name: string) => byName.get(name.toLowerCase())
  const of = pointed ?? focused
  const lit = of !== undefined && placeOf(of) !== undefined ? of : undefined
  const box = useBoxes(places, marks)
  const own = lit === undefined ? [] : pairs.filter((pair) => isAt(pair, lit))
  const near = new Set(own.flatMap(({ from, to }) => [from.toLowerCase(), to.toLowerCase()]))
  const current = (chosen === undefined ? undefined : placeOf(chosen)) ?? places[0]
  const isMany = !isAligned || pairs.length > mostLines
  const onKeyDown = (event: KeyboardEvent) => {
    const from = placeOf(nameAt(event.target) ?? "")
    if (from === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    const to = nearestPlace(places, from, event.key)
    if (to === undefined) return
    event.preventDefault()
    for (const box of boxes.current?.querySelectorAll<HTMLElement>("[data-name]") ?? [])
      if (box.dataset.name === to.name) box.focus()
  }
  return (
    <>
      {isMany && (
        <p class="muted graph-hint">
          Lines are drawn for the repository that you point at or go to with the arrow keys.
        </p>
      )}
      <div class={`graph${lit === undefined ? "" : " is-lit"}`} ref={element} style={{ height: `${height}px` }}>
        {width > 0 && (
          <>
            {bands.map(({ owner, y, height: tall }) => (
              <section key={owner} class="graph-band" style={{ top: `${y}px`, height: `${tall}px` }}>
                <h3>{owner}</h3>
              </section>
            ))}
            <svg class="graph-lines" width={width} height={height} aria-hidden="true" focusable="false">
              <Lines pairs={isMany ? own : pairs} placeOf={placeOf} lit={lit} />
            </svg>
            <fieldset
              ref={boxes}
              aria-label="Repositories"
              onKeyDown={onKeyDown}
              onFocusIn={({ target }) => {
                focus(nameAt(target))
                choose(nameAt(target))
              }}
              onFocusOut={() => focus(undefined)}
              onPointerOver={({ target }) => point(nameAt(target))}
              onPointerLeave={() => point(undefined)}
              onClick={(event) => {
                const name = nameAt(event.target)
                if (name === undefined || event.metaKey || event.ctrlKey || event.shiftKey) return
                event.preventDefault()
                go(topologyOf(view, name))
              }}
            >
              {places.map((place) => box(place, place === current, near.has(place.name.toLowerCase())))}
            </fieldset>
          </>
        )}
      </div>
    </>
  )
}
