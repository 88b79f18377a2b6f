/** Events: search what happened by source, target, status, reason and time. */

import { useMemo } from "preact/hooks"
import { bucketMillis } from "../../../../domain/Bucket.ts"
import { filters } from "../../api/Questions.ts"
import { Card } from "../../components/Card.tsx"
import { Icon } from "../../components/Icon.tsx"
import { TimeFilter } from "../../components/TimeFilter.tsx"
import { exactly, rfc3339 } from "../../format/Times.ts"
import { reasonLabel, reasonNames } from "../../format/Words.ts"
import { usePage, useView } from "../../hooks/Page.ts"
import { useRemote } from "../../hooks/Remote.ts"
import { type Period, periodLength } from "../../state/View.ts"
import { EventsList } from "./EventsList.tsx"
import { FoundRuns } from "./FoundRuns.tsx"

const minute = bucketMillis("minute")

/** Where the period began when it was chosen. It stays there, so that the list grows at its start and pages stay pages. */
const usePeriodStart = (period: Period): string => {
  const { clock } = usePage()
  return useMemo(() => {
    const start = clock.get() - periodLength[period]
    return rfc3339(Math.floor(start / minute) * minute)
  }, [clock, period])
}

const ReasonFilter = () => {
  const [view, go] = useView()
  return (
    <label class={`select${view.reason === undefined ? "" : " is-set"}`}>
      <span class="hidden">Reason</span>
      <select
        value={view.reason ?? ""}
        onChange={({ currentTarget }) => go({ ...view, reason: currentTarget.value || undefined })}
      >
        <option value="">Any reason</option>
        {reasonNames.map((reason) => (
          <option key={reason} value={reason}>
            {reasonLabel(reason)}
          </option>
        ))}
      </select>
      <Icon name="down" />
    </label>
  )
}

/** Which filters go together, as the server says. */
const Combinations = () => {
  const { value } = useRemote(filters)
  if (value === undefined) return null
  const named = value.searches.filter((names) => names.length > 0).map((names) => names.join(" + "))
  return (
    <details class="hint">
      <summary>What can be combined</summary>
      <ul class="chips">
        {named.map((names) => (
          <li key={names} class="chip">
            {names}
          </li>
        ))}
      </ul>
      <p>
        Each of these has an index, so a search stays fast however much has happened. A time can be added to all of
        them.
      </p>
    </details>
  )
}

export const Events = () => {
  const [view] = useView()
  const start = usePeriodStart(view.period)
  const from = view.from ?? (view.to === undefined ? start : undefined)
  return (
    <div class="grid events-view">
      {view.find !== undefined && <FoundRuns find={view.find} />}
      <Card
        area="all"
        title="Events"
        note={from === undefined ? "newest first" : `since ${exactly(Date.parse(from))}`}
        tools={
          <>
            <ReasonFilter />
            <TimeFilter />
          </>
        }
      >
        <Combinations />
        <EventsList search={{ ...view, from }} />
      </Card>
    </div>
  )
}
