/** A repository's name, as the filter that it is: a click makes every widget about it, another click lifts that. */
import { useView } from "../hooks/Page.ts"
import { toggled } from "../state/View.ts"

interface Props {
  readonly name: string
  readonly as: "source" | "target"
}

const same = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase()

/** Long names give way in the owner, which is mostly the same. */
export const RepositoryText = ({ name }: { readonly name: string }) => {
  const slash = name.indexOf("/") + 1
  return (
    <span class="repository">
      <span class="owner">{name.slice(0, slash)}</span>
      <span class="name">{name.slice(slash)}</span>
    </span>
  )
}

export const RepositoryLabel = ({ name, as }: Props) => {
  const [view, go] = useView()
  const chosen = same(view[as], name)
  return (
    <button
      type="button"
      class={`chooser${chosen ? " is-chosen" : ""}`}
      aria-pressed={chosen}
      title={chosen ? `${name}: show all again` : `Show only the ${as} ${name}`}
      onClick={() => go(toggled(view, as, name))}
    >
      <RepositoryText name={name} />
    </button>
  )
}
