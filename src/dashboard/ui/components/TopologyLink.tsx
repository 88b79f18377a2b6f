/** Leads from a repository's name to its neighbours: what starts it, and what it starts. */
import { useView } from "../hooks/Page.ts"
import { topologyOf } from "../state/View.ts"
import { Icon } from "./Icon.tsx"
import { ViewLink } from "./ViewLink.tsx"

export const TopologyLink = ({ name }: { readonly name: string }) => {
  const [view] = useView()
  return (
    <span class="topology-link" title="What starts it, and what it starts">
      <ViewLink to={topologyOf(view, name)}>
        <Icon name="topology" />
        <span class="hidden">Topology of {name}</span>
      </ViewLink>
    </span>
  )
}
