/** The rankings: repositories, workflows, movers and versions, page by page. Any two repositories in it can be put side by side. */
import { useState } from "preact/hooks"
import { rankings } from "../../../../domain/Vocabulary.ts"
import { ranking } from "../../api/Questions.ts"
import { Card, CardBody } from "../../components/Card.tsx"
import { FreshClaim, Skeleton } from "../../components/Notices.tsx"
import { Segmented } from "../../components/Segmented.tsx"
import { AsOf } from "../../components/Time.tsx"
import { count } from "../../format/Numbers.ts"
import { rankingLabels, windowLabels } from "../../format/Words.ts"
import { useExported, useView } from "../../hooks/Page.ts"
import { useRemote } from "../../hooks/Remote.ts"
import { rankedWindowOf } from "../../state/View.ts"
import { rankingTable } from "../Rankings.ts"
import { type ColumnSet, columnSets } from "./RankingColumns.tsx"
import { RankingTable } from "./RankingTable.tsx"

interface PagerProps {
  readonly page: number
  readonly pages: number
  readonly total: number
  readonly go: (page: number) => void
}

const Pager = ({ page, pages, total, go }: PagerProps) =>
  pages < 2 ? null : (
    <nav class="more" aria-label="Pages">
      <button type="button" class="button" disabled={page === 0} onClick={() => go(page - 1)}>
        Previous
      </button>
      <span>
        Page {page + 1} of {pages}, {count(total)} in all
      </span>
      <button type="button" class="button" disabled={page + 1 >= pages} onClick={() => go(page + 1)}>
        Next
      </button>
    </nav>
  )

const options = rankings.map((name) => [name, rankingLabels[name]] as const)

export const RankingCard = () => {
  const [view, go] = useView()
  const window = rankedWindowOf(view.period)
  const subject = `${view.ranking} ${window}`
  const [chosen, setChosen] = useState<ColumnSet>("dispatching")
  // Results are ranked by how started runs ended, so their columns say that.
  const set = view.ranking === "results" ? "results" : chosen
  const [paging, setPaging] = useState({ subject, page: 0 })
  // Another ranking, or another window, begins at its first page.
  const page = paging.subject === subject ? paging.page : 0
  const remote = useRemote(ranking(view.ranking, window, page))
  useExported(remote.value && rankingTable(remote.value))
  return (
    <Card
      area="ranking"
      title="Ranking"
      note={<AsOf text={`last ${windowLabels[window]}`} at={remote.value?.asOf} />}
      tools={
        <>
          <Segmented
            label="What is ranked"
            options={options}
            value={view.ranking}
            onChange={(next) => go({ ...view, ranking: next })}
          />
          {view.ranking !== "results" && (
            <Segmented label="What the columns are about" options={columnSets} value={chosen} onChange={setChosen} />
          )}
        </>
      }
    >
      <CardBody remote={remote} skeleton={<Skeleton lines={8} />}>
        {({ asOf, rows, pages, total, ranking: ranked }) =>
          rows.length === 0 ? (
            <FreshClaim asOf={asOf} icon="table" title="Nothing to rank">
              {ranked === "results"
                ? "Targets appear with the first started run of this time."
                : `${rankingLabels[ranked]} appear with the first deliveries of this time.`}
            </FreshClaim>
          ) : (
            <>
              <RankingTable ranked={ranked} set={ranked === "results" ? "results" : set} rows={rows} />
              <Pager page={page} pages={pages} total={total} go={(next) => setPaging({ subject, page: next })} />
            </>
          )
        }
      </CardBody>
    </Card>
  )
}
