/**
 * A GitHub for the model check: every request is connected, sent, acted on, listed and answered at moments of its own, and what it does goes
 * on when the worker that asked is dead.
 */
import { Clock, Context, Duration, Effect, Layer, Option, Schema } from "effect"
import type { Order } from "../../src/domain/Order.ts"
import type { StartedRun } from "../../src/domain/Outcome.ts"
import { GitHubId } from "../../src/domain/SourceRun.ts"
import { Ambiguous, GitHubError, type GitHubErrorReason, Unavailable } from "../../src/ports/GitHubError.ts"
import { Workflows } from "../../src/ports/Workflows.ts"

const upTo = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))

/** What becomes of a request to start a workflow; times in milliseconds. */
export const StartCourse = Schema.Struct({
  /** Until the connection is open; a worker that is stopped meanwhile takes long. */
  connect: Schema.Literals([0, 300, 14_000, 70_000]),
  ends: Schema.Literals([
    "answered",
    "lost",
    "lost without acting",
    "refused for now",
    "answered without the run",
    "answered without the run, which is never listed"
  ]),
  /** From when it was sent until GitHub acts, at most six seconds after the answer was given up. */
  act: upTo(18_000),
  /** From when GitHub acted until the run is listed. */
  list: upTo(4000),
  /** From when it was sent until the answer is given up or there. */
  answer: upTo(12_000)
})
export type StartCourse = typeof StartCourse.Type

const ordinary: StartCourse = { connect: 0, ends: "answered", act: 200, list: 0, answer: 300 }

/** Of a run that is never listed the answer is the only trace, so it has to come. */
const quickly = (course: StartCourse): StartCourse =>
  course.ends.endsWith("never listed") ? { ...course, connect: 0, act: 200, answer: 300 } : course

/** A run that GitHub started. */
export interface ModelRun {
  readonly order: Order
  readonly run: StartedRun
  readonly listedAt: number
}

/** What GitHub started, and how the next requests for it go. */
export class ModelRuns extends Context.Service<
  ModelRuns,
  {
    readonly all: Effect.Effect<ReadonlyArray<ModelRun>>
    readonly expect: (starts: ReadonlyArray<StartCourse>) => Effect.Effect<void>
  }
>()("dispatcher/test/flow/ModelRuns") {}

const fail = (operation: string, reason: GitHubErrorReason) => Effect.fail(new GitHubError({ operation, reason }))

/** GitHub by the clock that is there when the layer is made. */
export const layer: Layer.Layer<Workflows | ModelRuns> = Layer.effectContext(
  Effect.map(Clock.Clock, (clock) => {
    const runs: Array<ModelRun> = []
    let starts: Array<StartCourse> = []

    const act = (order: Order, list: number) => {
      const id = GitHubId.make(String(1000 + runs.length))
      const at = clock.currentTimeMillisUnsafe()
      const run = { id, url: `https://github.com/${order.target.repository}/actions/runs/${id}` }
      runs.push({ order, run, listedAt: at + list })
      createdAt.set(id, at)
      return run
    }
    const createdAt = new Map<string, number>()

    const start = Effect.fnUntraced(function* (order: Order, maySend: () => boolean) {
      const { connect, ends, act: latest, list, answer } = quickly(starts.shift() ?? ordinary)
      const actAfter = Math.min(latest, answer + 6000)
      let run: StartedRun | undefined
      const acts = Effect.andThen(
        clock.sleep(Duration.millis(actAfter)),
        Effect.sync(() => {
          run = act(order, ends.endsWith("never listed") ? Number.POSITIVE_INFINITY : list)
        })
      )
      const send = Effect.gen(function* () {
        yield* clock.sleep(Duration.millis(connect))
        if (!maySend()) return yield* fail("start", new Unavailable({ message: "too late to send" }))
        if (ends === "refused for now") return yield* fail("start", new Unavailable({ message: "HTTP 503" }))
        if (ends !== "lost without acting") yield* Effect.forkDetach(acts, { startImmediately: true })
      })
      // A worker that is stopped before its request goes out does not see its own timers until it goes on.
      yield* Effect.uninterruptible(send)
      const isAnswered = ends.startsWith("answered")
      yield* clock.sleep(Duration.millis(isAnswered ? Math.max(answer, actAfter + 1) : answer))
      if (!isAnswered || run === undefined)
        return yield* fail("start", new Ambiguous({ message: "the answer was lost" }))
      return ends === "answered" ? run : null
    })

    return Context.make(Workflows, {
      start,
      ending: () => Effect.succeed(Option.none()),
      findStarted: Effect.fnUntraced(function* (_, since) {
        yield* clock.sleep(Duration.millis(100))
        const now = clock.currentTimeMillisUnsafe()
        // `created_at` has whole seconds, and the adapter asks from two seconds before.
        const from = Math.floor((since - 2000) / 1000) * 1000
        return runs
          .filter(({ listedAt, run: { id } }) => listedAt <= now && (createdAt.get(id) ?? 0) >= from)
          .map(({ run }) => run)
      })
    }).pipe(
      Context.add(ModelRuns, {
        all: Effect.sync(() => [...runs]),
        expect: (next) =>
          Effect.sync(() => {
            starts = [...next]
          })
      })
    )
  })
)
