/** The made-up week run by run, folded as the service folds it. */
import type { DeliveryRow } from "../../../src/domain/Answers.ts"
import type { ChainNode } from "../../../src/domain/Chain.ts"
import type { Contribution } from "../../../src/domain/Contribution.ts"
import type { Fact } from "../../../src/domain/Fact.ts"
import { entryOf } from "../../../src/domain/FactTable.ts"
import { targetKey } from "../../../src/domain/Order.ts"
import { foldRun, runOf } from "../../../src/domain/RunFold.ts"
import type { World } from "./StubWorld.ts"

export interface Folded {
  readonly row: DeliveryRow | null
  readonly contributions: ReadonlyArray<Contribution>
  /** First those about the run, then target by target. */
  readonly facts: ReadonlyArray<Fact>
  readonly more: boolean
  readonly chain: ChainNode | null
}

/** Where a fact stands in its journey. */
const placeOf = (fact: Fact): string => {
  const { stage } = entryOf(fact.type)
  const own = `${fact.data.generation}/${stage}`
  return "target" in fact.data ? `t/${targetKey(fact.data.target)}/${own}` : `r/${own}`
}

const fold = (facts: ReadonlyArray<Fact>): Folded => {
  const { contribution, shown, lost } = foldRun(facts as readonly [Fact, ...ReadonlyArray<Fact>])
  return {
    row: shown?.row ?? null,
    contributions: [...(contribution === undefined ? [] : [contribution]), ...lost],
    facts: facts.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1)),
    more: false,
    chain: shown?.node ?? null
  }
}

const folded = new WeakMap<Pick<World, "facts">, ReadonlyArray<Folded>>()
/** All runs, the latest first. */
export const foldsOf = (world: Pick<World, "facts">): ReadonlyArray<Folded> => {
  const known = folded.get(world)
  if (known !== undefined) return known
  const made = [...Map.groupBy(world.facts, runOf).values()]
    .map(fold)
    .toSorted((a, b) => ((a.row?.acceptedAt ?? "") > (b.row?.acceptedAt ?? "") ? -1 : 1))
  folded.set(world, made)
  return made
}
