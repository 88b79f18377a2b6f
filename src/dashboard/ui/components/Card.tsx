/** A part of a view: title, tools, and a body that is skeleton, failure, emptiness or content, whichever it is just now. */
import type { ComponentChildren } from "preact"
import { useId } from "preact/hooks"
import type { Shown } from "../hooks/Remote.ts"
import { Icon } from "./Icon.tsx"
import { Failed, Skeleton } from "./Notices.tsx"

interface CardProps {
  readonly title: string
  /** What the figures are of: `last 24 hours`. */
  readonly note?: ComponentChildren
  readonly tools?: ComponentChildren
  /** Its place in the view's grid. */
  readonly area: string
  readonly children: ComponentChildren
}

export const Card = ({ title, note, tools, area, children }: CardProps) => {
  const id = useId()
  return (
    <section class={`card at-${area}`} aria-labelledby={id}>
      <header class="card-head">
        <h2 id={id}>{title}</h2>
        {note !== undefined && <span class="note">{note}</span>}
        {tools !== undefined && <div class="tools">{tools}</div>}
      </header>
      {children}
    </section>
  )
}

interface BodyProps<A> {
  readonly remote: Shown<A>
  readonly skeleton?: ComponentChildren
  readonly children: (value: A) => ComponentChildren
}

/** The body of a card that shows an answer. Old data stays while new data is asked for, and when that fails. */
export const CardBody = <A,>({ remote, skeleton, children }: BodyProps<A>) => {
  const { value, failure, loading, outdated, retry } = remote
  if (value === undefined) {
    if (failure !== undefined) return <Failed failure={failure} retry={retry} />
    return (
      <div class="card-body" aria-busy="true">
        <span class="hidden">Loading…</span>
        {skeleton ?? <Skeleton />}
      </div>
    )
  }
  return (
    <div class={`card-body${outdated ? " is-outdated" : ""}`} aria-busy={loading && outdated}>
      {failure !== undefined && failure._tag !== "Unreachable" && (
        <p class="stale" title={failure.message}>
          <Icon name="warning" /> Not up to date.{" "}
          <button type="button" class="textual" onClick={retry}>
            Try again
          </button>
        </p>
      )}
      {children(value)}
    </div>
  )
}
