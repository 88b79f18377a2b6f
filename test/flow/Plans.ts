/** Configs to plan with, and what the ledger then holds: what tests of Plan start from and look at. */
import { Effect, Option } from "effect"
import { runKey, type SourceRun } from "../../src/domain/SourceRun.ts"
import * as Ledger from "../../src/ledger/Ledger.ts"
import type { ScriptedFault } from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { absent } from "../fixtures/Configs.ts"
import { standingsOf } from "../fixtures/Standings.ts"
import { set } from "./Harness.ts"
import { target } from "./Orders.ts"

/** What the next requests for configs meet. */
export const configs = (...faults: ReadonlyArray<ScriptedFault>) =>
  Faults.use(({ next }) => next("ConfigSource.load", ...faults))

/** `acme/app` starts `cd.yml` of these repositories. */
export const sourceOf = (...repositories: ReadonlyArray<string>) => ({
  outbound: [
    { source: { workflow: "ci.yml" }, targets: repositories.map((repository) => ({ repository, workflow: "cd.yml" })) }
  ]
})

/** `acme/app` starts three workflows, one of which does not let it in. */
export const ordinaryWorld = Effect.gen(function* () {
  yield* set("acme/app", sourceOf("deploy", "site", "closed"))
  yield* set("acme/deploy", target)
  yield* set("acme/site", target)
  yield* set("acme/closed", absent)
})

/** The stored plan of a run. */
export const planOf = Effect.fnUntraced(function* (run: SourceRun) {
  const ledger = yield* Ledger.Ledger
  return Option.getOrUndefined(yield* ledger.plan(runKey(run)))?.value
})
/** The orders of a run in the ledger. */
export const ordersOf = Effect.fnUntraced(function* (run: SourceRun) {
  const ledger = yield* Ledger.Ledger
  return (yield* standingsOf(ledger, runKey(run))).map(({ order }) => order)
})
