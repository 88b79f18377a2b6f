/** The states that are not "here is the data": nothing there, went wrong, still coming, no more. */
import type { ComponentChildren } from "preact"
import type { ApiFailure } from "../api/Failure.ts"
import { useNow } from "../hooks/Page.ts"
import type { Paged } from "../hooks/Paged.ts"
import { doubtOf } from "../state/Freshness.ts"
import { Icon, type IconName } from "./Icon.tsx"
import { useFreshness } from "./RefreshControl.tsx"

export interface EmptyProps {
  readonly icon?: IconName
  readonly title: string
  readonly children?: ComponentChildren
}

/** Nothing to show, and why that is so or what to do. */
export const Empty = ({ icon = "ignored", title, children }: EmptyProps) => (
  <div class="empty">
    <Icon name={icon} />
    <strong>{title}</strong>
    {children !== undefined && <p>{children}</p>}
  </div>
)

interface FailedProps {
  readonly failure: ApiFailure
  readonly retry: () => void
}

/**
 * A question without an answer, and the way to ask it again. That the server does not answer at all is said once, across the page
 * (`Announcements.tsx`); what depends on it only keeps its place.
 */
export const Failed = ({ failure, retry }: FailedProps) => {
  if (failure._tag === "Unreachable") return <p class="unanswered">Shown as soon as the server answers.</p>
  return (
    <div class="empty is-bad" role="alert">
      <Icon name="warning" />
      <strong>{failure._tag === "Missing" ? "Not there (any more)" : "This could not be loaded"}</strong>
      <p>{failure.message}</p>
      <button type="button" class="button" onClick={retry}>
        Try again
      </button>
    </div>
  )
}

const widths = ["wide", "mid", "wide", "narrow", "mid", "wide", "narrow", "mid"] as const

/** Grey lines where text will be. */
export const Skeleton = ({ lines = 4 }: { readonly lines?: number }) => (
  <div class="skeleton" aria-hidden="true">
    {widths.slice(0, lines).map((width, index) => (
      <i key={index} class={width} />
    ))}
  </div>
)

/** Why an answer of that moment says nothing about now; undefined where it does. */
export const useDoubt = (asOf: string | null): string | undefined =>
  doubtOf(asOf, useFreshness().state !== "failing", useNow())

/** {@link Empty}, if figures of that moment (RFC 3339) can say so. */
export const FreshClaim = ({ asOf, ...nothing }: EmptyProps & { readonly asOf: string | null }) => {
  const doubt = useDoubt(asOf)
  if (doubt === undefined) return <Empty {...nothing} />
  return (
    <Empty icon="unknown" title="Not known">
      {doubt}
    </Empty>
  )
}

/** The end of a list: the way to older rows, or the news that there are none, with what else is to be said of that. */
export const More = <Row,>({ paged, limits }: { readonly paged: Paged<Row>; readonly limits?: string }) => {
  const { hasMore, more, loadingMore, failure, rows } = paged
  return (
    <footer class="more">
      {failure !== undefined && <p role="alert">{failure.message}</p>}
      {hasMore ? (
        <button type="button" class="button" disabled={loadingMore} onClick={more}>
          {loadingMore ? "Loading…" : failure === undefined ? "Show older" : "Try again"}
        </button>
      ) : (
        <p>
          {rows.length === 1 ? "That is the only one." : "That is all there is."} {limits}
        </p>
      )}
    </footer>
  )
}
