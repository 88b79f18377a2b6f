/**
 * What GitHub asked one process to wait, for all processes: GitHub counts what an installation asks for, whichever function asks. Going on
 * after a refusal is what gets an App suspended.
 */
import { Context, Effect } from "effect"

/** Waits that processes share. Neither effect fails: where they cannot be shared, each process finds out for itself. */
export interface Sharing {
  /** Milliseconds that are left to wait before anything is asked with these rights and this budget; 0 where nothing is known. */
  readonly waitOf: (rights: string, budget: string) => Effect.Effect<number>
  /** GitHub asked to wait so many milliseconds from now. */
  readonly met: (rights: string, budget: string, wait: number) => Effect.Effect<void>
}

/** Waits that are shared; by default none are, which is right where one process does everything. */
export const SharedLimits = Context.Reference<Sharing>("dispatcher/ports/SharedLimits", {
  defaultValue: () => ({ waitOf: () => Effect.succeed(0), met: () => Effect.void })
})
