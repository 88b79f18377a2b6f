/**
 * A function behind SQS, with the real planner in it, and one event with everything that can become of a message: each is answered,
 * hidden, buried and logged by itself.
 */
import { randomUUID } from "node:crypto"
import { SendMessageBatchCommand } from "@aws-sdk/client-sqs"
import { assert, layer } from "@effect/vitest"
import type { SQSBatchResponse } from "aws-lambda"
import { ConfigProvider, Duration, Effect, Layer, Logger, ManagedRuntime } from "effect"
import { queueVariables } from "../../../src/adapters/aws/AwsResources.ts"
import * as SqsBatch from "../../../src/adapters/aws/sqs/SqsBatch.ts"
import { SqsClient } from "../../../src/adapters/aws/sqs/SqsClient.ts"
import { makeSqsStore } from "../../../src/adapters/aws/sqs/SqsStore.ts"
import type { ConfigAnswer } from "../../../src/domain/Config.ts"
import { repositoryKey } from "../../../src/domain/Names.ts"
import { queueHandler } from "../../../src/entry/lambda/QueueFunction.ts"
import { plan } from "../../../src/flow/Plan.ts"
import { PlanMessage } from "../../../src/flow/Queues.ts"
import { layerSettings } from "../../../src/flow/Settings.ts"
import * as Ledger from "../../../src/ledger/Ledger.ts"
import { ConfigSource } from "../../../src/ports/ConfigSource.ts"
import { GitHubError, RateLimited } from "../../../src/ports/GitHubError.ts"
import * as FakeFactBus from "../../../src/testing/fakes/FactBus.ts"
import * as FakeGitHubApp from "../../../src/testing/fakes/GitHubApp.ts"
import * as FakeQueues from "../../../src/testing/fakes/Queues.ts"
import * as TableMemory from "../../../src/testing/fakes/Table.ts"
import { ClientFaults, inputOf, layer as layerFaults } from "../../adapters/aws/support/ClientFaults.ts"
import * as Fauxqs from "../../adapters/aws/support/Fauxqs.ts"
import * as Lambda from "../../adapters/aws/support/Lambda.ts"
import { absent } from "../../fixtures/Configs.ts"
import { acceptance, repository, sourceRun } from "../../fixtures/Runs.ts"

const retryAfter = Duration.seconds(90)

/** Repositories answer by their names; one that is asked for nothing else has no config, so its run is done at once. */
const answerOf = (name: string): Effect.Effect<ConfigAnswer, GitHubError> => {
  switch (name) {
    case "acme/limited":
      return Effect.fail(
        new GitHubError({
          operation: "ConfigSource.load",
          reason: new RateLimited({ retryAfter: Duration.toMillis(retryAfter) })
        })
      )
    case "acme/dying":
    case "acme/fatal":
      return Effect.die(new Error("a bug"))
    case "acme/slow":
      return Effect.never
    default:
      return Effect.succeed(absent)
  }
}
const github = Layer.succeed(ConfigSource, {
  load: (repositories) =>
    Effect.map(
      Effect.forEach(repositories, (name) =>
        Effect.map(answerOf(name), (answer) => [repositoryKey(name), answer] as const)
      ),
      (answers) => new Map(answers)
    )
})

const aRunOf = (name: string, runId: number) =>
  JSON.stringify({ version: 1, ...acceptance(sourceRun({ repository: repository(`acme/${name}`), runId })) })
/** What waits in the queue, by the name that its message ID gets. */
const bodies: Readonly<Record<string, string>> = {
  good: aRunOf("good", 1),
  limited: aRunOf("limited", 2),
  fatal: aRunOf("fatal", 3),
  dying: aRunOf("dying", 4),
  slow: aRunOf("slow", 5),
  poisoned: '{"version":1,"run":"none"}',
  newer: '{"version":2,"runs":[]}',
  "good too": aRunOf("good-too", 6)
}
/** All come again but those that are done or buried. */
const again = ["dying", "limited", "newer", "slow"]

interface Line {
  readonly level: string
  readonly text: string
}

/** The function over a fresh queue that holds everything; gives what an invocation did. */
const invoke = Effect.fnUntraced(function* (remaining: number) {
  const client = yield* SqsClient
  const faults = yield* ClientFaults
  const { url, deadLetterUrl } = yield* Fauxqs.createQueues(client, randomUUID())
  const Entries = Object.values(bodies).map((MessageBody, Id) => ({ Id: String(Id), MessageBody }))
  yield* Effect.promise(() => client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries })))

  const lines: Array<Line> = []
  const logger = Logger.make<unknown, void>(({ message, logLevel }) => {
    lines.push({ level: logLevel, text: JSON.stringify(message) })
  })
  const stores = Layer.mergeAll(
    Ledger.layer.pipe(Layer.provideMerge(TableMemory.layerMemory)),
    FakeQueues.layerMemory,
    FakeFactBus.layerMemory,
    FakeGitHubApp.layerMemory,
    layerSettings(),
    github
  )
  const environment = ConfigProvider.layer(
    ConfigProvider.fromUnknown({ [queueVariables.plan.url]: url, [queueVariables.plan.deadLetterUrl]: deadLetterUrl })
  )
  const context = Layer.merge(Layer.succeed(SqsClient, client), environment)
  const planner = SqsBatch.layer(Effect.all([SqsBatch.batchConsumer("plan", PlanMessage, plan.handleAll)])).pipe(
    Layer.provide([stores, context]),
    Layer.provideMerge(Logger.layer([logger]))
  )
  const runtime = yield* Effect.acquireRelease(
    Effect.sync(() => ManagedRuntime.make(planner)),
    ({ disposeEffect }) => disposeEffect
  )
  const handler = queueHandler({
    context: yield* Effect.promise(() => runtime.context()),
    run: (work) => runtime.runPromise(work)
  })

  const event = yield* Lambda.receive(client, url)
  const nameOf = (id: string) => {
    const { body } = event.Records.find(({ messageId }) => messageId === id) ?? {}
    return Object.keys(bodies).find((name) => bodies[name] === body) ?? id
  }
  for (const { body, attributes } of event.Records) {
    if (body === bodies.fatal)
      attributes.SentTimestamp = String(Date.now() - Duration.toMillis(Duration.days(4)) - 30_000)
  }
  const before = (yield* faults.calls).length
  const answer = yield* Effect.promise(
    (): Promise<SQSBatchResponse> => handler(event, { awsRequestId: "test", getRemainingTimeInMillis: () => remaining })
  )
  /** For how many seconds messages were hidden, by their names. */
  const hidden = (yield* faults.calls).slice(before).flatMap((call) => {
    if (call.operation !== "ChangeMessageVisibilityBatchCommand") return []
    const { Entries: entries } = inputOf(call) as {
      readonly Entries: ReadonlyArray<{ readonly ReceiptHandle: string; readonly VisibilityTimeout: number }>
    }
    return entries.map(({ ReceiptHandle, VisibilityTimeout }) => {
      const record = event.Records.find(({ receiptHandle }) => receiptHandle === ReceiptHandle)
      return [nameOf(record?.messageId ?? ""), VisibilityTimeout] as const
    })
  })
  return {
    again: answer.batchItemFailures.map(({ itemIdentifier }) => nameOf(itemIdentifier)).sort(),
    hidden: Object.fromEntries(hidden),
    letters: yield* makeSqsStore("plan", client, { url, deadLetterUrl }).deadLetters(10),
    logged: (text: string) => lines.filter((line) => line.text.includes(text))
  }
})

const sqs = layerFaults(SqsClient).pipe(Layer.provideMerge(Fauxqs.layer))

layer(sqs, { excludeTestServices: true })("a function behind SQS", (it) => {
  it.effect("answers for each message of an event by itself", () =>
    Effect.gen(function* () {
      const done = yield* invoke(3000)
      assert.deepStrictEqual(done.again, again)

      assert.deepStrictEqual(Object.keys(done.hidden).sort(), again)
      const { limited = 0, dying = 0, slow, newer } = done.hidden
      // What GitHub asks for, and up to a fifth more, lest all come back at once.
      assert.isAtLeast(limited, Duration.toSeconds(retryAfter))
      assert.isAtMost(limited, Duration.toSeconds(retryAfter) * 1.2)
      assert.isAtLeast(dying, 2)
      assert.isAtMost(dying, 3)
      assert.deepStrictEqual({ slow, newer }, { slow: 1, newer: 15 })

      assert.strictEqual(done.letters.length, 2)
      const reasonOf = (body: string) =>
        done.letters.find((letter) => JSON.stringify(letter.body) === body)?.reason ?? "it was not buried"
      assert.match(reasonOf(bodies.poisoned ?? ""), /does not decode/)
      assert.match(reasonOf(bodies.fatal ?? ""), /gave up after 4 d, at attempt 1: the handler died: .*a bug/)
      const buried = done.logged("a message became a dead letter")
      assert.deepStrictEqual(
        buried.map(({ level }) => level),
        ["Error", "Error"]
      )
      for (const { reason } of done.letters) {
        assert.isTrue(
          buried.some(({ text }) => text.includes(JSON.stringify(reason).slice(1, 60))),
          reason
        )
      }
      assert.strictEqual(done.logged("a message waits for a newer version").length, 1)
      assert.strictEqual(done.logged("a handler died").length, 2)
    })
  )
})
