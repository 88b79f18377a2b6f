/**
 * Where a run comes from. Where an order started the run, it is a source like any other, in the order's chain, and the end that the order
 * waits for. Where the App caused it and no order did, the run is an echo of what the App wrote (a report that is edited runs workflows on
 * `issues`), and starts nothing: the report would feed itself.
 */
import { Effect, Option, Schema } from "effect"
import { asciiLowerCase } from "../domain/Names.ts"
import { type Order, targetKey } from "../domain/Order.ts"
import type { SourceRun } from "../domain/SourceRun.ts"
import { Ledger } from "../ledger/Ledger.ts"
import type { StartedOrder } from "../ledger/Orders.ts"
import { GitHubApp } from "../ports/GitHubApp.ts"

/** What caused a run. */
export type Origin =
  | { readonly _tag: "Others" }
  | { readonly _tag: "Echo" }
  | { readonly _tag: "Ours"; readonly startedBy: StartedOrder }

/** The order that started a run, if one did. */
export const startedByOf = (origin: Origin): Order | undefined =>
  origin._tag === "Ours" ? origin.startedBy.order : undefined

/** An order for the run's workflow is under way and may have started the run; what it did is stored when it settles. */
export class OrderInFlight extends Schema.TaggedError<OrderInFlight>()("OrderInFlight", { target: Schema.String }) {
  override get message() {
    return `an order for ${this.target} is still under way and may have started this run`
  }
}

const sameLogin = (a: string, b: string): boolean => asciiLowerCase(a) === asciiLowerCase(b)
const isBot = (actor: string | null): actor is string => actor !== null && asciiLowerCase(actor).endsWith("[bot]")
const others: Origin = { _tag: "Others" }

/** The order that the ledger names as the one that started the run. */
const ours = Effect.fnUntraced(function* (run: SourceRun) {
  const ledger = yield* Ledger
  const found = yield* ledger.startedBy(run)
  return Option.map(found, (startedBy): Origin => ({ _tag: "Ours", startedBy }))
})

/**
 * What caused the run. Fails while an order may turn out to have done so, so that no chain is torn. Costs nothing for runs of people that are not
 * dispatched; one read for others, two where an order started it; three more, four where the latest hold was given back, and once in a process one
 * request to GitHub where the run is a bot's and no order is bound to it.
 */
export const originOfRun = Effect.fn("Plan.originOfRun")(function* (run: SourceRun) {
  const { actor, event } = run
  if (!isBot(actor) && event !== "workflow_dispatch") return others
  const known = yield* ours(run)
  if (Option.isSome(known)) return known.value
  if (!isBot(actor)) return others
  const app = yield* GitHubApp
  if (!sameLogin(actor, yield* app.login)) return others
  const ledger = yield* Ledger
  const target = targetKey(run)
  if (Option.isSome(yield* ledger.inFlight(target))) return yield* new OrderInFlight({ target })
  // The order may have settled between the two looks.
  return Option.getOrElse(yield* ours(run), (): Origin => ({ _tag: "Echo" }))
})
