/** A page of a ranking. */
import type { RankedScope, Ranking } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Icon } from "../../components/Icon.tsx"
import { useView } from "../../hooks/Page.ts"
import { comparing, sameCompared } from "../../state/View.ts"
import { choosing, chosenIn, comparable, ScopeName } from "../Scopes.tsx"
import { type ColumnSet, RankingCell, RankingHead, rankingColumns } from "./RankingColumns.tsx"

const Name = ({ row }: { readonly row: Sent<RankedScope> }) => {
  const [view, go] = useView()
  if (row.scope._tag === "Version") return <ScopeName scope={row.scope} />
  const chosen = chosenIn(view, row.scope)
  return (
    <button
      type="button"
      class={`chooser${chosen ? " is-chosen" : ""}`}
      aria-pressed={chosen}
      onClick={() => go(choosing(view, row.scope))}
    >
      <ScopeName scope={row.scope} />
    </button>
  )
}

const CompareButton = ({ row }: { readonly row: Sent<RankedScope> }) => {
  const [view, go] = useView()
  const side = comparable(row.scope)
  if (side === undefined) return null
  const on = view.compare.some((one) => sameCompared(one, side))
  return (
    <button
      type="button"
      class={`button is-small compare${on ? " is-on" : ""}`}
      aria-pressed={on}
      aria-label={`Compare ${side.repository}`}
      onClick={() => go(comparing(view, side))}
    >
      <Icon name="compare" />
      <span>Compare</span>
    </button>
  )
}

interface RowProps {
  readonly row: Sent<RankedScope>
  readonly ranked: Ranking
  readonly set: ColumnSet
}

const Row = ({ row, ranked, set }: RowProps) => (
  <tr>
    <th scope="row">
      <Name row={row} />
    </th>
    {rankingColumns(set, ranked).map((column, index) => (
      <RankingCell key={index} column={column} row={row} />
    ))}
    <td class="is-action">
      <CompareButton row={row} />
    </td>
  </tr>
)

const firstColumn: Readonly<Record<Ranking, string>> = {
  sources: "Source",
  targets: "Target",
  workflows: "Workflow",
  movers: "Source",
  versions: "Version",
  results: "Target"
}

interface Props {
  readonly ranked: Ranking
  readonly set: ColumnSet
  readonly rows: ReadonlyArray<Sent<RankedScope>>
}

export const RankingTable = ({ ranked, set, rows }: Props) => (
  <div class="ranking-box">
    <table class={`list ranking is-${set}`}>
      <thead>
        <tr>
          <th scope="col">{firstColumn[ranked]}</th>
          {rankingColumns(set, ranked).map((column, index) => (
            <RankingHead key={index} column={column} />
          ))}
          <th scope="col">
            <span class="hidden">Compare</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={JSON.stringify(row.scope)} row={row} ranked={ranked} set={set} />
        ))}
      </tbody>
    </table>
  </div>
)
