/** What the Explain view asks: keeps the address, the draft and the answer together. */
import { useCallback, useEffect } from "preact/hooks"
import type { ExplainBody } from "../api/Questions.ts"
import { type ExplainDraft, emptyDraft, requestOf } from "../state/Draft.ts"
import { exampleDraft } from "../state/Example.ts"
import { formatHypothetical, type HypotheticalInput, nothingFilledIn, tidied } from "../state/HypotheticalInput.ts"
import type { Explained } from "../state/Page.ts"
import { usePage, useValue } from "./Page.ts"

export interface Explaining {
  readonly draft: ExplainDraft
  readonly change: (draft: ExplainDraft) => void
  readonly explained: Explained | undefined
  /** The draft asks something else than what was answered. */
  readonly isChanged: boolean
  /** Asks what the draft asks; returns whether that was a question. */
  readonly ask: () => boolean
  /** Begins anew. */
  readonly clear: () => void
  /** Shows what this is for. */
  readonly tryExample: () => void
}

/** Questions are plain values, made in one way. */
const same = (a: ExplainBody | undefined, b: ExplainBody | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b)

/** The page's address leads: a run that is in it is asked about, whether it was shared, gone back to, or comes from a journey. */
export const useExplaining = (): Explaining => {
  const { client, view, go, draft, explained } = usePage()
  const now = useValue(draft)
  const last = useValue(explained)
  const { supposed, source } = useValue(view)
  const key = formatHypothetical(supposed)

  const send = useCallback(
    async (request: ExplainBody, about: HypotheticalInput) => {
      explained.set({ request, supposed: about, busy: true, answer: explained.get()?.answer })
      const answer = await client.explain(request)
      // Another question may have been asked meanwhile.
      if (explained.get()?.request === request) explained.set({ request, supposed: about, busy: false, answer })
    },
    [client, explained]
  )
  useEffect(() => {
    if (key === "" || key === formatHypothetical(explained.get()?.supposed ?? nothingFilledIn)) return
    const before = draft.get()
    draft.set({ ...before, supposed: { ...supposed, workflow: supposed.workflow ?? before.supposed.workflow } })
    const request = requestOf(draft.get())
    if (request !== undefined) void send(request, supposed)
  }, [key])
  useEffect(() => {
    const before = draft.get()
    if (key !== "" || source === undefined || before.supposed.repository !== undefined) return
    draft.set({ ...before, supposed: { ...before.supposed, repository: source } })
  }, [])

  const ask = () => {
    const request = requestOf(draft.get())
    if (request === undefined) return false
    const about = tidied(draft.get().supposed)
    void send(request, about)
    go({ ...view.get(), supposed: about })
    return true
  }
  return {
    draft: now,
    change: draft.set,
    explained: last,
    isChanged: last !== undefined && !same(last.request, requestOf(now)),
    ask,
    clear: () => {
      draft.set(emptyDraft)
      explained.set(undefined)
      go({ ...view.get(), supposed: nothingFilledIn })
    },
    tryExample: () => {
      draft.set(exampleDraft)
      ask()
    }
  }
}
