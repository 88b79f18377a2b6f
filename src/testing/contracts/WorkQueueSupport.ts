/** Short words for the contract suite of a WorkQueue. */
import { it } from "@effect/vitest"
import { Effect, Layer, References, type Scope } from "effect"
import {
  type BatchHandler,
  type ConsumeOptions,
  type Depth,
  done,
  type Received,
  type Verdict
} from "../../ports/WorkQueue.ts"
import { type Job, QueueUnderTest } from "./QueueUnderTest.ts"
import { type ContractTime, eventually } from "./Time.ts"

/** What groups of tests register with. */
export interface QueueSuite {
  readonly test: (what: string, body: Effect.Effect<void, unknown, QueueUnderTest | Scope.Scope>) => void
  readonly time: ContractTime
  /** Waits until it holds, without letting (virtual) time pass. */
  readonly soon: (what: string, holds: () => boolean) => Effect.Effect<void>
  /** Long enough for anything that happens without time passing. */
  readonly aWhile: Effect.Effect<void>
}

export const makeQueueSuite = <E>(layer: Layer.Layer<QueueUnderTest, E>, time: ContractTime): QueueSuite => ({
  test: (what, body) =>
    (time.virtual ? it.effect : it.live)(
      what,
      // Dead letters and dying handlers are logged as errors, and here they are meant.
      () => body.pipe(Effect.provide(Layer.fresh(layer)), Effect.provideService(References.MinimumLogLevel, "None")),
      60_000
    ),
  time,
  soon: (what, holds) => eventually(time, what, Effect.sync(holds)),
  aWhile: Effect.repeat(time.breathe, { times: 10 }).pipe(Effect.asVoid)
})

export const jobs = (...names: ReadonlyArray<string>) => names.map((name) => ({ body: { name } }))
export const numbered = (count: number) => Array.from({ length: count }, (_, n) => `job ${1000 + n}`)
export const namesOf = (messages: ReadonlyArray<Received<Job>>) => messages.map(({ body }) => body.name).sort()
export const leisurely: ConsumeOptions = { concurrency: 2, batchSize: 10 }

/** Consumes for the rest of the test, with one verdict per message; gives all that is handed out, as it comes. */
export const consumeAll = Effect.fnUntraced(function* (
  decide: (message: Received<Job>) => Verdict = () => done,
  options = leisurely
) {
  const seen: Array<Received<Job>> = []
  yield* consumeWith((messages) => {
    seen.push(...messages)
    return Effect.succeed(messages.map(decide))
  }, options)
  return seen
})

/** Consumes for the rest of the test, or until the fiber is interrupted. */
export const consumeWith = Effect.fnUntraced(function* (handle: BatchHandler<Job, never>, options = leisurely) {
  const { queue } = yield* QueueUnderTest
  return yield* Effect.forkScoped(queue.consume(handle, options))
})

/** Waits until the queue holds so much, however old it is. */
export const settles = Effect.fnUntraced(function* (time: ContractTime, expected: Omit<Depth, "oldest">) {
  const { queue } = yield* QueueUnderTest
  const holds = Effect.map(queue.depth, ({ oldest: _, ...depth }) => JSON.stringify(depth) === JSON.stringify(expected))
  yield* eventually(time, `the depth is ${JSON.stringify(expected)}`, holds)
})
