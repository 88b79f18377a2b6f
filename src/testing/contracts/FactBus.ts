/**
 * What every layer of the FactBus keeps to. To hold one of your own to it, give it an ArrivalRecorder that shows what arrived behind it:
 *
 *     factBusContract("my bus", Layer.merge(myBusLayer, myRecorderLayer), realTime)
 *
 * All tests share the layer; facts of other tests do no harm.
 */
import { randomInt } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { type Fact, outcomeFact, type Publisher, requestAccepted } from "../../domain/Fact.ts"
import { RepositoryName, WorkflowFile } from "../../domain/Names.ts"
import { chainOf, orderId } from "../../domain/Order.ts"
import { DeliveryId, GitHubId, type SourceRun } from "../../domain/SourceRun.ts"
import { FactQueue } from "../../flow/Queues.ts"
import { FactBus } from "../../ports/FactBus.ts"
import { done } from "../../ports/WorkQueue.ts"
import { type ContractTime, eventually } from "./Time.ts"

/** What arrives where facts are recorded. */
export class ArrivalRecorder extends Context.Service<
  ArrivalRecorder,
  {
    /** All facts that arrived so far, each as often as it did. */
    readonly arrived: Effect.Effect<ReadonlyArray<Fact>>
  }
>()("dispatcher/testing/contracts/Recorder") {}

/** The recorder of a bus that ends in the FactQueue, which it consumes for as long as the tests run. */
export const layerQueueRecorder: Layer.Layer<ArrivalRecorder, never, FactQueue> = Layer.effect(
  ArrivalRecorder,
  Effect.gen(function* () {
    const queue = yield* FactQueue
    const arrived: Array<Fact> = []
    const record = queue.consume(
      (messages) => {
        arrived.push(...messages.flatMap(({ body }) => body.facts))
        return Effect.succeed(messages.map(() => done))
      },
      { concurrency: 1, batchSize: 10 }
    )
    yield* Effect.forkScoped(record)
    return { arrived: Effect.sync(() => [...arrived]) }
  })
)

const deliveryId = DeliveryId.make("0b989ba4-242f-11e5-81e1-c7b6966d2516")
const acceptedAt = "2026-03-01T12:00:00.000Z"
const publisher: Publisher = { appVersion: "1.2.3" }
const target = {
  repository: RepositoryName.make("octo-org/deploy"),
  workflow: WorkflowFile.make("cd.yml"),
  ref: "main"
}

/** A run that no other fact is about. */
const freshRun = (): SourceRun => ({
  repository: RepositoryName.make("octo-org/octo-repo"),
  repositoryId: GitHubId.make("1296269"),
  installationId: GitHubId.make("5"),
  defaultBranch: "main",
  workflow: WorkflowFile.make("ci.yml"),
  runId: GitHubId.make(String(randomInt(1, 2 ** 47))),
  attempt: 1,
  branch: "feature/grüße-🚀",
  sha: "7fd1a60b01f91b314f59955a4e4d4e80d8edf11d",
  event: "push",
  conclusion: "success",
  actor: null,
  url: "https://github.com/octo-org/octo-repo/actions/runs/1",
  fork: false
})
const accepted = (): Fact => requestAccepted({ deliveryId, run: freshRun(), acceptedAt, generation: 0 }, publisher)
const failed = (message: string): Fact => {
  const run = freshRun()
  const order = {
    id: orderId(run, target),
    deliveryId,
    run,
    target,
    inputs: {},
    chain: chainOf(run),
    acceptedAt,
    generation: 0
  }
  const outcome = { _tag: "Failed", code: "unavailable", message } as const
  return outcomeFact(order, { outcome, at: Date.parse(acceptedAt) }, publisher)
}

const publish = (...facts: ReadonlyArray<Fact>) => Effect.flatMap(FactBus, (bus) => bus.publish(facts))

/** Registers the contract's tests for a bus. */
export const factBusContract = <E>(
  name: string,
  busLayer: Layer.Layer<FactBus | ArrivalRecorder, E>,
  time: ContractTime
): void =>
  layer(busLayer, { excludeTestServices: !time.virtual, timeout: "60 seconds" })(`FactBus contract: ${name}`, (it) => {
    const arrivalsOf = Effect.fnUntraced(function* (facts: ReadonlyArray<Fact>) {
      const ids = new Set(facts.map(({ id }) => id))
      return (yield* (yield* ArrivalRecorder).arrived).filter(({ id }) => ids.has(id))
    })
    const expectArrival = Effect.fnUntraced(function* (...facts: ReadonlyArray<Fact>) {
      const allArrived = Effect.map(arrivalsOf(facts), (arrived) =>
        facts.every(({ id }) => arrived.some((fact) => fact.id === id))
      )
      yield* eventually(time, "all facts arrive", allArrived)
      const arrived = new Map((yield* arrivalsOf(facts)).map((fact) => [fact.id, fact]))
      for (const fact of facts) assert.deepStrictEqual(arrived.get(fact.id), fact)
    })

    it.effect("brings facts to the recorder, unchanged", () =>
      Effect.gen(function* () {
        const facts = [accepted(), failed("502 Bad Gateway")]
        yield* publish(...facts)
        yield* expectArrival(...facts)
      })
    )
    it.effect("takes no facts, and hundreds", () =>
      Effect.gen(function* () {
        const facts = Array.from({ length: 205 }, accepted)
        yield* publish()
        yield* publish(...facts)
        yield* expectArrival(...facts)
      })
    )
    it.effect("takes a fact of 100 KB, and several that are large together", () =>
      Effect.gen(function* () {
        const facts = Array.from({ length: 4 }, () => failed("x".repeat(100_000)))
        yield* publish(...facts)
        yield* expectArrival(...facts)
      })
    )
    it.effect("takes facts from many at once", () =>
      Effect.gen(function* () {
        const facts = Array.from({ length: 50 }, accepted)
        yield* Effect.forEach(facts, (fact) => publish(fact), { concurrency: "unbounded" })
        yield* expectArrival(...facts)
      })
    )
    it.effect("takes a fact again, which then still has its id", () =>
      Effect.gen(function* () {
        const fact = accepted()
        yield* publish(fact)
        yield* publish(fact, fact)
        yield* expectArrival(fact)
        for (const arrived of yield* arrivalsOf([fact])) assert.deepStrictEqual(arrived, fact)
      })
    )
  })
