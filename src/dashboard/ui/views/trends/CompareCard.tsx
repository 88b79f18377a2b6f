/** Two repositories side by side: their figures as two wings of one chart, and one line each over time. */
import { useState } from "preact/hooks"
import { type About, filters, summary, trends } from "../../api/Questions.ts"
import { Card } from "../../components/Card.tsx"
import { Combobox } from "../../components/Combobox.tsx"
import { Icon } from "../../components/Icon.tsx"
import { Failed, Skeleton } from "../../components/Notices.tsx"
import { RepositoryText } from "../../components/Repository.tsx"
import { Segmented } from "../../components/Segmented.tsx"
import { isRepositoryName } from "../../format/Names.ts"
import { rangeLabels, statusLabels } from "../../format/Words.ts"
import { useView } from "../../hooks/Page.ts"
import { useRemote } from "../../hooks/Remote.ts"
import { type Compared, comparing, rangeOf, windowOf } from "../../state/View.ts"
import { CompareChart, type ComparedStatus, comparedStatuses } from "./CompareChart.tsx"
import { Wings } from "./Wings.tsx"

const aboutOf = ({ kind, repository }: Compared): About => ({
  source: kind === "source" ? repository : undefined,
  target: kind === "target" ? repository : undefined
})

const Side = ({ side, letter }: { readonly side: Compared; readonly letter: "a" | "b" }) => {
  const [view, go] = useView()
  return (
    <span class={`side is-${letter}`}>
      <i />
      <span class="muted">{side.kind}</span>
      <RepositoryText name={side.repository} />
      <button
        type="button"
        class="button is-quiet is-icon"
        aria-label={`Stop comparing ${side.repository}`}
        onClick={() => go(comparing(view, side))}
      >
        <Icon name="close" />
      </button>
    </span>
  )
}

const Second = ({ first }: { readonly first: Compared }) => {
  const [view, go] = useView()
  const { value } = useRemote(filters)
  const known = first.kind === "source" ? value?.sources : value?.targets
  return (
    <div class="second">
      <Combobox
        label="Repository to compare with"
        placeholder="Compare with…"
        options={(known ?? []).filter((name) => name !== first.repository)}
        value={undefined}
        onChange={(repository) => {
          if (repository !== undefined) go(comparing(view, { kind: first.kind, repository }))
        }}
        accepts={isRepositoryName}
      />
      <p>Type a name, or choose another “Compare” in the ranking below.</p>
    </div>
  )
}

const Both = ({ a, b }: { readonly a: Compared; readonly b: Compared }) => {
  const [view] = useView()
  const [status, setStatus] = useState<ComparedStatus>("dispatched")
  const [window, range] = [windowOf(view.period), rangeOf(view.period)]
  const figures = [useRemote(summary(aboutOf(a), window)), useRemote(summary(aboutOf(b), window))] as const
  const lines = [useRemote(trends(aboutOf(a), range)), useRemote(trends(aboutOf(b), range))] as const
  const broken = [...figures, ...lines].find(({ failure, value }) => failure !== undefined && value === undefined)
  if (broken?.failure !== undefined) return <Failed failure={broken.failure} retry={broken.retry} />
  const [{ value: left }, { value: right }] = figures
  const [{ value: before }, { value: after }] = lines
  if (left === undefined || right === undefined || before === undefined || after === undefined)
    return <Skeleton lines={8} />
  return (
    <div class="both">
      <Wings left={left} right={right} names={[a.repository, b.repository]} />
      <div>
        <Segmented
          label="What the lines show"
          options={comparedStatuses.map((one) => [one, statusLabels[one]] as const)}
          value={status}
          onChange={setStatus}
        />
        <CompareChart sides={[a, b]} trends={[before, after]} status={status} />
      </div>
    </div>
  )
}

export const CompareCard = ({ sides: [a, b] }: { readonly sides: ReadonlyArray<Compared> }) => {
  const [view, go] = useView()
  if (a === undefined) return null
  return (
    <Card
      area="compare"
      title="Side by side"
      note={`last ${rangeLabels[rangeOf(view.period)]}`}
      tools={
        <button type="button" class="button is-quiet" onClick={() => go({ ...view, compare: [] })}>
          Close
        </button>
      }
    >
      <div class="card-body">
        <div class="sides">
          <Side side={a} letter="a" />
          {b === undefined ? <Second first={a} /> : <Side side={b} letter="b" />}
        </div>
        {b !== undefined && <Both a={a} b={b} />}
      </div>
    </Card>
  )
}
