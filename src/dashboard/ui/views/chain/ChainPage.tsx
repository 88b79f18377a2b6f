/** The page of a chain: the whole way from its first run to its last, each run with its state, failures first. */
import { Card, CardBody } from "../../components/Card.tsx"
import { TopologyLink } from "../../components/Links.tsx"
import { Empty } from "../../components/Notices.tsx"
import { RepositoryText } from "../../components/Repository.tsx"
import { count } from "../../format/Numbers.ts"
import { useExported } from "../../hooks/Page.ts"
import { ChainTree } from "./ChainTree.tsx"
import { useChain } from "./Pages.ts"
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

/** The way to the further runs of a large chain. */
const MoreRuns = ({ chain, failure, isLoading, more }: Omit<ReturnType<typeof useChain>, "remote">) =>
  chain === undefined || chain.cursor === null ? null : (
    <footer class="more">
      {failure !== undefined && <p role="alert">{failure.message}</p>}
      <p class="and-more">There are more runs than these {count(chain.nodes.length)}.</p>
      <button type="button" class="button" disabled={isLoading} onClick={more}>
        {isLoading ? "Loading…" : failure === undefined ? "Show more runs" : "Try again"}
      </button>
    </footer>
  )

const Trees = ({ trees }: { readonly trees: ReadonlyArray<ChainItem> }) =>
  trees.length === 0 ? <Empty title="No run of this chain is known" /> : <ChainTree trees={trees} />

export const ChainPage = ({ root }: { readonly root: string }) => {
  const { remote, ...pages } = useChain(root)
  const trees = pages.chain && treesOf(pages.chain)
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
      <CardBody remote={remote}>
        {() => (
          <>
            <Trees trees={trees ?? []} />
            <MoreRuns {...pages} />
          </>
        )}
      </CardBody>
    </Card>
  )
}
