/** The one set of filters that every widget follows. What is set here is in the URL, and one click clears it all. */
import { useEffect, useRef, useState } from "preact/hooks"
import { filters } from "../api/Questions.ts"
import { isRepositoryName } from "../format/GitHub.ts"
import { factTypeOf, reasonLabel, type Status, searchedStatuses, statusLabels } from "../format/Words.ts"
import { useSlash } from "../hooks/Document.ts"
import { usePage, useView } from "../hooks/Page.ts"
import { useRemote } from "../hooks/Remote.ts"
import { activeFilters, initialView, periods, topologyOf, withoutFilters } from "../state/View.ts"
import { Combobox } from "./Combobox.tsx"
import { FindBox } from "./FindBox.tsx"
import { Icon } from "./Icon.tsx"
import { ViewLink } from "./Links.tsx"
import { Segmented } from "./Segmented.tsx"

const StatusFilter = () => {
  const [view, go] = useView()
  return (
    <label class={`select${view.status === undefined ? "" : " is-set"}`}>
      <span class="hidden">Status</span>
      <select
        value={view.status ?? ""}
        onChange={({ currentTarget }) => {
          const status = searchedStatuses.find((name) => name === currentTarget.value)
          go({ ...view, status })
        }}
      >
        <option value="">Any status</option>
        {searchedStatuses.map((status: Status) => (
          <option key={status} value={status} title={factTypeOf[status]}>
            {statusLabels[status]}
          </option>
        ))}
      </select>
      <Icon name="down" />
    </label>
  )
}

const ReasonChip = () => {
  const [view, go] = useView()
  // The Events view has a field for it.
  if (view.reason === undefined || view.tab === "events") return null
  return (
    <button
      type="button"
      class="chip is-set"
      title="Clear the reason"
      onClick={() => go({ ...view, reason: undefined })}
    >
      {reasonLabel(view.reason)}
      <Icon name="close" />
      <span class="hidden">Clear the reason</span>
    </button>
  )
}

export const FilterBar = () => {
  const [view, go] = useView()
  const { searches } = usePage()
  const choices = useRemote(filters)
  const known = choices.value?.searches
  useEffect(() => {
    if (known !== undefined) searches.set(known)
  }, [known, searches])
  const source = useRef<HTMLInputElement>(null)
  const [unfolded, unfold] = useState(false)
  const [slash] = useState(() => () => {
    unfold(true)
    // On a phone the field is there only after this has been rendered.
    requestAnimationFrame(() => source.current?.focus())
  })
  useSlash(slash)
  const active = activeFilters(view).length
  const repository = view.source ?? view.target
  const changed = active > 0 || view.period !== initialView.period
  return (
    <search class={`filters${unfolded ? " is-unfolded" : ""}`} aria-label="Filters">
      <button type="button" class="button fold" aria-expanded={unfolded} onClick={() => unfold(!unfolded)}>
        <Icon name="filter" />
        <span>Filters</span>
        {active > 0 && <b>{active}</b>}
      </button>
      <div class="fields">
        <Combobox
          label="Source repository"
          placeholder="Any source"
          options={choices.value?.sources ?? []}
          value={view.source}
          onChange={(name) => go({ ...view, source: name })}
          accepts={isRepositoryName}
          input={source}
        />
        <Combobox
          label="Target repository"
          placeholder="Any target"
          options={choices.value?.targets ?? []}
          value={view.target}
          onChange={(name) => go({ ...view, target: name })}
          accepts={isRepositoryName}
        />
        <StatusFilter />
        {repository !== undefined && (
          <ViewLink to={topologyOf(view, repository)} isButton>
            <Icon name="topology" />
            Topology
          </ViewLink>
        )}
        <ReasonChip />
        <FindBox />
      </div>
      <Segmented
        label="Period"
        options={periods.map((period) => [period, period])}
        value={view.period}
        onChange={(period) => go({ ...view, period, from: undefined, to: undefined })}
      />
      <button type="button" class="button is-quiet reset" disabled={!changed} onClick={() => go(withoutFilters(view))}>
        Reset
      </button>
    </search>
  )
}
