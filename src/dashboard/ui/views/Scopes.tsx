/** What is ranked, as a name to read and as the filter that it stands for. */
import type { Scope } from "../../../domain/Scope.ts"
import type { Sent } from "../api/Sent.ts"
import { RepositoryText } from "../components/Repository.tsx"
import { type Compared, toggled, type ViewState } from "../state/View.ts"
import { scopeText } from "./Rankings.ts"

export const ScopeName = ({ scope }: { readonly scope: Sent<Scope> }) => {
  switch (scope._tag) {
    case "Source":
    case "Target":
      return <RepositoryText name={scope.repository} />
    case "Workflow":
      return (
        <span class="scope">
          <RepositoryText name={scope.repository} /> <span class="muted">{scope.workflow}</span>
        </span>
      )
    default:
      return <span class="scope">{scopeText(scope)}</span>
  }
}

/** The filter that a scope stands for; workflows stand for their repository, and the others for none. */
const filterOf = (scope: Sent<Scope>): Compared | undefined => {
  switch (scope._tag) {
    case "Source":
    case "Workflow":
      return { kind: "source", repository: scope.repository }
    case "Target":
      return { kind: "target", repository: scope.repository }
    default:
      return undefined
  }
}

export const chosenIn = (view: ViewState, scope: Sent<Scope>): boolean => {
  const filter = filterOf(scope)
  return filter !== undefined && view[filter.kind]?.toLowerCase() === filter.repository.toLowerCase()
}

/** The view once a scope was clicked. */
export const choosing = (view: ViewState, scope: Sent<Scope>): ViewState => {
  const filter = filterOf(scope)
  return filter === undefined ? view : toggled(view, filter.kind, filter.repository)
}

/** The side of a comparison that a scope can be; only whole repositories are compared. */
export const comparable = (scope: Sent<Scope>): Compared | undefined =>
  scope._tag === "Workflow" ? undefined : filterOf(scope)

/** `acme/shop → acme/deploy`; nothing if they are about everything. */
export const aboutLabel = ({ source, target }: Pick<ViewState, "source" | "target">): string => {
  if (source !== undefined && target !== undefined) return `${source} → ${target}`
  if (source !== undefined) return `from ${source}`
  return target === undefined ? "" : `to ${target}`
}
