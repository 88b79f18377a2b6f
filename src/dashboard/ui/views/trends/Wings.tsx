/** The figures of two repositories as wings: each figure in the middle, a bar to each side, as long as the greater one allows. */
import type { Kpi } from "../../../../domain/Views.ts"
import { count, duration, share } from "../../format/Numbers.ts"
import { reasonLabel, statusLabels } from "../../format/Words.ts"
import { useExported } from "../../hooks/Exported.ts"

interface Figure {
  readonly label: string
  readonly of: (kpi: Kpi) => number | null
  readonly shown: (value: number | null) => string
}

const whole = (value: number | null): string => count(value ?? 0)
const figures: ReadonlyArray<Figure> = [
  ...(["accepted", "dispatched", "denied", "failed", "withdrawn", "unknown"] as const).map(
    (status): Figure => ({ label: statusLabels[status], of: ({ counts }) => counts[status], shown: whole })
  ),
  { label: "Success", of: ({ successRate }) => successRate, shown: (value) => share(value) },
  { label: "To dispatch, p50", of: ({ elapsed }) => elapsed.p50, shown: (value) => duration(value) },
  { label: "To dispatch, p95", of: ({ elapsed }) => elapsed.p95, shown: (value) => duration(value) }
]

const mostly = ({ reasons: [first] }: Kpi): string =>
  first === undefined ? "–" : `${reasonLabel(first.code)} (${count(first.count)})`

const Wing = ({
  value,
  most,
  letter
}: {
  readonly value: number | null
  readonly most: number
  readonly letter: "a" | "b"
}) => (
  <span class={`wing is-${letter}`} aria-hidden="true">
    <i style={{ width: `${most === 0 ? 0 : ((value ?? 0) / most) * 100}%` }} />
  </span>
)

interface Props {
  readonly left: Kpi
  readonly right: Kpi
  readonly names: readonly [string, string]
}

export const Wings = ({ left, right, names }: Props) => {
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
          const most = Math.max(a ?? 0, b ?? 0)
          return (
            <tr key={label}>
              <td>
                <b>{shown(a)}</b>
                <Wing value={a} most={most} letter="a" />
              </td>
              <th scope="row">{label}</th>
              <td>
                <Wing value={b} most={most} letter="b" />
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
