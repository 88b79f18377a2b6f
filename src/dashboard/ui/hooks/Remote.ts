/** A component's view of the server: the answer to a question, kept up to date while the component is there. */
import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks"
import type { ApiQuestion } from "../api/Questions.ts"
import type { Remote } from "../state/Remotes.ts"
import { usePage } from "./Page.ts"

/** A {@link Remote} for a widget. */
export interface Shown<A> extends Remote<A> {
  /** The value is the answer to the question before, shown until this one is answered. */
  readonly outdated: boolean
  readonly retry: () => void
}

/** Watches a question. While a new question (another filter) is asked, the old answer stays, marked; it goes if the new one fails. */
export const useRemote = <A>(question: ApiQuestion<A>): Shown<A> => {
  const { remotes } = usePage()
  const latest = useRef(question)
  latest.current = question
  const { path } = question
  const [, render] = useState(0)
  const before = useRef<A | undefined>(undefined)
  // A question is its path: watching starts anew only when that changes.
  useLayoutEffect(() => {
    const changed = () => render((times) => times + 1)
    return remotes.watch(latest.current, changed)
  }, [remotes, path])

  const remote = remotes.get(question)
  if (remote.value !== undefined) before.current = remote.value
  else if (remote.failure !== undefined) before.current = undefined
  const outdated = remote.value === undefined && before.current !== undefined
  const retry = useCallback(() => void remotes.retry(latest.current), [remotes])
  return { ...remote, value: outdated ? before.current : remote.value, outdated, retry }
}
