/**
 * All repositories and who starts whom, a band for each owner. Of a few connections all lines are drawn, of many those of the repository that
 * is pointed at or has the focus. One box at a time is in the order of the tabulator; arrow keys lead to the next one.
 */
import { useMemo, useRef, useState } from "preact/hooks"
import { linePath, nearestPlace, type PlacedName, placeGraph } from "../../charts/GraphLayout.ts"
import { RepositoryText } from "../../components/Repository.tsx"
import { isSameRepository } from "../../format/Names.ts"
import { chainState } from "../../format/Words.ts"
import { usePage, useView } from "../../hooks/Page.ts"
import { useWidth } from "../../hooks/Width.ts"
import { formatView, topologyOf } from "../../state/View.ts"
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

interface BoxProps {
  readonly place: PlacedName
  readonly isCurrent: boolean
  readonly isFaint: boolean
  /** What is to be seen of its connections first: denied ones, failed ones, or neither. */
  readonly mark: "denied" | "failed" | undefined
}

const Box = ({ place, isCurrent, isFaint, mark }: BoxProps) => {
  const [view] = useView()
  const { go } = usePage()
  const to = topologyOf(view, place.name)
  return (
    <a
      class={`graph-box${isFaint ? " is-faint" : ""}${mark === undefined ? "" : ` is-marked is-${mark}`}`}
      href={formatView(to)}
      style={{ left: `${place.x}px`, top: `${place.y}px`, width: `${place.width}px` }}
      tabIndex={isCurrent ? 0 : -1}
      data-name={place.name}
      title={place.name}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return
        event.preventDefault()
        go(to)
      }}
    >
      <RepositoryText name={place.name} />
      {mark !== undefined && (
        <span class="hidden">{mark === "denied" ? ", not let in somewhere" : ", with failures"}</span>
      )}
    </a>
  )
}

/** What is to be seen first of each repository's connections, by its name in lower case. */
const marksIn = (pairs: ReadonlyArray<Pair>): ReadonlyMap<string, BoxProps["mark"]> => {
  const marks = new Map<string, BoxProps["mark"]>()
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
  const [element, width] = useWidth()
  const boxes = useRef<HTMLDivElement>(null)
  const [pointed, point] = useState<string | undefined>(undefined)
  const [focused, focus] = useState<string | undefined>(undefined)
  const [chosen, choose] = useState<string | undefined>(undefined)
  const { places, bands, height, isAligned } = useMemo(() => placeGraph(pairs, width), [pairs, width])
  const byName = useMemo(() => new Map(places.map((place) => [place.name.toLowerCase(), place])), [places])
  const marks = useMemo(() => marksIn(pairs), [pairs])
  const placeOf = (name: string) => byName.get(name.toLowerCase())
  const of = pointed ?? focused
  const lit = of !== undefined && placeOf(of) !== undefined ? of : undefined
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
      <div class="graph" ref={element} style={{ height: `${height}px` }}>
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
            <div
              ref={boxes}
              role="group"
              aria-label="Repositories"
              onKeyDown={onKeyDown}
              onFocusIn={({ target }) => {
                focus(nameAt(target))
                choose(nameAt(target))
              }}
              onFocusOut={() => focus(undefined)}
              onPointerOver={({ target }) => point(nameAt(target))}
              onPointerLeave={() => point(undefined)}
            >
              {places.map((place) => (
                <Box
                  key={place.name}
                  place={place}
                  isCurrent={place === current}
                  isFaint={lit !== undefined && !near.has(place.name.toLowerCase())}
                  mark={marks.get(place.name.toLowerCase())}
                />
              ))}
            </div>
          </>
        )}
      </div>
    </>
  )
}
