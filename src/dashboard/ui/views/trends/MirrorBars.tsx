/** The figures of two repositories as wings: each figure in the middle, a bar to each side, as long as the greater one allows. */
import type { Figures } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Wing } from "../../charts/Bars.tsx"
import { count, duration, share } from "../../format/Numbers.ts"
import { reasonLabel, statusLabels } from "../../format/Words.ts"
import { useExported } from "../../hooks/Page.ts"

interface Figure {
  readonly label: string
  readonly of: (figures: Sent<Figures>) => number | null
  readonly shown: (value: number | null) => string
}

const whole = (value: number | null): string => count(value ?? 0)
const figures: ReadonlyArray<Figure> = [
  ...(["accepted", "dispatched", "denied", "failed", "withdrawn", "unknown"] as const).map(
    (status): Figure => ({ label: statusLabels[status], of: ({ counts }) => counts[status], shown: whole })
  ),
  { label: "Success", of: ({ successRate }) => successRate, shown: (value) => share(value) },
  { label: "To dispatch, p50", of: ({ elapsed }) => elapsed.p50, shown: (value) => duration(value) },
  { label: "To dispatch, p95", of: ({ elapsed }) => elapsed.p95, shown: (value) => duration(value) },
  { label: "Succeeded", of: ({ counts }) => counts.succeeded, shown: whole },
  { label: "Unsuccessful", of: ({ counts }) => counts.unsuccessful, shown: whole },
  { label: "Running", of: ({ counts }) => counts.running, shown: whole },
  { label: "Lost", of: ({ counts }) => counts.lost, shown: whole },
  { label: "Results", of: ({ resultRate }) => resultRate, shown: (value) => share(value) },
  { label: "To the end, p50", of: ({ completion }) => completion.p50, shown: (value) => duration(value) },
  { label: "To the end, p95", of: ({ completion }) => completion.p95, shown: (value) => duration(value) }
]

const mostly = ({ reasons: [first] }: Sent<Figures>): string =>
  first === undefined ? "–" : `${reasonLabel(first.code)} (${count(first.count)})`

interface Props {
  readonly left: Sent<Figures>
  readonly right: Sent<Figures>
  readonly names: readonly [string, string]
}

export const MirrorBars = ({ left, right, names }: Props) => {
  useExported({
    name: "Side by side",
    columns: ["figure", ...names],
    rows: figures.map(({ label, of }) => [label, of(left), of(right)])
  })
  return (
    <table class="wings">
      <thead class="hidden">
        <tr>
          <th scope="col">{names[0]}</th>
          <th scope="col">Figure</th>
          <th scope="col">{names[1]}</th>
        </tr>
      </thead>
      <tbody>
        {figures.map(({ label, of, shown }) => {
          const [a, b] = [of(left), of(right)]
          return (
            <tr key={label}>
              <td>
                <b>{shown(a)}</b>
                <Wing value={a} other={b} letter="a" />
              </td>
              <th scope="row">{label}</th>
              <td>
                <Wing value={b} other={a} letter="b" />
                <b>{shown(b)}</b>
              </td>
            </tr>
          )
        })}
        <tr class="is-text">
          <td>{mostly(left)}</td>
          <th scope="row">Mostly refused for</th>
          <td>{mostly(right)}</td>
        </tr>
      </tbody>
    </table>
  )
}
