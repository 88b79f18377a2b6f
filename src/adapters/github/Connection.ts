/**
 * The one way to GitHub: all requests leave by it, and all answers come by it, so it is here that GitHub's time is learned.
 * Only what GitHub itself answers counts: what stands before it has no `x-github-request-id`, and what was kept on the way has an `age`.
 */
import { Clock, Context, Effect, Layer } from "effect"
import { Fetch, type FetchAnswer, type Send } from "./Fetch.ts"
import * as GitHubClock from "./GitHubClock.ts"

/** How requests reach GitHub, and what time it is there. */
export class Connection extends Context.Service<
  Connection,
  {
    readonly send: Send
    /** GitHub's time, milliseconds since the epoch, and by how much it may be off; undefined before the first answer. */
    readonly time: () => { readonly time: number; readonly error: number } | undefined
    /** GitHub's time where it is known, else ours: good enough to sign by, and to see how long a token lives. */
    readonly now: () => number
    /** Monotonic milliseconds. */
    readonly elapsed: () => number
  }
>()("dispatcher/adapters/github/Connection") {}

const make = Effect.gen(function* () {
  const fetch = yield* Fetch
  const ours = yield* Clock.Clock
  const elapsed = () => Number(ours.monotonicTimeNanosUnsafe() / 1000n) / 1000
  let clock = GitHubClock.unknown

  const learn = ({ headers }: FetchAnswer, sent: number) => {
    const date = Date.parse(headers.get("date") ?? "")
    if (Number.isNaN(date) || !headers.has("x-github-request-id") || headers.has("age")) return
    clock = GitHubClock.learn(clock, GitHubClock.leadOf(date, sent, elapsed()))
  }

  const send: Send = async (url, init, gate) => {
    let sent = elapsed()
    const answer = await fetch(url, init, () => {
      sent = elapsed()
      return gate()
    })
    learn(answer, sent)
    return answer
  }

  const time = () => GitHubClock.timeAt(clock, elapsed())
  return Connection.of({ send, elapsed, time, now: () => time()?.time ?? ours.currentTimeMillisUnsafe() })
})

/** Sends by {@link Fetch}. */
export const layer: Layer.Layer<Connection> = Layer.effect(Connection, make)
