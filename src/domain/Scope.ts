/**
 * What the dashboard's figures are about: everything, one repository, one workflow, one pair of repositories, one version.
 *
 * Every run counts in a handful of scopes (`ScopeSums.ts`); every figure that can be asked for is kept for a scope, so nothing is summed when asked.
 */
import { Schema } from "effect"
import { keyText, RepositoryName, repositoryKey, WorkflowFile, workflowKey } from "./Names.ts"

/** A subject of figures. */
export const Scope = Schema.TaggedUnion({
  Global: {},
  /** All that a repository's runs caused. */
  Source: { repository: RepositoryName },
  /** All that was decided about and started in a repository. */
  Target: { repository: RepositoryName },
  /** All that one source workflow's runs caused. */
  Workflow: { repository: RepositoryName, workflow: WorkflowFile },
  /** What one repository caused in another. */
  Pair: { source: RepositoryName, target: RepositoryName },
  /** What one version of the dispatcher accepted. */
  Version: { version: Schema.String }
})
export type Scope = typeof Scope.Type
/** What a scope is about. */
export type ScopeKind = Scope["_tag"]

/** The scope of everything. */
export const globalScope: Scope = { _tag: "Global" }

/** A scope as part of a table key: equal for all spellings of the names in it, and at most 1 KB. */
export const scopeKey = (scope: Scope): string => {
  switch (scope._tag) {
    case "Global":
      return "global"
    case "Source":
      return `source/${repositoryKey(scope.repository)}`
    case "Target":
      return `target/${repositoryKey(scope.repository)}`
    case "Workflow":
      return `workflow/${repositoryKey(scope.repository)}/${keyText(workflowKey(scope.workflow))}`
    case "Pair":
      return `pair/${repositoryKey(scope.source)}/${repositoryKey(scope.target)}`
    case "Version":
      return `version/${keyText(scope.version)}`
  }
}
