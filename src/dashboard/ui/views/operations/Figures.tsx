/** The figures of the window as tiles, each against the window before it. A tile of a status is the filter for it. */
import { useMemo } from "preact/hooks"
import type { Kpi, Trend } from "../../../../domain/Views.ts"
import { columnsOf } from "../../charts/Series.ts"
import { Sparkline } from "../../charts/Sparkline.tsx"
import { Icon } from "../../components/Icon.tsx"
import { Failed } from "../../components/Notices.tsx"
import { change, count, duration, share } from "../../format/Numbers.ts"
import { stepOf } from "../../format/Times.ts"
import { type Status, statusHints, statusLabels, statusNames, windowLabels } from "../../format/Words.ts"
import { useNow } from "../../hooks/Clock.ts"
import { useExported } from "../../hooks/Exported.ts"
import { useView } from "../../hooks/Page.ts"
import type { Shown } from "../../hooks/Remote.ts"
import { toggled, windowOf } from "../../state/View.ts"

const tiles = [
  "accepted",
  "dispatched",
  "denied",
  "failed",
  "withdrawn",
  "unknown"
] as const satisfies ReadonlyArray<Status>
/** Whether more of a status is good news; what is neither is not coloured. */
const goodDirection: Partial<Record<Status, "up" | "down">> = { dispatched: "up", failed: "down", unknown: "down" }

const Change = ({ status, kpi }: { readonly status: Status; readonly kpi: Kpi }) => {
  const { direction, label } = change(kpi.counts[status], kpi.previous[status])
  if (kpi.counts[status] === 0 && kpi.previous[status] === 0) return null
  if (direction === "same") return <span class="change">{label}</span>
  const good = goodDirection[status]
  const tone = good === undefined ? "" : good === direction ? " is-good" : " is-bad"
  const before = `${count(kpi.previous[status])} in the ${windowLabels[kpi.window]} before`
  return (
    <span class={`change${tone}`} title={before}>
      {label}
    </span>
  )
}

const StatusTile = ({
  status,
  kpi,
  line
}: {
  readonly status: Status
  readonly kpi: Kpi
  readonly line: ReadonlyArray<number> | undefined
}) => {
  const [view, go] = useView()
  const chosen = view.status === status
  return (
    <button
      type="button"
      class={`tile is-${status}${chosen ? " is-chosen" : ""}`}
      aria-pressed={chosen}
      title={statusHints[status]}
      onClick={() => go(toggled(view, "status", status))}
    >
      <span class="label">
        <Icon name={status} />
        {statusLabels[status]}
      </span>
      <span class="value">
        <b class={kpi.counts[status] === 0 ? "is-zero" : ""}>{count(kpi.counts[status])}</b>
        <Change status={status} kpi={kpi} />
      </span>
      {line !== undefined && <Sparkline values={line} status={status} />}
    </button>
  )
}

const SuccessTile = ({ kpi }: { readonly kpi: Kpi }) => (
  <div class="tile is-success" title="Dispatched, of all targets that were tried">
    <span class="label">Success</span>
    <span class="value">
      <b class={kpi.successRate === null ? "is-zero" : ""}>{share(kpi.successRate)}</b>
    </span>
    {kpi.successRate !== null && (
      <span class="gauge" aria-hidden="true">
        <i style={{ width: `${kpi.successRate * 100}%` }} />
      </span>
    )}
  </div>
)

const ElapsedTile = ({ kpi: { elapsed } }: { readonly kpi: Kpi }) => (
  <div
    class="tile"
    title="From acceptance to dispatch: half of the targets are faster than p50, 95 of 100 faster than p95"
  >
    <span class="label">
      <Icon name="queued" />
      Elapsed, p95
    </span>
    <span class="value">
      <b class={elapsed.p95 === null ? "is-zero" : ""}>{duration(elapsed.p95)}</b>
    </span>
    <span class="under">
      {elapsed.p50 === null ? "nothing dispatched" : `p50 ${duration(elapsed.p50)} · p99 ${duration(elapsed.p99)}`}
    </span>
  </div>
)

const Loading = () => (
  <>
    {[...tiles, "success", "elapsed"].map((tile) => (
      <div key={tile} class="tile is-loading" aria-hidden="true" />
    ))}
  </>
)

interface Props {
  readonly kpi: Shown<Kpi>
  readonly trend: Shown<Trend>
}

export const Figures = ({ kpi: { value, failure, outdated, retry }, trend }: Props) => {
  const [view] = useView()
  const now = useNow(stepOf.minute)
  const columns = useMemo(
    () => (trend.value === undefined ? undefined : columnsOf(trend.value, now)),
    [trend.value, now]
  )
  useExported(
    value && {
      name: "Figures",
      columns: ["figure", "value", "before"],
      rows: [
        ...statusNames.map((status) => [status, value.counts[status], value.previous[status]]),
        ["successRate", value.successRate, null],
        ...(["p50", "p95", "p99"] as const).map((quantile) => [`${quantile} ms`, value.elapsed[quantile], null])
      ]
    }
  )
  const label = `Figures of the last ${windowLabels[windowOf(view.period)]}`
  if (value === undefined && failure !== undefined) {
    return (
      <section class="card at-figures" aria-label={label}>
        <Failed failure={failure} retry={retry} />
      </section>
    )
  }
  return (
    <section
      class={`figures at-figures${outdated ? " is-outdated" : ""}`}
      aria-label={label}
      aria-busy={value === undefined}
    >
      {value === undefined ? (
        <Loading />
      ) : (
        <>
          <SuccessTile kpi={value} />
          {tiles.map((status) => (
            <StatusTile key={status} status={status} kpi={value} line={columns?.counts(status)} />
          ))}
          <ElapsedTile kpi={value} />
        </>
      )}
    </section>
  )
}
