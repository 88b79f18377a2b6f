import { randomUUID } from "node:crypto"
import { ChangeMessageVisibilityCommand } from "@aws-sdk/client-sqs"
import { assert, layer } from "@effect/vitest"
import type { SQSEvent } from "aws-lambda"
import { ConfigProvider, Context, Duration, Effect, Layer, Option, References, type Tracer } from "effect"
import { Timeouts } from "../../../../src/adapters/aws/AwsCall.ts"
import { queueVariables } from "../../../../src/adapters/aws/AwsResources.ts"
import {
  type BatchMode,
  batchConsumer,
  layer as layerBatch,
  SqsBatch
} from "../../../../src/adapters/aws/sqs/SqsBatch.ts"
import { SqsClient } from "../../../../src/adapters/aws/sqs/SqsClient.ts"
import { makeSqsStore } from "../../../../src/adapters/aws/sqs/SqsStore.ts"
import { Table, TableError, TableUnavailable } from "../../../../src/ports/Table.ts"
import { type BatchHandler, dead, done, type Received, retry } from "../../../../src/ports/WorkQueue.ts"
import { fromStore } from "../../../../src/queue/QueueFromStore.ts"
import { defaultOptions, mostUnanswered } from "../../../../src/queue/QueueStore.ts"
import { groupOfJob, Job } from "../../../../src/testing/contracts/QueueUnderTest.ts"
import { eventually, realTime } from "../../../../src/testing/contracts/Time.ts"
import { namesOf } from "../../../../src/testing/contracts/WorkQueueSupport.ts"
import { always, failsBefore, silent } from "../../../../src/testing/FaultScript.ts"
import * as TableMemory from "../../../../src/testing/fakes/Table.ts"
import { ClientFaults, layer as layerFaults, serviceError } from "../support/ClientFaults.ts"
import * as Fauxqs from "../support/Fauxqs.ts"
import * as Lambda from "../support/Lambda.ts"

/** A fresh queue behind a function, and what a test does with it. */
const fixtureOf = Effect.fnUntraced(function* (kind: { readonly fifo: boolean }) {
  const client = yield* SqsClient
  const addresses = yield* Fauxqs.createQueues(client, randomUUID(), kind)
  const queue = fromStore("plan", Job, makeSqsStore("plan", client, addresses), {
    ...defaultOptions,
    groupOf: groupOfJob
  })
  const environment = ConfigProvider.layer(
    ConfigProvider.fromUnknown({
      [queueVariables.plan.url]: addresses.url,
      [queueVariables.plan.deadLetterUrl]: addresses.deadLetterUrl
    })
  )
  let held: SQSEvent["Records"] = []
  const receive = Effect.tap(Lambda.receive(client, addresses.url), ({ Records }) =>
    Effect.sync(() => {
      held = Records
    })
  )
  const invoke = Effect.fnUntraced(function* (
    handler: BatchHandler<Job, never>,
    mode?: BatchMode,
    remaining?: Duration.Input,
    change: (event: Effect.Success<typeof receive>) => void = () => {}
  ) {
    const { handle } = yield* Effect.provide(batchConsumer("plan", Job, handler, { mode }), environment)
    const event = yield* receive
    change(event)
    const again = yield* Lambda.invoke(client, addresses.url, handle, event, remaining)
    const nameOf = (id: string) => {
      const body = JSON.parse(event.Records.find(({ messageId }) => messageId === id)?.body ?? "null")
      return body?.name ?? body
    }
    return again.map(nameOf).sort()
  })
  /** Shows again what a process had that died. */
  const show = Effect.promise(async () => {
    for (const { receiptHandle: ReceiptHandle } of held) {
      const input = { QueueUrl: addresses.url, ReceiptHandle, VisibilityTimeout: 0 }
      await client.send(new ChangeMessageVisibilityCommand(input)).catch(() => undefined)
    }
  })
  /** An invocation whose process is killed once it is in the handler, so far that `hasStarted`; until then, another one follows. */
  const crash = Effect.fnUntraced(function* (handler: BatchHandler<Job, never>, hasStarted: () => boolean) {
    const { handle } = yield* Effect.provide(batchConsumer("plan", Job, handler, { mode: "together" }), environment)
    const once = Effect.gen(function* () {
      const event = yield* receive
      yield* Effect.raceFirst(
        Lambda.invoke(client, addresses.url, handle, event),
        eventually(realTime, "the handler has started", Effect.sync(hasStarted))
      )
      yield* show
    })
    yield* Effect.repeat(once, { until: hasStarted })
  })
  const offer = (...names: ReadonlyArray<string>) => queue.offer(names.map((name) => ({ body: { name } })))
  return { client, addresses, environment, queue, receive, show, crash, invoke, offer, faults: yield* ClientFaults }
})

const fixture = fixtureOf({ fifo: false })

const allDone: BatchHandler<Job, never> = (messages) => Effect.succeed(messages.map(() => done))
/** Dies of a message of this name, whatever else is in the batch. */
const dyingOf =
  (name: string, seen: Array<Received<Job>> = []): BatchHandler<Job, never> =>
  (messages) => {
    seen.push(...messages)
    return messages.some(({ body }) => body.name === name) ? Effect.die(new Error("a bug")) : allDone(messages)
  }

const quietly = Effect.provideService(References.MinimumLogLevel, "None")
const sqs = layerFaults(SqsClient).pipe(Layer.provideMerge(Layer.merge(Fauxqs.layer, TableMemory.layerMemory)))

const fourDays = Duration.toMillis(Duration.days(4))

layer(sqs, { excludeTestServices: true })("a function behind an SQS queue", (it) => {
  it.effect("is done with messages, and reports none", () =>
    Effect.gen(function* () {
      const { invoke, offer, queue } = yield* fixture
      yield* offer("a", "b", "c")
      assert.deepStrictEqual(yield* invoke(allDone), [])
      assert.deepStrictEqual(yield* queue.depth, { waiting: 0, inFlight: 0, dead: 0, oldest: null })
      assert.deepStrictEqual(yield* invoke(allDone), [])
    })
  )
  it.effect("reports what is to come again, after SQS has when", () =>
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
      for (const mode of ["singly", "together"] as const) {
        assert.deepStrictEqual(yield* invoke(handler, mode), mode === "singly" ? ["later", "soon"] : [])
      }
      assert.deepStrictEqual(yield* queue.depth, { waiting: 0, inFlight: 1, dead: 0, oldest: null })
    })
  )
  it.effect("buries what is dead, what is poison, and what is put off although it is too old, with the reason", () =>
    Effect.gen(function* () {
      const { client, addresses, invoke, offer, queue } = yield* fixture
      yield* offer("dead", "exhausted", "good")
      const foreign = makeSqsStore("plan", client, addresses)
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
          if (body.includes("exhausted")) attributes.SentTimestamp = String(Date.now() - fourDays - 60_000)
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
      assert.isTrue(reasons.some((reason) => /^gave up after 4 d.*, at attempt 1: still nothing$/.test(reason)))
      assert.strictEqual(reasons.filter((reason) => reason.startsWith("does not decode")).length, 2)
    }).pipe(quietly)
  )
  for (const mode of ["singly", "together"] as const) {
    it.effect(`does not repeat the others because of one that meets a bug, handed out ${mode}`, () =>
      Effect.gen(function* () {
        const { invoke, offer, queue } = yield* fixture
        yield* offer("a", "poison", "b", "c")
        const seen: Array<Received<Job>> = []
        assert.deepStrictEqual(yield* invoke(dyingOf("poison", seen), mode), ["poison"])
        assert.strictEqual(seen.length, mode === "singly" ? 4 : 8)
        assert.deepStrictEqual(yield* queue.depth, { waiting: 0, inFlight: 1, dead: 0, oldest: null })
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
      // The handler would never end by itself.
      assert.deepStrictEqual(yield* invoke(handler, "singly", "2 seconds"), ["slow"])
      assert.isTrue(stopped)
      assert.deepStrictEqual(yield* queue.depth, { waiting: 0, inFlight: 1, dead: 0, oldest: null })
    })
  )
  it.effect("lets a message come again when SQS does not take it for dead, and in time", () =>
    Effect.gen(function* () {
      const { faults, invoke, offer, queue } = yield* fixture
      yield* offer("dead", "later")
      yield* faults.on("SendMessageBatchCommand", always(silent))
      yield* faults.on("ChangeMessageVisibilityBatchCommand", always(failsBefore(serviceError("AccessDenied", 403))))
      const handler: BatchHandler<Job, never> = (messages) =>
        Effect.succeed(
          messages.map(({ body }) => (body.name === "dead" ? dead("no use") : retry(Duration.zero, "later")))
        )
      // SQS would never answer.
      const again = yield* invoke(handler, "singly", "2 seconds")
      yield* faults.clear
      assert.deepStrictEqual(again, ["dead", "later"])
      assert.deepStrictEqual(yield* queue.depth, { waiting: 0, inFlight: 2, dead: 0, oldest: null })
    }).pipe(quietly, Effect.provideService(Timeouts, { request: Duration.hours(1), call: Duration.hours(2) }))
  )
  it.effect("goes on with the trace of each message, also with one that only X-Ray's header has", () =>
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
  it.effect(
    "handles messages of a group one after the other, and gives back those behind one that is to come again",
    () =>
      Effect.gen(function* () {
        const { invoke, offer, queue } = yield* fixture
        yield* offer("a1", "b1", "a2", "c1", "a3", "b2")
        const seen: Array<string> = []
        let inHand = 0
        const handler: BatchHandler<Job, never> = Effect.fnUntraced(function* (messages) {
          seen.push(...namesOf(messages))
          inHand += 1
          yield* Effect.sleep("5 millis")
          if (messages.some(({ body }) => body.name.startsWith("a"))) assert.isAtMost(inHand, 3)
          inHand -= 1
          return messages.map(({ body }) => {
            if (body.name === "a1") return dead("no use")
            return body.name === "a2" ? retry(Duration.minutes(20), "not yet") : done
          })
        })
        const again = yield* invoke(handler, "singly", "30 seconds", ({ Records }) => {
          for (const { body, attributes } of Records) {
            const { name } = JSON.parse(body) as Job
            if (!name.startsWith("c")) attributes.MessageGroupId = name.slice(0, 1)
          }
        })
        assert.deepStrictEqual(again, ["a2", "a3"])
        const inGroup = (group: string) => seen.filter((name) => name.startsWith(group))
        assert.deepStrictEqual([inGroup("a"), inGroup("b"), inGroup("c")], [["a1", "a2"], ["b1", "b2"], ["c1"]])
        assert.deepStrictEqual(yield* queue.depth, { waiting: 1, inFlight: 1, dead: 1, oldest: null })
      }).pipe(quietly)
  )
  it.effect("works on a FIFO queue: the next of a group comes when the one before is over", () =>
    Effect.gen(function* () {
      const { invoke, queue } = yield* fixtureOf({ fifo: true })
      const names = ["1", "2", "3"]
      yield* queue.offer(names.map((name) => ({ body: { name, group: "a" } })))
      const seen: Array<string> = []
      for (const name of names) {
        const handler: BatchHandler<Job, never> = (messages) => {
          seen.push(...namesOf(messages))
          return Effect.succeed(messages.map(() => (name === "2" ? dead("no use") : done)))
        }
        assert.deepStrictEqual(yield* invoke(handler), [])
      }
      assert.deepStrictEqual(seen, names)
      assert.deepStrictEqual(yield* queue.depth, { waiting: 0, inFlight: 0, dead: 1, oldest: null })
    }).pipe(quietly)
  )
  it.effect("handles a message alone that the function may have died of, and buries it after five more deaths", () =>
    Effect.gen(function* () {
      const { crash, invoke, offer, queue } = yield* fixture
      yield* offer("poison", "good")
      const seen: Array<ReadonlyArray<string>> = []
      const handler: BatchHandler<Job, never> = (messages) => {
        seen.push(namesOf(messages))
        return messages.some(({ body }) => body.name === "poison") ? Effect.never : allDone(messages)
      }
      for (let death = 1; death <= 2 * mostUnanswered; death++) {
        yield* crash(handler, () => seen.filter((names) => names.includes("poison")).length === death)
      }
      const both = Array.from({ length: mostUnanswered }, () => ["good", "poison"])
      const alone = Array.from({ length: mostUnanswered }, () => ["poison"])
      assert.deepStrictEqual(
        seen.filter((names) => names.join() !== "good"),
        [...both, ...alone]
      )
      assert.deepStrictEqual(yield* invoke(handler, "together"), [])
      assert.deepStrictEqual(
        seen.filter((names) => names.join() === "good"),
        [["good"]]
      )
      assert.deepStrictEqual(yield* queue.depth, { waiting: 0, inFlight: 0, dead: 1, oldest: null })
      const [letter] = yield* queue.deadLetters(1)
      assert.deepStrictEqual(letter?.body, { name: "poison" })
      assert.include(letter?.reason, "the process died 5 times while this message alone was in hand")
    }).pipe(quietly)
  )
  it.effect("counts from the fifth hand-out on, and anew after a verdict", () =>
    Effect.gen(function* () {
      const { crash, invoke, offer, queue, receive, show } = yield* fixture
      const table = yield* Table
      yield* offer("a")
      const [record] = (yield* receive).Records
      const key = { table: "ledger", partition: `handled/plan/${record?.messageId}`, sort: "handled" } as const
      const counted = Effect.map(table.get(key), (item) => Option.getOrUndefined(item)?.attributes.unanswered)
      const later: BatchHandler<Job, never> = (messages) =>
        Effect.succeed(messages.map(() => retry(Duration.zero, "not yet")))
      yield* show
      for (let handout = 2; handout < mostUnanswered; handout++) yield* invoke(later)
      assert.isUndefined(yield* counted)
      yield* invoke(later)
      assert.strictEqual(yield* counted, 0)
      for (let life = 1; life <= 2; life++) {
        let started = 0
        const dying: BatchHandler<Job, never> = () => {
          started += 1
          return Effect.never
        }
        for (let death = 1; death < 2 * mostUnanswered; death++) yield* crash(dying, () => started === death)
        assert.strictEqual(yield* counted, 2 * mostUnanswered - 1)
        yield* invoke(later)
        assert.strictEqual(yield* counted, 0)
      }
      assert.deepStrictEqual(yield* queue.depth, { waiting: 1, inFlight: 0, dead: 0, oldest: null })
    }).pipe(quietly)
  )
  it.effect("handles the others where hand-outs cannot be counted", () =>
    Effect.gen(function* () {
      const { invoke, offer, queue } = yield* fixture
      const down = Effect.fail(new TableError({ operation: "get", reason: new TableUnavailable({ message: "down" }) }))
      const table = Layer.mock(Table, { get: () => down })
      yield* offer("young", "old")
      const seen: Array<Received<Job>> = []
      const handler: BatchHandler<Job, never> = (messages) => {
        seen.push(...messages)
        return allDone(messages)
      }
      const again = yield* invoke(handler, "singly", "30 seconds", ({ Records }) => {
        for (const { body, attributes } of Records) {
          if (body.includes("old")) attributes.ApproximateReceiveCount = String(mostUnanswered)
        }
      }).pipe(Effect.provide(table))
      assert.deepStrictEqual([again, namesOf(seen)], [["old"], ["young"]])
      assert.deepStrictEqual(yield* queue.depth, { waiting: 0, inFlight: 1, dead: 0, oldest: null })
    }).pipe(quietly)
  )
  it.effect("distinguishes the queues of a function, and has a message of another queue come again", () =>
    Effect.gen(function* () {
      const [plans, facts, others] = [yield* fixture, yield* fixture, yield* fixture]
      const environment = ConfigProvider.layer(
        ConfigProvider.fromUnknown({
          [queueVariables.plan.url]: plans.addresses.url,
          [queueVariables.fact.url]: facts.addresses.url
        })
      )
      const seen: Array<string> = []
      const noting =
        (queue: string): BatchHandler<Job, never> =>
        (messages) => {
          seen.push(...messages.map(({ body }) => `${queue}: ${body.name}`))
          return allDone(messages)
        }
      const both = Effect.all([batchConsumer("plan", Job, noting("plan")), batchConsumer("fact", Job, noting("fact"))])
      const { handle } = yield* Effect.provide(SqsBatch, Layer.provide(layerBatch(both), environment))
      for (const { client, addresses, offer, receive } of [plans, facts, others]) {
        yield* offer("a", "b")
        const again = yield* Lambda.invoke(client, addresses.url, handle, yield* receive)
        assert.strictEqual(again.length, addresses === others.addresses ? 2 : 0)
      }
      assert.deepStrictEqual(seen, ["plan: a", "plan: b", "fact: a", "fact: b"])
      assert.deepStrictEqual(yield* others.queue.depth, { waiting: 0, inFlight: 2, dead: 0, oldest: null })
    }).pipe(quietly)
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
          layerBatch(Effect.all([batchConsumer("plan", Job, handler)])).pipe(
            Layer.provide([environment, Layer.succeed(Greeting, "hello")])
          )
        )
      )
      assert.deepStrictEqual([again, greetings], [[], ["hello, world"]])
    })
  )
})
