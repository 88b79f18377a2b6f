import { randomUUID } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { ConfigProvider, Context, Duration, Effect, Layer, References, type Tracer } from "effect"
import { Patience } from "../../../src/adapters/aws/AwsCall.ts"
import { type Handing, handleSqsBatch, layer as layerBatch, SqsBatch } from "../../../src/adapters/aws/SqsBatch.ts"
import { SqsClient } from "../../../src/adapters/aws/SqsClient.ts"
import { queueVariables } from "../../../src/adapters/aws/SqsQueues.ts"
import { makeStore } from "../../../src/adapters/aws/SqsStore.ts"
import { type BatchHandler, dead, done, type Received, retry } from "../../../src/ports/WorkQueue.ts"
import { fromStore } from "../../../src/ports/WorkQueueFromStore.ts"
import { Job } from "../../../src/testing/contracts/QueueUnderTest.ts"
import { namesOf } from "../../../src/testing/contracts/WorkQueueSupport.ts"
import * as Faults from "./support/Faults.ts"
import * as Fauxqs from "./support/Fauxqs.ts"
import * as Lambda from "./support/Lambda.ts"

/** A fresh queue behind a function, and what a test does with it. */
const fixture = Effect.gen(function* () {
  const client = yield* SqsClient
  const addresses = yield* Fauxqs.createQueues(client, randomUUID())
  const queue = fromStore("plan", Job, makeStore("plan", client, addresses))
  const environment = ConfigProvider.layer(
    ConfigProvider.fromUnknown({
      [queueVariables.plan.url]: addresses.url,
      [queueVariables.plan.deadLetterUrl]: addresses.deadLetterUrl
    })
  )
  const receive = Lambda.receive(client, addresses.url)
  const invoke = Effect.fnUntraced(function* (
    handler: BatchHandler<Job, never>,
    handing?: Handing,
    remaining?: Duration.Input,
    change: (event: Effect.Success<typeof receive>) => void = () => {}
  ) {
    const handle = yield* Effect.provide(handleSqsBatch("plan", Job, handler, { handing }), environment)
    const event = yield* receive
    change(event)
    const again = yield* Lambda.invoke(client, addresses.url, handle, event, remaining)
    const nameOf = (id: string) => {
      const body = JSON.parse(event.Records.find(({ messageId }) => messageId === id)?.body ?? "null")
      return body?.name ?? body
    }
    return again.map(nameOf).sort()
  })
  const offer = (...names: ReadonlyArray<string>) => queue.offer(names.map((name) => ({ body: { name } })))
  return { client, addresses, environment, queue, receive, invoke, offer, faults: yield* Faults.Faults }
})

const allDone: BatchHandler<Job, never> = (messages) => Effect.succeed(messages.map(() => done))
/** Dies of a message of this name, whatever else is in the batch. */
const dyingOf =
  (name: string, seen: Array<Received<Job>> = []): BatchHandler<Job, never> =>
  (messages) => {
    seen.push(...messages)
    return messages.some(({ body }) => body.name === name) ? Effect.die(new Error("a bug")) : allDone(messages)
  }

const quietly = Effect.provideService(References.MinimumLogLevel, "None")
const sqs = Faults.layer(SqsClient).pipe(Layer.provideMerge(Fauxqs.layer))

const fourDays = Duration.toMillis(Duration.days(4))

layer(sqs, { excludeTestServices: true })("a function behind an SQS queue", (it) => {
  it.effect("is done with messages, and reports none", () =>
    Effect.gen(function* () {
      const { invoke, offer, queue } = yield* fixture
      yield* offer("a", "b", "c")
      assert.deepStrictEqual(yield* invoke(allDone), [])
      assert.deepStrictEqual(yield* queue.depth, { waiting: 0, inFlight: 0, dead: 0 })
      assert.deepStrictEqual(yield* invoke(allDone), [])
    })
  )
  it.effect("reports what is to come again, after telling SQS when", () =>
    Effect.gen(function* () {
      const { invoke, offer, queue } = yield* fixture
      yield* offer("done", "soon", "later")
      const handler: BatchHandler<Job, never> = (messages) =>
        Effect.succeed(
          messages.map(({ body, attempt }) => {
            if (body.name === "done" || attempt > 1) return done
            return retry(body.name === "soon" ? Duration.zero : Duration.minutes(20), "not yet")
          })
        )
      for (const handing of ["singly", "together"] as const) {
        assert.deepStrictEqual(yield* invoke(handler, handing), handing === "singly" ? ["later", "soon"] : [])
      }
      assert.deepStrictEqual(yield* queue.depth, { waiting: 0, inFlight: 1, dead: 0 })
    })
  )
  it.effect("buries what is dead, what is poison, and what is put off although it is too old, with the reason", () =>
    Effect.gen(function* () {
      const { client, addresses, invoke, offer, queue } = yield* fixture
      yield* offer("dead", "exhausted", "good")
      const foreign = makeStore("plan", client, addresses)
      const plain = { traceparent: undefined, wait: 0, group: undefined, deduplication: undefined }
      yield* foreign.add(
        [
          { body: '{"title":"no job"}', ...plain },
          { body: "no JSON", ...plain }
        ],
        0
      )
      const seen: Array<Received<Job>> = []
      const handler: BatchHandler<Job, never> = (messages) => {
        seen.push(...messages)
        return Effect.succeed(
          messages.map(({ body }) => {
            if (body.name === "dead") return dead("no use")
            return body.name === "exhausted" ? retry(Duration.zero, "still nothing") : done
          })
        )
      }
      const again = yield* invoke(handler, "singly", "30 seconds", ({ Records }) => {
        for (const { body, attributes } of Records) {
          if (body.includes("exhausted")) attributes.SentTimestamp = String(Date.now() - fourDays)
        }
      })
      assert.deepStrictEqual(again, [])
      assert.deepStrictEqual(namesOf(seen), ["dead", "exhausted", "good"])
      assert.deepStrictEqual(
        seen.map(({ body, lastAttempt }) => lastAttempt === (body.name === "exhausted")),
        [true, true, true]
      )
      const letters = yield* queue.deadLetters(10)
      const reasons = letters.map(({ reason }) => reason).sort()
      assert.strictEqual(reasons.length, 4)
      assert.isTrue(reasons.some((reason) => reason === "no use"))
      assert.isTrue(reasons.some((reason) => /^gave up after 4d, at attempt 1: still nothing$/.test(reason)))
      assert.strictEqual(reasons.filter((reason) => reason.startsWith("does not decode")).length, 2)
    }).pipe(quietly)
  )
  for (const handing of ["singly", "together"] as const) {
    it.effect(`does not repeat the others because of one that meets a bug, handed out ${handing}`, () =>
      Effect.gen(function* () {
        const { invoke, offer, queue } = yield* fixture
        yield* offer("a", "poison", "b", "c")
        const seen: Array<Received<Job>> = []
        assert.deepStrictEqual(yield* invoke(dyingOf("poison", seen), handing), ["poison"])
        assert.strictEqual(seen.length, handing === "singly" ? 4 : 8)
        assert.deepStrictEqual(yield* queue.depth, { waiting: 0, inFlight: 1, dead: 0 })
      }).pipe(quietly)
    )
  }
  it.effect("hands out a batch as a whole where that pays", () =>
    Effect.gen(function* () {
      const { invoke, offer } = yield* fixture
      yield* offer("a", "b", "c")
      const sizes: Array<number> = []
      yield* invoke((messages) => {
        sizes.push(messages.length)
        return allDone(messages)
      }, "together")
      assert.deepStrictEqual(sizes, [3])
    })
  )
  it.effect("answers in time, and reports what it did not get done", () =>
    Effect.gen(function* () {
      const { invoke, offer, queue } = yield* fixture
      yield* offer("quick", "slow")
      let stopped = false
      const stop = Effect.sync(() => {
        stopped = true
      })
      const handler: BatchHandler<Job, never> = (messages) =>
        messages.some(({ body }) => body.name === "slow")
          ? Effect.onInterrupt(Effect.never, () => stop)
          : allDone(messages)
      const [elapsed, again] = yield* Effect.timed(invoke(handler, "singly", "2 seconds"))
      assert.deepStrictEqual(again, ["slow"])
      assert.isTrue(stopped)
      assert.isBelow(Duration.toMillis(elapsed), 2000)
      assert.deepStrictEqual(yield* queue.depth, { waiting: 0, inFlight: 1, dead: 0 })
    })
  )
  it.effect("lets a message come again when SQS does not take it for dead, and in time", () =>
    Effect.gen(function* () {
      const { faults, invoke, offer, queue } = yield* fixture
      yield* offer("dead", "later")
      yield* faults.always("SendMessageBatchCommand", Faults.silence)
      yield* faults.always(
        "ChangeMessageVisibilityBatchCommand",
        Faults.refused(Faults.serviceError("AccessDenied", 403))
      )
      const handler: BatchHandler<Job, never> = (messages) =>
        Effect.succeed(
          messages.map(({ body }) => (body.name === "dead" ? dead("no use") : retry(Duration.zero, "later")))
        )
      const [elapsed, again] = yield* Effect.timed(invoke(handler, "singly", "2 seconds"))
      yield* faults.always("SendMessageBatchCommand", Faults.none)
      yield* faults.always("ChangeMessageVisibilityBatchCommand", Faults.none)
      assert.deepStrictEqual(again, ["dead", "later"])
      assert.isBelow(Duration.toMillis(elapsed), 2000)
      assert.deepStrictEqual(yield* queue.depth, { waiting: 0, inFlight: 2, dead: 0 })
    }).pipe(quietly, Effect.provideService(Patience, { request: Duration.seconds(3), call: Duration.seconds(6) }))
  )
  it.effect("goes on with the trace of each message, also with one that only X-Ray's header tells", () =>
    Effect.gen(function* () {
      const { invoke, offer } = yield* fixture
      const sender = (name: string) =>
        Effect.withSpan(
          Effect.flatMap(Effect.currentSpan, (span) => Effect.as(offer(name), span)),
          name
        )
      const sent = { traceparent: yield* sender("traceparent"), xray: yield* sender("xray") }
      const traces = new Map<string, Tracer.Span>()
      const handler: BatchHandler<Job, never> = (messages) =>
        Effect.map(Effect.orDie(Effect.currentSpan), (span) => {
          for (const { body } of messages) traces.set(body.name, span)
          return messages.map(() => done)
        })
      yield* invoke(handler, "singly", "30 seconds", ({ Records }) => {
        for (const { body, attributes, messageAttributes } of Records) {
          if (!body.includes("xray")) continue
          const { traceId, spanId } = sent.xray
          delete messageAttributes.traceparent
          attributes.AWSTraceHeader = `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=1`
        }
      })
      assert.strictEqual(traces.get("traceparent")?.traceId, sent.traceparent.traceId)
      assert.strictEqual(traces.get("xray")?.traceId, sent.xray.traceId)
    })
  )
  it.effect("is a service that has what the handler needs", () =>
    Effect.gen(function* () {
      class Greeting extends Context.Service<Greeting, string>()("dispatcher/test/Greeting") {}
      const { client, addresses, environment, offer, receive } = yield* fixture
      const greetings: Array<string> = []
      const handler: BatchHandler<Job, Greeting> = (messages) =>
        Effect.map(Greeting, (greeting) => {
          greetings.push(...messages.map(({ body }) => `${greeting}, ${body.name}`))
          return messages.map(() => done)
        })
      yield* offer("world")
      const event = yield* receive
      const again = yield* SqsBatch.use(({ handle }) => Lambda.invoke(client, addresses.url, handle, event)).pipe(
        Effect.provide(
          layerBatch("plan", Job, handler).pipe(Layer.provide([environment, Layer.succeed(Greeting, "hello")]))
        )
      )
      assert.deepStrictEqual([again, greetings], [[], ["hello, world"]])
    })
  )
})
