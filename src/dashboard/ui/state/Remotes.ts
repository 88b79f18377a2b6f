/**
 * The answers that the page shows, by question. Widgets watch questions; equal questions are asked once, and a refresh asks again only
 * what is on the screen. An answer stays while it is asked for again, and when that fails: the failure then stands beside it.
 */
import type { ApiClient } from "../api/Client.ts"
import type { ApiFailure } from "../api/Failure.ts"
import type { ApiQuestion } from "../api/Questions.ts"

/** What is known of a question's answer. */
export interface Remote<A> {
  readonly value: A | undefined
  /** Of the last attempt; undefined once one succeeded. */
  readonly failure: ApiFailure | undefined
  readonly loading: boolean
  /** When `value` came, in milliseconds since 1970. */
  readonly at: number | undefined
}

const nothing: Remote<never> = { value: undefined, failure: undefined, loading: true, at: undefined }

interface Entry {
  readonly question: ApiQuestion<unknown>
  readonly listeners: Set<() => void>
  remote: Remote<unknown>
  asking: Promise<void> | undefined
}

export interface Remotes {
  /** What is known; asks nothing. */
  readonly get: <A>(question: ApiQuestion<A>) => Remote<A>
  /** Keeps a question answered until the returned function is called; asks unless there is a recent answer. */
  readonly watch: (question: ApiQuestion<unknown>, listener: () => void) => () => void
  /** Asks everything again that is watched; ends when all is answered. */
  readonly refresh: () => Promise<void>
  /** Asks one question again. */
  readonly retry: (question: ApiQuestion<unknown>) => Promise<void>
  /** Everything that is watched, for the stale indicator. */
  readonly watched: () => ReadonlyArray<Remote<unknown>>
}

export interface RemotesOptions {
  readonly client: Pick<ApiClient, "ask">
  readonly now: () => number
  /** Milliseconds for which an answer is good enough to be shown again without asking. */
  readonly recent: number
  /** After every change of anything. */
  readonly onChange: () => void
}

export const makeRemotes = ({ client, now, recent, onChange }: RemotesOptions): Remotes => {
  const entries = new Map<string, Entry>()

  const update = (entry: Entry, remote: Remote<unknown>) => {
    entry.remote = remote
    for (const listener of [...entry.listeners]) listener()
    onChange()
  }
  const ask = async (entry: Entry, fresh: boolean) => {
    update(entry, { ...entry.remote, loading: true })
    const answer = await client.ask(entry.question, { fresh })
    entry.asking = undefined
    if (answer._tag === "Answered") {
      return update(entry, { value: answer.value, failure: undefined, loading: false, at: now() })
    }
    update(entry, { ...entry.remote, failure: answer.failure, loading: false })
  }
  /** Joins what is under way, so that nothing is asked twice at a time. */
  const askOnce = (entry: Entry, fresh: boolean): Promise<void> => {
    entry.asking ??= ask(entry, fresh)
    return entry.asking
  }
  const entryOf = (question: ApiQuestion<unknown>): Entry => {
    const known = entries.get(question.path)
    if (known !== undefined) return known
    const entry: Entry = { question, listeners: new Set(), remote: nothing, asking: undefined }
    entries.set(question.path, entry)
    return entry
  }
  const forgetUnwatched = () => {
    for (const [path, { listeners }] of entries) if (listeners.size === 0) entries.delete(path)
  }
  const isRecent = ({ at, failure }: Remote<unknown>) =>
    at !== undefined && failure === undefined && now() - at < recent

  return {
    get: <A>({ path }: ApiQuestion<A>) => (entries.get(path)?.remote ?? nothing) as Remote<A>,
    watch: (question, listener) => {
      const entry = entryOf(question)
      entry.listeners.add(listener)
      if (!isRecent(entry.remote)) void askOnce(entry, false)
      return () => entry.listeners.delete(listener)
    },
    refresh: async () => {
      forgetUnwatched()
      await Promise.all([...entries.values()].map((entry) => askOnce(entry, true)))
    },
    retry: (question) => askOnce(entryOf(question), true),
    watched: () => [...entries.values()].filter(({ listeners }) => listeners.size > 0).map(({ remote }) => remote)
  }
}
