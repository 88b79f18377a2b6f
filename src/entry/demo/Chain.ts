/** How the chain of the first episode's run ends: as a tree, with the check run on its commit. */
import { Effect, Option } from "effect"
import { type ChainView, maxNodes } from "../../domain/Chain.ts"
import type { RunKey } from "../../domain/SourceRun.ts"
import { DashboardQueries } from "../../readmodel/DashboardQueries.ts"
import { Sandbox } from "../../sandbox/Sandbox.ts"
import { chainEnds, shop } from "./Narration.ts"

const none: ChainView = { nodes: [], cursor: null }
/** The chain as the dashboard has it. */
export const chainNow = (root: RunKey) =>
  Effect.map(
    DashboardQueries.use(({ chain }) => chain(root, { limit: maxNodes })),
    Option.getOrElse(() => none)
  )

/** What was started in a chain and how that ended, by repository. */
const endsOf = ({ nodes }: ChainView): Readonly<Record<string, string>> =>
  Object.fromEntries(
    nodes
      .flatMap(({ edges }) => edges)
      .filter(({ started }) => started !== null)
      .map(({ target, state }) => [target.repository, state])
  )

/** What is not as it must be in a chain, in words. */
export const chainDifferences = (view: ChainView): ReadonlyArray<string> => {
  const actual = endsOf(view)
  return Object.entries(chainEnds).flatMap(([repository, state]) =>
    actual[repository] === state
      ? []
      : [`the chain: expected ${repository}: ${state}, got ${actual[repository] ?? "nothing"}`]
  )
}

/** The check run of the first run: it fails, since a target failed. */
export const checkOfShop = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const [check] = yield* sandbox.checkRuns(shop.repository)
  return check
})
