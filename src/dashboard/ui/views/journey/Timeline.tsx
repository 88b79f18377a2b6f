/** A journey fact by fact, in the order in which they come: about the run first, then target by target, each under its heading. */
import type { FactView } from "../../api/Sent.ts"
import { TopologyLink } from "../../components/Links.tsx"
import { RepositoryLabel } from "../../components/Repository.tsx"
import { originOf } from "../../format/GitHub.ts"
import { FactStep } from "./FactStep.tsx"
import { type JourneyRun, journeyTargetOf } from "./Run.ts"

/** The target that the facts below are about. */
const Heading = ({ fact }: { readonly fact: FactView }) => {
  if (!("target" in fact.data)) return null
  const { repository, workflow, ref } = fact.data.target
  return (
    <li class="of-target">
      <h3>
        <RepositoryLabel name={repository} as="target" /> <TopologyLink name={repository} />{" "}
        <span class="muted">
          {workflow}@{ref}
        </span>
      </h3>
    </li>
  )
}

export const Timeline = ({ facts, run }: { readonly facts: ReadonlyArray<FactView>; readonly run: JourneyRun }) => {
  const origin = originOf(run.accepted?.runUrl)
  return (
    <ol class="timeline">
      {facts.map((fact, index) => {
        const before = facts[index - 1]
        const isNew = before !== undefined && journeyTargetOf(before) !== journeyTargetOf(fact)
        return [
          isNew && <Heading key={`of ${fact.id}`} fact={fact} />,
          <FactStep key={fact.id} fact={fact} since={run.acceptedAt} origin={origin} />
        ]
      })}
    </ol>
  )
}
