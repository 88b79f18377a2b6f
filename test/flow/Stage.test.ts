/** What is around the handler of every stage: retries, bugs, the log's context, spans and the count. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Exit, Fiber, Layer, Logger, Metric, Random, References, Tracer } from "effect"
import { TestClock } from "effect/testing"
import * as Stage from "../../src/flow/Stage.ts"
import { FactBusError } from "../../src/ports/FactBus.ts"
import { GitHubError, RateLimited } from "../../src/ports/GitHubError.ts"
import { TableError, TableUnavailable } from "../../src/ports/Table.ts"
import { dead, done, QueueError, type Verdict } from "../../src/ports/WorkQueue.ts"
import { steadyMillis } from "../../src/queue/SteadyTime.ts"
import { ProcessTraffic, Traffic } from "../../src/queue/Traffic.ts"
import { putOff } from "./Harness.ts"

interface Line {
  readonly level: string
  readonly text: string
  readonly annotations: Readonly<Record<string, unknown>>
}

/** Runs work and gives what it logged and which spans it made. */
const observed = Effect.fnUntraced(function* <A, E, R>(work: Effect.Effect<A, E, R>) {
  const lines: Array<Line> = []
  const spans: Array<Tracer.Span> = []
  const logger = Logger.make<unknown, void>(({ message, logLevel, fiber }) => {
    const [text] = Array.isArray(message) ? message : [message]
    lines.push({ level: logLevel, text: String(text), annotations: fiber.getRef(References.CurrentLogAnnotations) })
  })
  const span: Tracer.Tracer["span"] = (options) => {
    const made = new Tracer.NativeSpan(options)
    spans.push(made)
    return made
  }
  const result = yield* work.pipe(
    Effect.provide([Logger.layer([logger]), Layer.succeed(Tracer.Tracer, Tracer.make({ span }))]),
    // The least of each wait.
    Effect.provideService(Random.Random, { nextIntUnsafe: () => 0, nextDoubleUnsafe: () => 0 })
  )
  return { result, lines, spans }
})

interface Body {
  readonly id: string
  readonly source?: string
}
const message = (id: string, attempt = 1) => ({
  id,
  body: { id } as Body,
  attempt,
  lastAttempt: false,
  offeredAt: 0
})
const about = ({ id, source }: Body) => ({ deliveryId: id, source })
type Handle = Parameters<typeof Stage.make<Body, never>>[0]["handle"]
const stage = (handle: Handle) => Stage.make({ name: "Test", about, handle })
const together = (verdictOn: (id: string) => ReturnType<Handle>) =>
  Stage.makeTogether({
    name: "Test",
    about,
    handleAll: (messages) =>
      Effect.suspend(() =>
        messages.some(({ id }) => id === "bug")
          ? Effect.die("a bug")
          : Effect.succeed(messages.map(({ id }) => verdictOn(id)))
      )
  })

const errors = {
  "a table that fails": new TableError({ operation: "get", reason: new TableUnavailable({ message: "down" }) }),
  "a queue that fails": new QueueError({ queue: "plan", operation: "offer", message: "down" }),
  "a bus that fails": new FactBusError({ message: "down" }),
  "GitHub's rate limit": new GitHubError({ operation: "start", reason: new RateLimited({ retryAfter: 60_000 }) })
}

describe("a stage", () => {
  for (const [what, error] of Object.entries(errors)) {
    it.effect(`gives its message back at ${what}, for longer with every attempt`, () =>
      Effect.gen(function* () {
        const { handle } = stage(() => Effect.fail(error))
        const { result, lines } = yield* observed(
          Effect.forEach([1, 2, 3, 100], (attempt) => handle(message("1", attempt)))
        )
        const least = error._tag === "GitHubError" ? 60_000 : 0
        assert.deepStrictEqual(
          result.map(putOff),
          [2000, 4000, 8000, 900_000].map((wait) => Math.max(wait, least))
        )
        for (const verdict of result) assert.include(verdict, { reason: error.message })
        assert.deepStrictEqual(
          lines.map(({ level, text }) => [level, text]),
          result.map(() => ["Warn", "a message is tried again"])
        )
      })
    )
  }

  it.effect("loses no message of a batch to one that meets a bug, which comes again", () =>
    Effect.gen(function* () {
      const { handleAll } = stage(({ id }) =>
        id === "bug"
          ? Effect.die("a bug")
          : id === "bad"
            ? Effect.succeed(dead("bad"))
            : Effect.as(Effect.yieldNow, done)
      )
      const { result, lines } = yield* observed(handleAll(["1", "bug", "bad", "2"].map((id) => message(id))))
      assert.deepStrictEqual(result, [
        done,
        { _tag: "Retry", after: Duration.seconds(2), reason: "the handler died: a bug" },
        dead("bad"),
        done
      ])
      assert.deepStrictEqual(lines, [
        {
          level: "Error",
          text: "a handler died; its message will come again",
          annotations: { stage: "Test", deliveryId: "bug" }
        }
      ])
    })
  )

  it.effect("gives no verdict when it is interrupted", () =>
    Effect.gen(function* () {
      const dying = Stage.makeTogether({ name: "Test", about, handleAll: () => Effect.interrupt })
      const stages = [stage(() => Effect.interrupt), together(() => Effect.interrupt), dying]
      for (const { handleAll } of stages) {
        const { result, lines } = yield* observed(Effect.exit(handleAll([message("1"), message("2")])))
        assert.isTrue(Exit.hasInterrupts(result))
        assert.isEmpty(lines)
      }
    })
  )

  it.effect("names in its span and in each line what its message is about, as far as that is known", () =>
    Effect.gen(function* () {
      const { handle } = stage(({ id }) => Effect.as(Effect.logInfo(`handles ${id}`), done))
      const { lines, spans } = yield* observed(
        Effect.andThen(handle(message("1")), handle({ ...message("2"), body: { id: "2", source: "acme/app" } }))
      )
      const names = [{ deliveryId: "1" }, { deliveryId: "2", source: "acme/app" }]
      assert.deepStrictEqual(
        lines.map(({ annotations }) => annotations),
        names.map((each) => ({ stage: "Test", ...each }))
      )
      assert.deepStrictEqual(
        spans.map(({ name, attributes }) => [name, Object.fromEntries(attributes)]),
        names.map((each) => ["Test", each])
      )
    })
  )

  it.effect("counts its verdicts", () =>
    Effect.gen(function* () {
      const verdicts: Record<string, Effect.Effect<Verdict, FactBusError>> = {
        done: Effect.succeed(done),
        retry: Effect.fail(errors["a bus that fails"]),
        dead: Effect.succeed(dead("bad"))
      }
      const handle = ({ id }: { readonly id: string }) => verdicts[id] ?? Effect.die("a bug")
      const { handleAll } = Stage.make({ name: "Counted", about, handle })
      yield* observed(handleAll(["done", "done", "retry", "bug", "dead"].map((id) => message(id))))
      const counted = (yield* Metric.snapshot).flatMap(({ id, attributes, state }) =>
        id === "dispatcher_messages_total" && attributes?.stage === "counted" && "count" in state
          ? [[attributes.verdict, Number(state.count)] as const]
          : []
      )
      assert.deepStrictEqual(Object.fromEntries(counted), { done: 2, retry: 2, dead: 1 })
    })
  )
})

describe("a stage that follows a clock", () => {
  it.effect(
    "runs for ever: after its pause, at once where work is left, and after a run that failed or met a bug",
    () =>
      Effect.gen(function* () {
        const runs: Array<number> = []
        const results = [Effect.succeed(true), Effect.fail("down"), Effect.die("a bug"), Effect.succeed(false)] as const
        const forever = Stage.regularly({
          name: "Test",
          every: Duration.seconds(10),
          run: Effect.flatMap(Clock.currentTimeMillis, (now) => results[runs.push(now) - 1] ?? Effect.succeed(false)),
          onFailure: () => Effect.logWarning("failed")
        })
        const { lines } = yield* observed(
          Effect.gen(function* () {
            const fiber = yield* Effect.forkChild(forever)
            yield* Effect.repeat(Effect.yieldNow, { times: 10 })
            yield* TestClock.adjust("45 seconds")
            yield* Fiber.interrupt(fiber)
          })
        )
        assert.deepStrictEqual(runs, [0, 0, 10_000, 20_000, 30_000, 40_000])
        const line = { level: "Warn", text: "failed", annotations: { stage: "Test" } }
        assert.deepStrictEqual(lines, [line, line])
      })
  )

  it.effect("waits for the end of a flood of deliveries, but not for more than a minute", () =>
    Effect.gen(function* () {
      const traffic = new Traffic()
      const runs: Array<number> = []
      const forever = Stage.regularly({
        name: "Test",
        every: Duration.minutes(1),
        run: Effect.map(Clock.currentTimeMillis, (now) => runs.push(now) === 0),
        onFailure: () => Effect.void
      }).pipe(Effect.provideService(ProcessTraffic, traffic))
      const flooded = (seconds: number) =>
        Effect.repeat(
          Effect.gen(function* () {
            const now = yield* steadyMillis
            for (let n = 0; n < 20; n++) traffic.arrived(now)
            yield* TestClock.adjust("1 second")
          }),
          { times: seconds - 1 }
        )
      yield* Effect.andThen(Effect.yieldNow, Effect.forkChild(forever)).pipe(Effect.andThen(flooded(5)))
      yield* TestClock.adjust("2 seconds")
      yield* flooded(140)
      assert.deepStrictEqual(runs, [6_000, 126_000])
    })
  )
})

describe("a stage that handles batches together", () => {
  it.effect("has a verdict, and the context of the log, for each message", () =>
    Effect.gen(function* () {
      const { handleAll } = together((id) =>
        id === "2" ? Effect.fail(errors["a bus that fails"]) : Effect.succeed(done)
      )
      const { result, lines, spans } = yield* observed(handleAll(["1", "2", "3"].map((id) => message(id))))
      assert.deepStrictEqual(
        result.map(({ _tag }) => _tag),
        ["Done", "Retry", "Done"]
      )
      assert.deepStrictEqual(
        lines.map(({ annotations }) => annotations),
        [{ stage: "Test", deliveryId: "2" }]
      )
      assert.deepStrictEqual(
        spans.map(({ name }) => name),
        ["Test"]
      )
    })
  )

  it.effect("handles them one by one where it meets a bug", () =>
    Effect.gen(function* () {
      const { handleAll } = together(() => Effect.succeed(done))
      const { result, lines } = yield* observed(handleAll(["1", "bug", "2"].map((id) => message(id))))
      assert.deepStrictEqual(result, [
        done,
        { _tag: "Retry", after: Duration.seconds(2), reason: "the handler died: a bug" },
        done
      ])
      assert.deepStrictEqual(
        lines.map(({ text }) => text),
        ["a handler died; the messages are handled one by one", "a handler died; its message will come again"]
      )
    })
  )
})
