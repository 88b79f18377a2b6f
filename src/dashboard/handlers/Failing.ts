/** What handlers answer where there is no answer. */
import { Effect, type Option } from "effect"
import type { Journey } from "../../domain/Answers.ts"
import type { ChainView } from "../../domain/Chain.ts"
import type { TableError } from "../../ports/Table.ts"
import { InvalidCursor, NoSuchChain, NoSuchJourney, StoreUnavailable } from "../api/Errors.ts"

/** What went wrong is for the log; the caller learns that it is worth asking again. */
export const unavailable = (error: { readonly message: string }) =>
  Effect.logWarning("the dashboard was not answered", error).pipe(
    Effect.andThen(new StoreUnavailable({ message: "the store does not answer; try again soon" }))
  )

/** A reading whose only trouble is the store's. */
export const orUnavailable = <A>(reading: Effect.Effect<A, TableError>) =>
  Effect.catchTag(reading, "TableError", unavailable)

/** A cursor that no page gave. */
export const badCursor = ({ message }: { readonly message: string }) => Effect.fail(new InvalidCursor({ message }))

/** The journey, or that there is none. */
export const known = (journey: Option.Option<Journey>) =>
  Effect.mapError(
    Effect.fromOption(journey),
    () => new NoSuchJourney({ message: "nothing is known of this; what is older than the retention is forgotten" })
  )

/** The chain, or that there is none. */
export const knownChain = (chain: Option.Option<ChainView>) =>
  Effect.mapError(
    Effect.fromOption(chain),
    () =>
      new NoSuchChain({
        message: "no chain began with this run, or it is forgotten; the run's journey says where its chain began"
      })
  )
