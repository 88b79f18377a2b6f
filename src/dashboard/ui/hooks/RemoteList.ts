/** A component's view of the server where it has several questions of a kind, which may become more or fewer. */
import { useLayoutEffect, useRef, useState } from "preact/hooks"
import type { ApiQuestion } from "../api/Questions.ts"
import type { Remote } from "../state/Remotes.ts"
import { usePage } from "./Page.ts"

/** Watches each question for as long as it is among those given; what is known of their answers, in the order of the questions. */
export const useRemoteList = <A>(questions: ReadonlyArray<ApiQuestion<A>>): ReadonlyArray<Remote<A>> => {
  const { remotes } = usePage()
  const [, render] = useState(0)
  const watched = useRef(new Map<string, () => void>())
  const paths = questions.map(({ path }) => path).join(" ")
  // Questions are their paths; those that stay are not asked again.
  useLayoutEffect(() => {
    const changed = () => render((times) => times + 1)
    for (const [path, end] of watched.current) {
      if (questions.some((question) => question.path === path)) continue
      end()
      watched.current.delete(path)
    }
    for (const question of questions) {
      if (!watched.current.has(question.path)) watched.current.set(question.path, remotes.watch(question, changed))
    }
  }, [remotes, paths])
  useLayoutEffect(
    () => () => {
      for (const end of watched.current.values()) end()
      watched.current.clear()
    },
    []
  )
  return questions.map((question) => remotes.get(question))
}
