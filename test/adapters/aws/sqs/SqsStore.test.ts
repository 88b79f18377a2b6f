/** What the WorkQueue contract does not show: how SQS is asked, and what happens when it does not do what it was asked. */
import { randomUUID } from "node:crypto"
import { SendMessageCommand } from "@aws-sdk/client-sqs"
import { assert, layer } from "@effect/vitest"
import { Clock, ConfigProvider, Duration, Effect, Layer, References, Schema } from "effect"
import { Timeouts } from "../../../../src/adapters/aws/AwsCall.ts"
import { queueVariables } from "../../../../src/adapters/aws/AwsResources.ts"
import { SqsClient } from "../../../../src/adapters/aws/sqs/SqsClient.ts"
import { layerReport } from "../../../../src/adapters/aws/sqs/SqsQueue.ts"
import { makeSqsStore } from "../../../../src/adapters/aws/sqs/SqsStore.ts"
import { RunKey } from "../../../../src/domain/SourceRun.ts"
import { type ReportMessage, ReportQueue } from "../../../../src/flow/Queues.ts"
import { fromStore } from "../../../../src/queue/QueueFromStore.ts"
import { always, type ScriptedCall, type ScriptedFault } from "../../../../src/testing/FaultScript.ts"
import { answerLost, ClientFaults, inputOf, layer as layerFaults, requestLost } from "../support/ClientFaults.ts"
import * as Fauxqs from "../support/Fauxqs.ts"

const wait = Duration.zero
const lease = Duration.seconds(60)

/** A fresh queue of texts, and what a test does with it. */
const fixtureOf = Effect.fnUntraced(function* (kind: { readonly fifo: boolean }) {
  const client = yield* SqsClient
  const faults = yield* ClientFaults
  const addresses = yield* Fauxqs.createQueues(client, randomUUID(), kind)
  const store = makeSqsStore("test", client, addresses, { wait })
  const queue = fromStore("test", Schema.String, store)
  const before = (yield* faults.calls).length
  const requests = (command: string) =>
    Effect.map(faults.calls, (calls) => calls.slice(before).filter(({ operation }) => operation === command))
  const take = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    return (yield* store.take({ limit: 10, now, lease: Duration.toMillis(lease), alone: false })).messages
  })
  const takeOne = Effect.flatMap(take, ([message]) =>
    message === undefined ? Effect.die("no message is visible") : Effect.succeed(message)
  )
  return { client, addresses, faults, store, queue, requests, take, takeOne }
})
const fixture = fixtureOf({ fifo: false })
const texts = (...bodies: ReadonlyArray<string>) => bodies.map((body) => ({ body }))
// How long an operation is tried; a request that is lost at once needs no time of its own, however busy the machine is.
const impatient = Effect.provideService(Timeouts, { request: Duration.minutes(1), call: Duration.seconds(1) })

/** Entries of a batch that SQS does not do. */
const failing =
  (SenderFault: boolean, ...ids: ReadonlyArray<string>): ScriptedFault =>
  (send, call) => {
    const { Entries = [], ...request } = inputOf(call) as { Entries?: ReadonlyArray<{ readonly Id: string }> }
    const others = Entries.filter(({ Id }) => !ids.includes(Id))
    const Failed = ids.map((Id) => ({
      Id,
      SenderFault,
      Code: SenderFault ? "InvalidMessageContents" : "InternalError"
    }))
    const answer = others.length === 0 ? Effect.succeed({}) : send({ ...request, Entries: others })
    return Effect.map(answer, (done) => ({ ...Object(done), Failed }))
  }
const entriesOf = (request: ScriptedCall | undefined) =>
  (inputOf(request) as { Entries?: ReadonlyArray<Record<string, unknown>> }).Entries ?? []

layer(layerFaults(SqsClient).pipe(Layer.provideMerge(Fauxqs.layer)), { excludeTestServices: true })("SQS", (it) => {
  it.effect("sends as few batches as SQS allows: ten messages, 256 KiB", () =>
    Effect.gen(function* () {
      const { queue, requests } = yield* fixture
      yield* queue.offer(texts(...Array.from({ length: 23 }, (_, n) => `small ${n}`)))
      const small = yield* requests("SendMessageBatchCommand")
      assert.deepStrictEqual(
        small.map((request) => entriesOf(request).length),
        [10, 10, 3]
      )
      yield* queue.offer(texts(...Array.from({ length: 5 }, () => "x".repeat(100_000))))
      const large = (yield* requests("SendMessageBatchCommand")).slice(small.length)
      assert.deepStrictEqual(
        large.map((request) => entriesOf(request).length),
        [2, 2, 1]
      )
    })
  )
  it.effect("sends again only what SQS did not take", () =>
    Effect.gen(function* () {
      const { faults, queue, requests, take } = yield* fixture
      yield* faults.next("SendMessageBatchCommand", failing(false, "1", "3"), failing(false, "0"))
      yield* queue.offer(texts("a", "b", "c", "d", "e"))
      const bodies = (yield* requests("SendMessageBatchCommand")).map((request) =>
        entriesOf(request).map((entry) => entry.MessageBody)
      )
      assert.deepStrictEqual(bodies, [['"a"', '"b"', '"c"', '"d"', '"e"'], ['"b"', '"d"'], ['"b"']])
      assert.deepStrictEqual((yield* take).map(({ body }) => JSON.parse(body)).sort(), ["a", "b", "c", "d", "e"])
    })
  )
  it.effect("fails an offer of which SQS refuses a message, or does not take one in time", () =>
    Effect.gen(function* () {
      const { faults, queue } = yield* fixture
      yield* faults.next("SendMessageBatchCommand", failing(true, "0"))
      const refused = yield* Effect.flip(queue.offer(texts("a", "b")))
      assert.include(refused.message, "InvalidMessageContents")
      assert.strictEqual((yield* queue.depth).waiting, 1)
      yield* faults.on("SendMessageBatchCommand", always(requestLost))
      const lost = yield* Effect.flip(impatient(queue.offer(texts("a"))))
      yield* faults.clear
      assert.strictEqual(lost._tag, "QueueError")
      assert.include(lost.message, "ECONNRESET")
    })
  )
  it.effect("refuses a message that no queue takes, before it sends any", () =>
    Effect.gen(function* () {
      const { queue, requests } = yield* fixture
      const error = yield* Effect.flip(queue.offer(texts("a", "x".repeat(256 * 1024))))
      assert.include(error.message, "larger than")
      assert.deepStrictEqual(yield* requests("SendMessageBatchCommand"), [])
    })
  )
  it.effect("stores a message again rather than not at all when the answer is lost", () =>
    Effect.gen(function* () {
      const { faults, queue, take } = yield* fixture
      yield* faults.next("SendMessageBatchCommand", answerLost)
      yield* queue.offer(texts("a"))
      assert.deepStrictEqual(
        (yield* take).map(({ body }) => body),
        ['"a"', '"a"']
      )
    })
  )
  it.effect("brings every character through, although SQS does not take all of them", () =>
    Effect.gen(function* () {
      const { queue, takeOne, requests } = yield* fixture
      const awkward = "\u0000\u001f\u007f\ufffe\uffff🚀\ud83d ü\\u0041"
      yield* queue.offer(texts(awkward))
      assert.strictEqual(JSON.parse((yield* takeOne).body), awkward)
      const [sent] = entriesOf((yield* requests("SendMessageBatchCommand"))[0])
      assert.notMatch(String(sent?.MessageBody), /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/)
    })
  )
  it.effect("delays and hides for whole seconds, and no longer than SQS can", () =>
    Effect.gen(function* () {
      const { store, queue, requests, take } = yield* fixture
      const delays = ["1500 millis", "2 days", "0 millis"] as const
      yield* queue.offer(delays.map((delay) => ({ body: "x", delay })))
      const [sent] = yield* requests("SendMessageBatchCommand")
      assert.deepStrictEqual(
        entriesOf(sent).map((entry) => entry.DelaySeconds),
        [2, 900, 0]
      )
      yield* queue.offer(texts("y", "z"))
      const [a, b, c] = yield* take
      if (a === undefined || b === undefined || c === undefined) return assert.fail("three are visible")
      yield* store.settle(
        [
          { _tag: "Retry", ...a, wait: 2100 },
          { _tag: "Retry", ...b, wait: 1e12 },
          { _tag: "Retry", ...c, wait: 0 }
        ],
        0
      )
      const [hidden] = yield* requests("ChangeMessageVisibilityBatchCommand")
      assert.deepStrictEqual(
        entriesOf(hidden).map((entry) => entry.VisibilityTimeout),
        [3, 11 * 3600, 0]
      )
    })
  )
  it.effect("settles what it can although something else fails", () =>
    Effect.gen(function* () {
      const { faults, store, queue, take } = yield* fixture
      yield* queue.offer(texts("done", "dead"))
      const settlements = (yield* take).map(({ id, handout, body }) =>
        body === '"done"'
          ? ({ _tag: "Done", id, handout } as const)
          : ({ _tag: "Dead", id, handout, reason: "no use", attempts: 1 } as const)
      )
      yield* faults.on("SendMessageBatchCommand", always(requestLost))
      const error = yield* Effect.flip(impatient(store.settle(settlements, 0)))
      yield* faults.clear
      assert.strictEqual(error._tag, "QueueError")
      // What could not be buried comes again when its lease is over.
      assert.deepStrictEqual(yield* queue.depth, { waiting: 0, inFlight: 1, dead: 0, oldest: null })
    })
  )
  it.effect("takes it calmly when another consumer has a message by now", () =>
    Effect.gen(function* () {
      const { faults, store, queue, takeOne } = yield* fixture
      yield* queue.offer(texts("a"))
      const message = yield* takeOne
      yield* faults.next("ChangeMessageVisibilityBatchCommand", failing(true, "0"))
      yield* store.renew([message], yield* Clock.currentTimeMillis, 1000)
      yield* faults.next("DeleteMessageBatchCommand", failing(true, "0"))
      yield* store.settle([{ _tag: "Done", ...message }], 0)
      yield* store.settle([{ _tag: "Done", ...message }], 0)
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
  )
  it.effect("keeps long and strange reasons beside a dead letter, and shows what SQS itself moved there", () =>
    Effect.gen(function* () {
      const { client, addresses, store, queue, takeOne } = yield* fixture
      yield* queue.offer(texts("a"))
      const { id, handout } = yield* takeOne
      const reason = `\u0000🚀${"x".repeat(5000)}`
      yield* store.settle([{ _tag: "Dead", id, handout, reason, attempts: 7 }], 0)
      const moved = new SendMessageCommand({ QueueUrl: addresses.deadLetterUrl, MessageBody: "no { JSON" })
      yield* Effect.promise(() => client.send(moved))
      for (const look of [1, 2]) {
        const [newest, oldest] = yield* queue.deadLetters(10)
        assert.strictEqual(newest?.body, "no { JSON", `look ${look}`)
        assert.include(newest?.reason, "SQS gave it up")
        assert.deepStrictEqual([oldest?.id, oldest?.body, oldest?.attempts], [id, "a", 7])
        assert.match(oldest?.reason ?? "", /^���x+…$/)
      }
      assert.deepStrictEqual(yield* queue.depth, { waiting: 0, inFlight: 0, dead: 2, oldest: null })
    })
  )
  it.effect("keeps a message that cannot be buried where it is", () =>
    Effect.gen(function* () {
      const { client, addresses, queue } = yield* fixture
      const store = makeSqsStore("test", client, { ...addresses, deadLetterUrl: undefined }, { wait })
      yield* queue.offer(texts("a"))
      const now = yield* Clock.currentTimeMillis
      const [message] = (yield* store.take({ limit: 1, now, lease: 60_000, alone: false })).messages
      if (message === undefined) return assert.fail("nothing is visible")
      const burial = store.settle([{ _tag: "Dead", ...message, reason: "no use", attempts: 1 }], 0)
      assert.include((yield* Effect.flip(burial)).message, "no dead-letter queue")
      assert.strictEqual((yield* queue.depth).inFlight, 1)
    })
  )
  it.effect("puts messages of a FIFO queue into groups, and takes a repeated offer once", () =>
    Effect.gen(function* () {
      const { store, faults, requests, take } = yield* fixtureOf({ fifo: true })
      const offer = (body: string, deduplication: string) =>
        store.add([{ body, traceparent: undefined, wait: 0, group: "acme/deploy:cd.yml", deduplication }], 0)
      yield* faults.next("SendMessageBatchCommand", answerLost)
      yield* offer('"first"', "order@1")
      yield* offer('"first"', "order@1")
      yield* offer('"replay"', "order@2")
      const places = (yield* requests("SendMessageBatchCommand")).flatMap(entriesOf)
      assert.strictEqual(new Set(places.map(({ MessageGroupId }) => MessageGroupId)).size, 1)
      assert.strictEqual(new Set(places.map(({ MessageDeduplicationId }) => MessageDeduplicationId)).size, 2)
      for (const { MessageGroupId, MessageDeduplicationId, DelaySeconds } of places) {
        assert.match(`${MessageGroupId} ${MessageDeduplicationId}`, /^[0-9a-f]{64} [0-9a-f]{64}$/)
        assert.isUndefined(DelaySeconds)
      }
      const seen: Array<string> = []
      for (let taken = yield* take; taken.length > 0; taken = yield* take) {
        for (const message of taken) {
          seen.push(message.body)
          yield* store.settle([{ _tag: "Done", ...message }], 0)
        }
      }
      assert.deepStrictEqual(seen, ['"first"', '"replay"'])
    })
  )
  it.effect("refuses a delay on a FIFO queue, which delays no single message", () =>
    Effect.gen(function* () {
      const { store, requests } = yield* fixtureOf({ fifo: true })
      const message = { body: "1", traceparent: undefined, wait: 1, group: "a", deduplication: undefined }
      assert.include((yield* Effect.flip(store.add([message], 0))).message, "delays no single message")
      assert.deepStrictEqual(yield* requests("SendMessageBatchCommand"), [])
    })
  )
  it.effect("shows all dead letters of a group, and puts each back into the group that it was in", () =>
    Effect.gen(function* () {
      const { client, addresses, store, queue, requests, take, takeOne } = yield* fixtureOf({ fifo: true })
      const message = (name: string) => ({
        body: JSON.stringify(name),
        traceparent: undefined,
        wait: 0,
        group: "acme/deploy:cd.yml",
        deduplication: name
      })
      const names = ["a", "b", "c"]
      yield* store.add(names.map(message), 0)
      for (const _ of names)
        yield* store.settle([{ _tag: "Dead", ...(yield* takeOne), reason: "no use", attempts: 1 }], 0)
      const moved = new SendMessageCommand({
        QueueUrl: addresses.deadLetterUrl,
        MessageBody: '"moved"',
        MessageGroupId: "its group",
        MessageDeduplicationId: "moved"
      })
      yield* Effect.promise(() => client.send(moved))
      const letters = yield* queue.deadLetters(10)
      assert.deepStrictEqual(letters.map(({ body }) => body).toSorted(), [...names, "moved"])
      for (const { id } of letters) assert.isTrue(yield* queue.redrive(id))
      assert.deepStrictEqual(yield* queue.depth, { waiting: 4, inFlight: 0, dead: 0, oldest: null })
      const sent = (yield* requests("SendMessageBatchCommand")).flatMap(entriesOf)
      const groupsOf = (name: string) =>
        sent
          .filter(({ MessageBody }) => MessageBody === JSON.stringify(name))
          .map(({ MessageGroupId }) => MessageGroupId)
      for (const name of names) {
        const [offered, buried, redriven] = groupsOf(name)
        assert.strictEqual(redriven, offered)
        assert.notStrictEqual(buried, offered)
      }
      assert.deepStrictEqual(groupsOf("moved"), ["its group"])
      assert.strictEqual((yield* take).length, 2)
    })
  )
  it.effect("keeps a dead letter that its queue does not take back", () =>
    Effect.gen(function* () {
      const { faults, store, queue, takeOne } = yield* fixture
      yield* queue.offer(texts("a"))
      const message = yield* takeOne
      yield* store.settle([{ _tag: "Dead", ...message, reason: "no use", attempts: 1 }], 0)
      yield* faults.next("SendMessageBatchCommand", failing(true, "0"))
      assert.include((yield* Effect.flip(queue.redrive(message.id))).message, "InvalidMessageContents")
      assert.deepStrictEqual(yield* queue.depth, { waiting: 0, inFlight: 0, dead: 1, oldest: null })
      assert.isTrue(yield* queue.redrive(message.id))
      assert.deepStrictEqual(yield* queue.depth, { waiting: 1, inFlight: 0, dead: 0, oldest: null })
    })
  )
  it.effect("is found through the environment, by those who need it", () =>
    Effect.gen(function* () {
      const { addresses } = yield* fixture
      const { url, deadLetterUrl } = queueVariables.report
      const given = (variables: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromUnknown(variables))
      const depth = ReportQueue.use((queue) => queue.depth)
      const report: ReportMessage = { version: 1, run: RunKey.make("1/2/3") }
      const both = Layer.provide(layerReport, given({ [url]: addresses.url, [deadLetterUrl]: addresses.deadLetterUrl }))
      yield* ReportQueue.use((queue) => queue.offer([{ body: report }])).pipe(Effect.provide(both))
      assert.deepStrictEqual(yield* Effect.provide(depth, both), { waiting: 1, inFlight: 0, dead: 0, oldest: null })
      const producer = Layer.provide(layerReport, given({ [url]: addresses.url }))
      assert.deepStrictEqual(yield* Effect.provide(depth, producer), { waiting: 1, inFlight: 0, dead: 0, oldest: null })
      const missing = yield* Effect.flip(Effect.provide(depth, Layer.provide(layerReport, given({}))))
      assert.include(missing.message, url)
    })
  )
})
