/** The page of a chain: the whole way from its first run to its last, each run with its state, failures first. */
import type { ChainView } from "../../../../domain/Chain.ts"
import { chainQuestion } from "../../api/Questions.ts"
import type { Sent } from "../../api/Sent.ts"
import { Card, CardBody } from "../../components/Card.tsx"
import { Empty } from "../../components/Notices.tsx"
import { RepositoryText } from "../../components/Repository.tsx"
import { TopologyLink } from "../../components/TopologyLink.tsx"
import { count } from "../../format/Numbers.ts"
import { useExported } from "../../hooks/Exported.ts"
import { useRemote } from "../../hooks/Remote.ts"
import { ChainTree } from "./ChainTree.tsx"
import { type ChainItem, treesOf } from "./Tree.ts"

const rowsOf = (item: ChainItem, level: number): ReadonlyArray<ReadonlyArray<string | number | null>> => {
  const { repository, workflow, branch, state, word, since, took, why, url, key } = item
  const row = [level, repository, workflow, branch, state, word, since, took, why, url, key]
  return [row, ...item.below.flatMap((one) => rowsOf(one, level + 1))]
}

const chainTable = (trees: ReadonlyArray<ChainItem>) => ({
  name: "Chain",
  columns: [
    ...["depth", "repository", "workflow", "branch", "state", "word", "since"],
    ...["took", "why", "url", "id"]
  ],
  rows: trees.flatMap((tree) => rowsOf(tree, 0))
})

const Trees = ({ chain, trees }: { readonly chain: Sent<ChainView>; readonly trees: ReadonlyArray<ChainItem> }) =>
  trees.length === 0 ? (
    <Empty title="No run of this chain is known" />
  ) : (
    <>
      <ChainTree trees={trees} />
      {chain.more && (
        <p class="and-more">
          There are more runs than the {count(chain.nodes.length)} that are listed; of those nothing is shown.
        </p>
      )}
    </>
  )

export const ChainPage = ({ root }: { readonly root: string }) => {
  const remote = useRemote(chainQuestion(root))
  const trees = remote.value && treesOf(remote.value)
  useExported(trees && chainTable(trees))
  const first = trees?.[0]
  return (
    <Card
      title="Chain"
      area="chain"
      note={
        first !== undefined && (
          <span class="scope">
            of <RepositoryText name={first.repository} /> {first.workflow} <TopologyLink name={first.repository} />
          </span>
        )
      }
    >
      <CardBody remote={remote}>{(chain) => <Trees chain={chain} trees={trees ?? []} />}</CardBody>
    </Card>
  )
}
