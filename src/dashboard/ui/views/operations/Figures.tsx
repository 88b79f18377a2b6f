/**
 * The figures of the window as tiles, each against the window before it: the totals of the answer whose points the charts draw. A tile of a
 * status whose events can be searched for is the filter for them.
 */
import { useMemo } from "preact/hooks"
import type { Figures, Trend } from "../../../../domain/Answers.ts"
import type { Sent } from "../../api/Sent.ts"
import { Gauge, Sparkline } from "../../charts/Bars.tsx"
import { columnsOf } from "../../charts/Series.ts"
import { Icon } from "../../components/Icon.tsx"
import { Failed } from "../../components/Notices.tsx"
import { change, count, duration, share } from "../../format/Numbers.ts"
import {
  type CountedStatus,
  countedNames,
  searchedStatuses,
  statusHints,
  statusIcons,
  statusLabels,
  windowLabels
} from "../../format/Words.ts"
import { useExported, useView } from "../../hooks/Page.ts"
import type { Shown } from "../../hooks/Remote.ts"
import { toggled } from "../../state/View.ts"

const tiles = [
  "accepted",
  "dispatched",
  "denied",
  "failed",
  "withdrawn",
  "unknown"
] as const satisfies ReadonlyArray<CountedStatus>
/** Whether more of a status is good news; what is neither is not coloured. */
const goodDirection: Partial<Record<CountedStatus, "up" | "down">> = {
  dispatched: "up",
  failed: "down",
  unknown: "down"
}

const quantiles = ["p50", "p95", "p99", "max"] as const
/** What stands in the tile of a status. */
interface StatusTileProps {
  readonly status: CountedStatus
  readonly figures: Sent<Figures>
  readonly line: ReadonlyArray<number> | undefined
}

/** Of how started runs stand, those that are no statuses, which have their place already. */
const results = ["succeeded", "unsuccessful", "running"] as const

const Change = ({ status, figures }: { readonly status: CountedStatus; readonly figures: Sent<Figures> }) => {
  const { direction, label } = change(figures.counts[status], figures.previous[status])
  if (figures.counts[status] === 0 && figures.previous[status] === 0) return null
  if (direction === "same") return <span class="change">{label}</span>
  const good = goodDirection[status]
  const tone = good === undefined ? "" : good === direction ? " is-good" : " is-bad"
  const before = `${count(figures.previous[status])} in the ${windowLabels[figures.window]} before`
  return (
    <span class={`change${tone}`} title={before}>
      {label}
    </span>
  )
}

const StatusParts = ({ status, figures, line }: StatusTileProps) => (
  <>
    <span class="label">
      <Icon name={statusIcons[status]} />
      {statusLabels[status]}
    </span>
    <span class="value">
      <b class={figures.counts[status] === 0 ? "is-zero" : ""}>{count(figures.counts[status])}</b>
      <Change status={status} figures={figures} />
    </span>
    {line !== undefined && <Sparkline values={line} status={status} />}
  </>
)

const StatusTile = (props: StatusTileProps) => {
  const [view, go] = useView()
  const { status } = props
  const chosen = view.status === status
  return searchedStatuses.includes(status) ? (
    <button
      type="button"
      class={`tile is-${status}${chosen ? " is-chosen" : ""}`}
      aria-pressed={chosen}
      title={statusHints[status]}
      onClick={() => go(toggled(view, "status", status))}
    >
      <StatusParts {...props} />
    </button>
  ) : (
    <div class={`tile is-${status}`} title={statusHints[status]}>
      <StatusParts {...props} />
    </div>
  )
}

const SuccessTile = ({ figures }: { readonly figures: Sent<Figures> }) => (
  <div class="tile" title="Dispatched, of all targets that were tried">
    <span class="label">Success</span>
    <span class="value">
      <b class={figures.successRate === null ? "is-zero" : ""}>{share(figures.successRate)}</b>
    </span>
    {figures.successRate !== null && <Gauge share={figures.successRate} />}
  </div>
)

const ResultTile = ({ figures: { counts, resultRate, completion } }: { readonly figures: Sent<Figures> }) => (
  <div class="tile" title="Of the started runs that have ended, those that succeeded">
    <span class="label">
      <Icon name="completed" />
      Results
    </span>
    <span class="value">
      <b class={resultRate === null ? "is-zero" : ""}>{share(resultRate)}</b>
    </span>
    <span class="under">
      {completion.p95 === null
        ? `${count(counts.running)} running`
        : `${count(counts.running)} running · p95 ${duration(completion.p95)}`}
    </span>
    {resultRate !== null && <Gauge share={resultRate} />}
  </div>
)

const ElapsedTile = ({ figures: { elapsed } }: { readonly figures: Sent<Figures> }) => (
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
      {elapsed.p50 === null ? "nothing dispatched" : `p50 ${duration(elapsed.p50)} · max ${duration(elapsed.max)}`}
    </span>
  </div>
)

const Loading = () => (
  <>
    {[...tiles, "success", "results", "elapsed"].map((tile) => (
      <div key={tile} class="tile is-loading" aria-hidden="true" />
    ))}
  </>
)

export const FigureTiles = ({ trend: { value, failure, outdated, retry } }: { readonly trend: Shown<Sent<Trend>> }) => {
  const [view] = useView()
  const columns = useMemo(() => (value === undefined ? undefined : columnsOf(value)), [value])
  const total = value?.total
  useExported(
    total && {
      name: "Figures",
      columns: ["figure", "value", "before"],
      rows: [
        ...countedNames.map((status) => [status, total.counts[status], total.previous[status]]),
        ...results.map((name) => [name, total.counts[name], total.previous[name]]),
        ["successRate", total.successRate, total.previousSuccessRate],
        ["resultRate", total.resultRate, total.previousResultRate],
        ...quantiles.map((quantile) => [`${quantile} ms`, total.elapsed[quantile], null]),
        ...quantiles.map((quantile) => [`completion ${quantile} ms`, total.completion[quantile], null])
      ]
    }
  )
  const label = `Figures of the last ${windowLabels[view.period]}`
  if (total === undefined && failure !== undefined) {
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
      aria-busy={total === undefined}
    >
      {total === undefined ? (
        <Loading />
      ) : (
        <>
          <SuccessTile figures={total} />
          {tiles.map((status) => (
            <StatusTile key={status} status={status} figures={total} line={columns?.counts(status)} />
          ))}
          <ElapsedTile figures={total} />
          <ResultTile figures={total} />
        </>
      )}
    </section>
  )
}
