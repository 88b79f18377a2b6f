/**
 * What the files of one owner may make the dispatcher ask of other owners. Looking at another owner's repository spends requests of that
 * owner's installation and of the App, so it is bounded for each source owner and minute. What is beyond waits for the next minute.
 *
 * Counted in this process: with several processes, each has the whole budget.
 */
import { Clock, Context, Duration, Effect } from "effect"

/** Asks of one source owner in a minute; about as many workflows as GitHub lets an App start in that time. */
export const asksPerMinute = 180

interface Spent {
  minute: number
  readonly byOwner: Map<string, number>
}
/** What was spent in the current minute; tests take one of their own. */
export const OwnerSpending = Context.Reference<Spent>("dispatcher/flow/OwnerBudget/Spending", {
  defaultValue: () => ({ minute: -1, byOwner: new Map() })
})

const minute = Duration.toMillis("1 minute")

/** Takes so many asks from an owner's budget; if there is not enough left takes none, and answers how long to wait. */
export const spend = Effect.fnUntraced(function* (owner: string, asks: number) {
  if (asks === 0) return undefined
  const spending = yield* OwnerSpending
  const now = yield* Clock.currentTimeMillis
  const current = Math.floor(now / minute)
  if (spending.minute !== current) {
    spending.minute = current
    spending.byOwner.clear()
  }
  const key = owner.toLowerCase()
  const spent = spending.byOwner.get(key) ?? 0
  if (spent > 0 && spent + asks > asksPerMinute) return Duration.millis((current + 1) * minute - now)
  spending.byOwner.set(key, spent + asks)
  return undefined
})
