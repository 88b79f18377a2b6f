/** A list that is asked for page by page; its first page follows refreshes like any other answer. */
import { useCallback, useRef, useState } from "preact/hooks"
import type { ApiFailure } from "../api/Failure.ts"
import type { ApiQuestion } from "../api/Questions.ts"
import type { PageOf as Rows } from "../api/Sent.ts"
import { joins, mergeRows } from "../state/Pages.ts"
import { usePage } from "./Page.ts"
import { type Shown, useRemote } from "./Remote.ts"

/** Pages may be empty and yet not the last (a day without events); so many are passed over before the viewer is asked. */
const emptyPages = 8

/** Older pages of the list with this first page. */
interface Older<Row> {
  readonly path: string
  readonly rows: ReadonlyArray<Row>
  readonly cursor: string | null
}

export interface Paged<Row, Page extends Rows<Row> = Rows<Row>> {
  readonly first: Shown<Page>
  readonly rows: ReadonlyArray<Row>
  readonly hasMore: boolean
  readonly more: () => void
  readonly loadingMore: boolean
  readonly failure: ApiFailure | undefined
}

/** `ask` makes the question for a page: the first for `undefined`, older ones for a cursor. */
export const usePaged = <Row, Page extends Rows<Row>>(
  ask: (cursor: string | undefined) => ApiQuestion<Page>,
  idOf: (row: Row) => string
): Paged<Row, Page> => {
  const { client } = usePage()
  const question = ask(undefined)
  const first = useRemote(question)
  const [older, setOlder] = useState<Older<Row> | undefined>(undefined)
  const [loadingMore, setLoading] = useState(false)
  const [failure, setFailure] = useState<ApiFailure | undefined>(undefined)
  const current = useRef(question.path)
  current.current = question.path

  const top = first.value?.rows ?? []
  const known = older !== undefined && older.path === question.path && joins(top, older.rows, idOf) ? older : undefined
  const rows = known === undefined ? top : mergeRows(top, known.rows, idOf)
  const cursor = known === undefined ? (first.value?.cursor ?? null) : known.cursor

  const more = useCallback(async () => {
    if (cursor === null || loadingMore) return
    setLoading(true)
    setFailure(undefined)
    let page: Rows<Row> = { rows: [], cursor }
    for (let asked = 0; asked < emptyPages && page.rows.length === 0 && page.cursor !== null; asked++) {
      const answer = await client.ask(ask(page.cursor))
      if (answer._tag === "Failed") {
        setFailure(answer.failure)
        break
      }
      page = answer.value
    }
    setLoading(false)
    // The filters may have changed meanwhile; the page then belongs to a list that is gone.
    if (current.current !== question.path) return
    setOlder({ path: question.path, rows: mergeRows(rows, page.rows, idOf), cursor: page.cursor })
  }, [client, ask, idOf, cursor, loadingMore, question.path, rows])

  return { first, rows, hasMore: cursor !== null && !first.outdated, more: () => void more(), loadingMore, failure }
}
