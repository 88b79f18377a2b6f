import { assert, layer } from "@effect/vitest"
import { ConfigProvider, Duration, Effect, Layer, Schema } from "effect"
import { Timeouts } from "../../../../src/adapters/aws/AwsCall.ts"
import { busVariable } from "../../../../src/adapters/aws/AwsResources.ts"
import * as EventBridgeBus from "../../../../src/adapters/aws/eventbridge/EventBridgeBus.ts"
import * as EventBridgeClient from "../../../../src/adapters/aws/eventbridge/EventBridgeClient.ts"
import { FactEvent, isNewerFactEvent } from "../../../../src/adapters/aws/sqs/SqsQueue.ts"
import { GitHubId } from "../../../../src/domain/SourceRun.ts"
import { bytesOf } from "../../../../src/flow/FactMessages.ts"
import { FactBus } from "../../../../src/ports/FactBus.ts"
import { ArrivalRecorder, factBusContract } from "../../../../src/testing/contracts/FactBus.ts"
import { realTime } from "../../../../src/testing/contracts/Time.ts"
import { type ScriptedFault, silent } from "../../../../src/testing/FaultScript.ts"
import * as AwsStub from "../AwsStub.ts"
import { at } from "../support/Endpoint.ts"
import { accepted, denied, failed } from "../support/Facts.ts"

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(FactEvent))

const recorder = Layer.effect(
  ArrivalRecorder,
  Effect.map(AwsStub.AwsStub, ({ events }) => ({
    arrived: Effect.map(events, (bodies) => bodies.flatMap((body) => decode(body).facts))
  }))
)
const client = Layer.unwrap(Effect.map(AwsStub.AwsStub, ({ url }) => Layer.provide(EventBridgeClient.layer, at(url))))
const bus = EventBridgeBus.layer.pipe(
  Layer.provide(client),
  Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({ [busVariable]: "facts" })))
)
const overStub = Layer.merge(bus, recorder).pipe(Layer.provideMerge(AwsStub.layer))

factBusContract("EventBridge", overStub, realTime)

const publish = (...facts: Parameters<FactBus["Service"]["publish"]>[0]) =>
  Effect.flatMap(FactBus, (service) => service.publish(facts))
const impatient = Effect.provideService(Timeouts, { request: Duration.millis(200), call: Duration.millis(300) })
/** Requests that were made since. */
const requestsOf = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const { faults } = yield* AwsStub.AwsStub
  return (yield* faults.callsOf(effect)).map(AwsStub.entriesOf)
})
const next = (...scripted: ReadonlyArray<ScriptedFault>) =>
  AwsStub.AwsStub.use(({ faults }) => faults.next("PutEvents", ...scripted))
const arrivals = Effect.flatMap(ArrivalRecorder, ({ arrived }) => arrived)

layer(overStub, { excludeTestServices: true })("EventBridge", (it) => {
  it.effect("gets the facts of a call as they are, in one event", () =>
    Effect.gen(function* () {
      for (const facts of [[accepted(1)], Array.from({ length: 23 }, (_, n) => accepted(2 + n))]) {
        const [[entry, ...more] = [], ...others] = yield* requestsOf(publish(...facts))
        assert.deepStrictEqual([...more, ...others], [])
        assert.deepStrictEqual(
          [entry?.EventBusName, entry?.Source, entry?.DetailType],
          ["facts", "dispatcher", "dispatch.facts"]
        )
        assert.deepStrictEqual(JSON.parse(entry?.Detail ?? ""), { source: "dispatcher", type: "dispatch.facts", facts })
      }
      assert.deepStrictEqual(yield* requestsOf(publish()), [])
    })
  )
  it.effect("gets them in events that are billed as one, as many as they need, 256 KB at a time", () =>
    Effect.gen(function* () {
      const before = (yield* AwsStub.AwsStub.use(({ events }) => events)).length
      const sizes = [100, 60_000, 30_000, 29_000, 100, 61_000, 62_000, 20_000, 20_000, 20_000, 20_000]
      const requests = yield* requestsOf(publish(...sizes.map((size, n) => failed(50 + n, "x".repeat(size)))))
      assert.isAbove(requests.length, 1)
      const events = (yield* AwsStub.AwsStub.use(({ events }) => events)).slice(before)
      const published = events.map((event) => decode(event).facts.map(({ data }) => Number(data.runId) - 50))
      assert.deepStrictEqual(
        published.flat().sort((a, b) => a - b),
        [...sizes.keys()]
      )
      assert.deepStrictEqual(
        published.sort(([a = 0], [b = 0]) => a - b),
        [[0, 1], [2, 3, 4], [5], [6], [7, 8], [9, 10]]
      )
      for (const event of events) assert.isBelow(Buffer.byteLength(event), 64_000)
      const large = Array.from({ length: 3 }, (_, n) => failed(100 + n, "x".repeat(120_000)))
      assert.deepStrictEqual((yield* requestsOf(publish(...large))).map(({ length }) => length).sort(), [1, 2])
    })
  )
  it.effect("gets again only what it did not take", () =>
    Effect.gen(function* () {
      yield* next(
        AwsStub.undone(undefined, "ThrottlingException", undefined, "InternalFailure"),
        AwsStub.refusedAs(500, "InternalException"),
        AwsStub.undone("ThrottlingException")
      )
      const facts = [200, 201, 202, 203].map((n) => failed(n, "x".repeat(40_000)))
      const requests = yield* requestsOf(publish(...facts))
      assert.deepStrictEqual(
        requests.map((entries) => entries.length),
        [4, 2, 2, 1]
      )
      const arrived = (yield* arrivals).filter(({ data }) => /^20[0-3]$/.test(data.runId))
      assert.deepStrictEqual(arrived.map(({ data }) => data.runId).sort(), ["200", "201", "202", "203"])
    })
  )
  it.effect("gets facts again when it is not known whether they arrived", () =>
    Effect.gen(function* () {
      for (const [n, lost] of [
        AwsStub.droppedAfter,
        AwsStub.droppedBefore,
        AwsStub.cutOff,
        AwsStub.refusedAs(503, "ServiceUnavailable")
      ].entries()) {
        yield* next(lost)
        const fact = accepted(300 + n)
        yield* publish(fact)
        assert.include(
          (yield* arrivals).map(({ id }) => id),
          fact.id
        )
      }
    })
  )
  it.effect("fails what stays undone, and says why", () =>
    Effect.gen(function* () {
      yield* next(AwsStub.undone("MalformedDetail"))
      const malformed = yield* Effect.flip(publish(...[400, 401].map((n) => failed(n, "x".repeat(40_000)))))
      assert.strictEqual(malformed._tag, "FactBusError")
      assert.include(malformed.message, "MalformedDetail")
      assert.include(
        (yield* arrivals).map(({ data }) => data.runId),
        GitHubId.make("401")
      )
      yield* next(AwsStub.refusedAs(403, "AccessDeniedException"))
      assert.include((yield* Effect.flip(publish(accepted(402)))).message, "AccessDeniedException")
      yield* next(silent, silent, silent, silent)
      assert.include((yield* Effect.flip(impatient(publish(accepted(403))))).message, "TimeoutError")
      yield* AwsStub.AwsStub.use(({ faults }) => faults.clear)
    })
  )
  it.effect("gets the trace, in X-Ray's words as well", () =>
    Effect.gen(function* () {
      const [[untraced] = []] = yield* requestsOf(publish(accepted(500)))
      assert.isUndefined(untraced?.TraceHeader)
      const inSpan = Effect.withSpan(
        Effect.flatMap(Effect.currentSpan, (span) => Effect.as(publish(accepted(501)), span)),
        "publisher"
      )
      let expected: ReadonlyArray<string | undefined> = []
      const [[entry] = []] = yield* requestsOf(
        Effect.map(inSpan, ({ traceId, spanId }) => {
          expected = [
            `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=1`,
            `00-${traceId}-${spanId}-01`
          ]
        })
      )
      assert.deepStrictEqual([entry?.TraceHeader, decode(entry?.Detail ?? "").traceparent], expected)
    })
  )
  it.effect("gets a fact that is too large without what explains it at length, and with a note", () =>
    Effect.gen(function* () {
      const fact = denied(600, 3000)
      assert.isAbove(bytesOf(fact), 600_000)
      yield* publish(fact, failed(601, "ü🚀".repeat(100_000)))
      const arrived = yield* arrivals
      const explained = arrived.find(({ id }) => id === fact.id)
      if (explained?.type !== "dispatch.target.denied") return assert.fail("the denial is lost")
      assert.isAtMost(bytesOf(explained), EventBridgeBus.maxFactBytes)
      assert.isAbove(bytesOf(explained), EventBridgeBus.maxFactBytes - 2000)
      const { checks, ...rest } = explained.data
      const { checks: all, ...same } = fact.data
      assert.deepStrictEqual(rest, same)
      const note = checks.at(-1)
      assert.deepStrictEqual(checks.slice(0, -1), all.slice(0, checks.length - 1))
      assert.strictEqual(note?.expected, `${all.length - (checks.length - 1)} more checks`)
      assert.isFalse(note?.passed)
      const cut = arrived.find(({ data }) => data.runId === "601")
      if (cut?.type !== "dispatch.trigger.failed") return assert.fail("the failure is lost")
      assert.isAtMost(bytesOf(cut), EventBridgeBus.maxFactBytes)
      assert.match(cut.data.message, /^(ü🚀)+ü?�?… \(the rest was left out: the fact was too large\)$/u)
    })
  )
  it.effect(
    "gives facts to the recorder with and without its envelope, together or one as earlier versions, and nothing else",
    () =>
      Effect.sync(() => {
        const fact = accepted(700)
        const message = { source: "dispatcher", type: "dispatch.facts", facts: [fact, accepted(701)] } as const
        for (const [sent, read] of [
          [message, message],
          [fact, { ...message, facts: [fact] }]
        ] as const) {
          assert.deepStrictEqual(decode(JSON.stringify(sent)), read)
          assert.deepStrictEqual(decode(JSON.stringify({ version: "0", "detail-type": "any", detail: sent })), read)
        }
        const newer = { ...fact, type: "dispatch.target.postponed" }
        for (const detail of [newer, { ...message, facts: [fact, newer] }]) {
          assert.throws(() => decode(JSON.stringify({ detail })))
          assert.isTrue(isNewerFactEvent({ detail }))
        }
        for (const body of ["{}", "null", '{"detail":{}}', JSON.stringify({ detail: { ...message, facts: [] } })]) {
          assert.throws(() => decode(body))
          assert.isFalse(isNewerFactEvent(JSON.parse(body)))
        }
        assert.throws(() => decode("no JSON"))
      })
  )
})
