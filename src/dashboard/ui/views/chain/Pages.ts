/** A chain from its pages: the first, and as many more as the viewer asked for, which are read again with each refresh of the first. */
import { useEffect, useState } from "preact/hooks"
import { chainQuestion } from "../../api/Questions.ts"
import { usePage } from "../../hooks/Page.ts"
import { useRemote } from "../../hooks/Remote.ts"
import { mergeRows } from "../../state/Pages.ts"
import { type Rest, readRest } from "./Rest.ts"

/** A chain as it is shown. `remote` is its first page, `chain` that with the further ones; `more` asks for another, where there is one. */
export const useChain = (root: string) => {
  const { client } = usePage()
  const remote = useRemote(chainQuestion(root))
  const [wanted, want] = useState({ root, pages: 0 })
  const [known, setKnown] = useState<{ readonly of: typeof wanted; readonly rest: Rest } | undefined>(undefined)
  const first = remote.value
  const isWanted = wanted.root === root && wanted.pages > 0
  useEffect(() => {
    if (first === undefined || !isWanted) return undefined
    let isCurrent = true
    readRest((cursor) => client.ask(chainQuestion(root, cursor)), first.cursor, wanted.pages).then((rest) => {
      if (isCurrent) setKnown({ of: wanted, rest })
    })
    return () => {
      isCurrent = false
    }
  }, [client, root, first, wanted, isWanted])
  const rest = isWanted && known?.of.root === root ? known.rest : undefined
  const cursor = rest === undefined ? (first?.cursor ?? null) : rest.cursor
  return {
    remote,
    chain: first && { nodes: mergeRows(first.nodes, rest?.nodes ?? [], ({ run }) => run), cursor },
    failure: rest?.failure,
    isLoading: isWanted && known?.of !== wanted,
    more: () => want({ root, pages: isWanted ? wanted.pages + (rest?.failure === undefined ? 1 : 0) : 1 })
  }
}
