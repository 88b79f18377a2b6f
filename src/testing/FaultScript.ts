/**
 * Faults of the in-memory GitHub: a script of what goes wrong with the requests to come. GitHub refuses, or the answer is lost
 * before or after GitHub acted, or it takes long; everything else goes well.
 */
import { Duration, Effect } from "effect"
import { Ambiguous, GitHubError, type GitHubErrorReason } from "../ports/GitHubError.ts"

/** What one request meets. */
export type ScriptedFault =
  | { readonly _tag: "None" }
  | { readonly _tag: "Refused"; readonly reason: GitHubErrorReason }
  | { readonly _tag: "AnswerLost"; readonly acted: boolean }
  | { readonly _tag: "Slow"; readonly before: Duration.Duration; readonly after: Duration.Duration }

/** All goes well. */
export const none: ScriptedFault = { _tag: "None" }
/** GitHub does not act, and says why. */
export const refused = (reason: GitHubErrorReason): ScriptedFault => ({ _tag: "Refused", reason })
/** The answer is lost (`Ambiguous`), and GitHub did nothing. */
export const lostBeforeActing: ScriptedFault = { _tag: "AnswerLost", acted: false }
/** The answer is lost (`Ambiguous`), but GitHub acted. */
export const lostAfterActing: ScriptedFault = { _tag: "AnswerLost", acted: true }
/** GitHub takes so long until it acts, and then so long until it answers. */
export const slow = (before: Duration.Input, after: Duration.Input = Duration.zero): ScriptedFault => ({
  _tag: "Slow",
  before: Duration.fromInputUnsafe(before),
  after: Duration.fromInputUnsafe(after)
})

const undergo = <A>(operation: string, mishap: ScriptedFault, act: Effect.Effect<A, GitHubError>) => {
  const fail = (reason: GitHubErrorReason) => Effect.fail(new GitHubError({ operation, reason }))
  switch (mishap._tag) {
    case "None":
      return act
    case "Refused":
      return fail(mishap.reason)
    case "AnswerLost": {
      const lost = fail(new Ambiguous({ message: "the connection broke off" }))
      return mishap.acted ? Effect.andThen(act, lost) : lost
    }
    case "Slow":
      return Effect.sleep(mishap.before).pipe(
        Effect.andThen(act),
        Effect.tap(() => Effect.sleep(mishap.after))
      )
  }
}

/** The requests of one port: those that were made, and what those to come will meet. */
export class Script<Operation extends string> {
  readonly #port: string
  readonly #mishaps = new Map<Operation, Array<ScriptedFault>>()
  readonly #requests: Array<Operation> = []

  constructor(port: string) {
    this.#port = port
  }

  /** What the next requests meet, one each; after that, and after {@link none}, all goes well. */
  readonly add = (operation: Operation, ...mishaps: ReadonlyArray<ScriptedFault>): Effect.Effect<void> =>
    Effect.sync(() => void this.#mishaps.set(operation, [...(this.#mishaps.get(operation) ?? []), ...mishaps]))

  /** All requests that were made, in order. */
  readonly requests: Effect.Effect<ReadonlyArray<Operation>> = Effect.sync(() => [...this.#requests])

  /** Makes a request that does `act`, unless the script says otherwise. */
  readonly request = <A>(operation: Operation, act: Effect.Effect<A, GitHubError>): Effect.Effect<A, GitHubError> =>
    Effect.suspend(() => {
      this.#requests.push(operation)
      return undergo(`${this.#port}.${operation}`, this.#mishaps.get(operation)?.shift() ?? none, act)
    })
}
