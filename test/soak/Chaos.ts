/** What is done to the server: killed at any time, also in the middle of a start of a workflow or of its own, and stopped for a while. */
import { Duration, Effect, Option } from "effect"
import type { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { between, type Chance, oneOf } from "./Chance.ts"
import type { Server } from "./Server.ts"

/** Waits for the next request that starts a workflow. */
export type NextStart = Effect.Effect<void>

const blows = [
  [0.3, "kill"],
  [0.3, "kill at a start"],
  [0.12, "kill twice"],
  [0.15, "stop"],
  [0.08, "stop at a start"],
  [0.05, "spend the rate limit"]
] as const
/** One kind of what is done. */
export type Blow = (typeof blows)[number][1]

const restart = (server: Server) =>
  Effect.sync(() => server.signal("SIGKILL")).pipe(Effect.andThen(server.ended), Effect.andThen(server.start))

/** Longer than a lease (2 s), most often. */
const suspend = (server: Server, millis: number) =>
  Effect.acquireUseRelease(
    Effect.sync(() => server.signal("SIGSTOP")),
    () => Effect.sleep(Duration.millis(millis)),
    () => Effect.sync(() => server.signal("SIGCONT"))
  )

/** A start may not come where everything is done or the server waits. */
const atStart = (nextStart: NextStart, millis: number) =>
  nextStart.pipe(
    Effect.timeoutOption("5 seconds"),
    Effect.andThen((came) => (Option.isSome(came) ? Effect.sleep(Duration.millis(millis)) : Effect.void))
  )

const strike = (
  blow: Blow,
  chance: () => number,
  server: Server,
  sandbox: Sandbox["Service"],
  nextStart: NextStart
) => {
  switch (blow) {
    case "kill":
      return restart(server)
    case "kill at a start":
      return Effect.andThen(atStart(nextStart, between(0, 40, chance())), restart(server))
    case "kill twice":
      return Effect.sync(() => server.signal("SIGKILL")).pipe(
        Effect.andThen(server.ended),
        Effect.andThen(server.launch),
        Effect.andThen(Effect.sleep(Duration.millis(between(100, 2500, chance())))),
        Effect.andThen(restart(server))
      )
    case "stop":
      return suspend(server, between(500, 7000, chance()))
    case "stop at a start":
      return Effect.andThen(
        atStart(nextStart, between(0, 10, chance())),
        suspend(server, between(2500, 7000, chance()))
      )
    case "spend the rate limit":
      return sandbox.setRateLimit({ remaining: between(0, 5, chance()), limit: 1_000_000, resetInSeconds: 3 })
  }
}

/** Strikes so many times, a while apart, for as long as there is work; counts what was done. */
export const chaos = Effect.fnUntraced(function* (options: {
  readonly chance: Chance
  readonly blows: number
  readonly server: Server
  readonly sandbox: Sandbox["Service"]
  readonly nextStart: NextStart
  readonly isDone: Effect.Effect<boolean>
}) {
  const { chance, server, sandbox, nextStart, isDone } = options
  const counts = new Map<Blow, number>()
  let count = 0
  if (options.blows === 0) return counts
  yield* Effect.gen(function* () {
    const index = count++
    yield* Effect.sleep(Duration.millis(between(300, 8000, chance("pause", index))))
    const blow = oneOf<Blow>(blows, chance("blow", index)) ?? "kill"
    let roll = 0
    yield* strike(blow, () => chance("how", index, roll++), server, sandbox, nextStart)
    counts.set(blow, (counts.get(blow) ?? 0) + 1)
  }).pipe(Effect.repeat({ while: () => Effect.map(isDone, (done) => !done && count < options.blows) }))
  return counts
})
