/** Which filters go together: those that the service has an index for. A click that leads elsewhere lets the older filters go. */
import type { ViewState } from "./View.ts"

const searched = ["source", "target", "status", "reason"] as const
type Searched = (typeof searched)[number]

/** The combinations that the service can search by; none before it was asked. */
export type Searches = ReadonlyArray<ReadonlyArray<string>>

const isSet = (view: ViewState, name: Searched): boolean => view[name] !== undefined

const longer = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): ReadonlyArray<string> =>
  b.length > a.length ? b : a

/**
 * What is shown in place of `next`: itself if its filters go together, or were there before; else without those that do not go with what
 * has just been chosen.
 */
export const fittedSearch = (next: ViewState, before: ViewState, searches: Searches): ViewState => {
  const set = searched.filter((name) => isSet(next, name))
  const fresh = set.filter((name) => next[name] !== before[name])
  const fitting = searches.filter(
    (names) => names.every((name) => set.some((one) => one === name)) && fresh.every((name) => names.includes(name))
  )
  const [first, ...others] = fitting
  if (fresh.length === 0 || first === undefined) return next
  let kept = first
  for (const names of others) kept = longer(kept, names)
  const dropped = set.filter((name) => !kept.includes(name))
  return { ...next, ...Object.fromEntries(dropped.map((name) => [name, undefined])) }
}
