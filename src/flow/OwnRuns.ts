/**
 * Runs that the App itself caused. Where an order started the run, it is a source like any other, in the order's chain. Where none did, the
 * run is an echo of what the App wrote (a report that is edited runs workflows on `issues`), and starts nothing: the report would feed itself.
 */
import { Effect, Option, Schema } from "effect"
import { asciiLowerCase } from "../domain/Names.ts"
import { targetKey } from "../domain/Order.ts"
import type { SourceRun } from "../domain/SourceRun.ts"
import { Ledger } from "../ledger/Ledger.ts"
import { GitHubApp } from "../ports/GitHubApp.ts"

/** An order for the run's workflow is under way and may have started the run; what it did is stored when it settles. */
export class OrderInFlight extends Schema.TaggedError<OrderInFlight>()("OrderInFlight", { target: Schema.String }) {
  override get message() {
    return `an order for ${this.target} is still under way and may have started this run`
  }
}

const sameLogin = (a: string, b: string): boolean => asciiLowerCase(a) === asciiLowerCase(b)

/**
 * Whether the App caused the run, and no order did. Fails while that is undecided. Costs nothing for runs of people; one or two reads for
 * runs of bots, two more and, once in a process, one request to GitHub where no order is bound to the run.
 */
export const isEcho = Effect.fn("Plan.isEcho")(function* (run: SourceRun) {
  const { actor } = run
  if (actor === null || !asciiLowerCase(actor).endsWith("[bot]")) return false
  const ledger = yield* Ledger
  const isBound = Effect.map(ledger.startedBy(run), Option.isSome)
  if (yield* isBound) return false
  const app = yield* GitHubApp
  if (!sameLogin(actor, yield* app.login)) return false
  const target = targetKey(run)
  if (Option.isSome(yield* ledger.inFlight(target))) return yield* new OrderInFlight({ target })
  // The order may have settled between the two looks.
  return !(yield* isBound)
})
