/** From the contributions of a minute to its sums: what was added in each scope. They add up in any order. Pure. */
import type { Contribution } from "./Contribution.ts"
import { globalScope, type Scope, scopeKey } from "./Scope.ts"
import { sumTallies, type Tally } from "./Tally.ts"

/** What was added in a scope. */
export interface ScopeSum {
  readonly scope: Scope
  readonly tally: Tally
}
/** Sums by the keys of their scopes. */
export type ScopeSums = ReadonlyMap<string, ScopeSum>

/** What a contribution adds in each scope that it touches. */
const partsOf = ({ source, workflow, version, tally, targets }: Contribution): ReadonlyArray<ScopeSum> => {
  const all = sumTallies([tally, ...targets.map((target) => target.tally)])
  const run: ReadonlyArray<Scope> = [
    globalScope,
    { _tag: "Source", repository: source },
    { _tag: "Workflow", repository: source, workflow },
    { _tag: "Version", version }
  ]
  return [
    ...run.map((scope) => ({ scope, tally: all })),
    ...targets.flatMap(({ repository, tally }) => [
      { scope: { _tag: "Target", repository } as const, tally },
      { scope: { _tag: "Pair", source, target: repository } as const, tally }
    ])
  ]
}

/** The sums of contributions. */
export const scopeSums = (contributions: ReadonlyArray<Contribution>): ScopeSums => {
  const parts = new Map<string, { readonly scope: Scope; readonly tallies: Array<Tally> }>()
  for (const { scope, tally } of contributions.flatMap(partsOf)) {
    const key = scopeKey(scope)
    const own = parts.get(key)
    if (own === undefined) parts.set(key, { scope, tallies: [tally] })
    else own.tallies.push(tally)
  }
  return new Map([...parts].map(([key, { scope, tallies }]) => [key, { scope, tally: sumTallies(tallies) }]))
}
