/** Two repositories side by side: their figures as two wings of one chart, and one line each over time. */
import { useState } from "preact/hooks"
import { type About, filters, trends } from "../../api/Questions.ts"
import { Card } from "../../components/Card.tsx"
import { Combobox } from "../../components/Combobox.tsx"
import { Icon } from "../../components/Icon.tsx"
import { Failed, Skeleton } from "../../components/Notices.tsx"
import { RepositoryText } from "../../components/Repository.tsx"
import { Segmented } from "../../components/Segmented.tsx"
import { isRepositoryName } from "../../format/GitHub.ts"
import { windowLabels } from "../../format/Words.ts"
import { useView } from "../../hooks/Page.ts"
import { useRemote } from "../../hooks/Remote.ts"
import { type Compared, comparing } from "../../state/View.ts"
import { CompareChart, type ComparedName, comparedLabels, comparedNames } from "./CompareChart.tsx"
import { MirrorBars } from "./MirrorBars.tsx"

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
  const [name, setName] = useState<ComparedName>("dispatched")
  const sides = [useRemote(trends(aboutOf(a), view.period)), useRemote(trends(aboutOf(b), view.period))] as const
  const broken = sides.find(({ failure, value }) => failure !== undefined && value === undefined)
  if (broken?.failure !== undefined) return <Failed failure={broken.failure} retry={broken.retry} />
  const [{ value: left }, { value: right }] = sides
  if (left === undefined || right === undefined) return <Skeleton lines={8} />
  return (
    <div class="both">
      <MirrorBars left={left.total} right={right.total} names={[a.repository, b.repository]} />
      <div>
        <Segmented
          label="What the lines show"
          options={comparedNames.map((one) => [one, comparedLabels[one]] as const)}
          value={name}
          onChange={setName}
        />
        <CompareChart sides={[a, b]} trends={[left, right]} name={name} />
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
      note={`last ${windowLabels[view.period]}`}
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
