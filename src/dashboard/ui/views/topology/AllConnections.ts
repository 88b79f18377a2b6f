/** All connections, page by page: each page is a question that is kept up to date like any other. */
import { useCallback, useRef } from "preact/hooks"
import { connectionsQuestion } from "../../api/Questions.ts"
import { usePage } from "../../hooks/Page.ts"
import type { Shown } from "../../hooks/Remote.ts"
import { useRemoteList } from "../../hooks/RemoteList.ts"
import type { Remotes } from "../../state/Remotes.ts"
import type { SentConnection } from "./Connections.ts"

/** Most pages of up to 500 connections that are asked for: two reads of the server each. */
const mostPages = 4

/** Connections in the order of their sources. */
export interface SomeConnections {
  readonly connections: ReadonlyArray<SentConnection>
  /** Whether there are more than these. */
  readonly more: boolean
}

/** The questions of all pages, as far as the answers so far lead. */
const questionsSoFar = (remotes: Remotes) => {
  const questions = [connectionsQuestion(undefined)]
  for (const question of questions) {
    const cursor = remotes.get(question).value?.cursor ?? null
    if (cursor !== null && questions.length < mostPages) questions.push(connectionsQuestion(cursor))
  }
  return questions
}

/** All connections that are asked for, once all of them are there; those before stay until then. */
export const useAllConnections = (): Shown<SomeConnections> => {
  const { remotes } = usePage()
  const pages = useRemoteList(questionsSoFar(remotes))
  const complete = useRef<{ readonly pages: ReadonlyArray<unknown>; readonly value: SomeConnections } | undefined>(
    undefined
  )
  const values = pages.flatMap(({ value }) => (value === undefined ? [] : [value]))
  const isComplete = values.length === pages.length
  const isNew = values.some((page, index) => page !== complete.current?.pages[index])
  if (isComplete && (isNew || values.length !== complete.current?.pages.length)) {
    const connections = values.flatMap((page) => page.connections)
    complete.current = { pages: values, value: { connections, more: values.at(-1)?.cursor !== null } }
  }
  const retry = useCallback(() => {
    for (const question of questionsSoFar(remotes)) {
      if (remotes.get(question).failure !== undefined) void remotes.retry(question)
    }
  }, [remotes])
  return {
    value: complete.current?.value,
    failure: pages.find(({ failure }) => failure !== undefined)?.failure,
    loading: pages.some(({ loading }) => loading),
    at: pages[0]?.at,
    outdated: !isComplete && complete.current !== undefined,
    retry
  }
}
