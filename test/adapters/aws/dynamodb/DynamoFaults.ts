/** What goes wrong on the way to DynamoDB, as tests over any DynamoDB: what a script of faults does to its client. */
import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactionConflictException
} from "@aws-sdk/client-dynamodb"
import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import { Timeouts } from "../../../../src/adapters/aws/AwsCall.ts"
import { DynamoClient } from "../../../../src/adapters/aws/dynamodb/DynamoClient.ts"
import * as DynamoTable from "../../../../src/adapters/aws/dynamodb/DynamoTable.ts"
import { AlarmMetrics } from "../../../../src/ports/AlarmMetrics.ts"
import { absent, atVersion, ConditionFailed, present, TableError } from "../../../../src/ports/Table.ts"
import {
  attributesAt,
  freshPartition,
  itemAt,
  put,
  queryTable,
  remove,
  transact,
  update,
  write
} from "../../../../src/testing/contracts/TableSupport.ts"
import {
  always,
  answersWith,
  failsAfter,
  failsBefore,
  type ScriptedFault,
  silent
} from "../../../../src/testing/FaultScript.ts"
import { answerLost, ClientFaults, layer as layerFaults, requestLost, serviceError } from "../support/ClientFaults.ts"

const cancelled = (...codes: ReadonlyArray<string>) =>
  new TransactionCanceledException({
    message: "cancelled",
    $metadata: { httpStatusCode: 400 },
    CancellationReasons: codes.map((Code) => ({ Code, Message: "made up by the test" }))
  })
const transaction = "TransactWriteItemsCommand"
const conflictOfSingle = new TransactionConflictException({
  message: "made up by the test",
  $metadata: { httpStatusCode: 400 }
})
const failedCondition = new ConditionalCheckFailedException({
  message: "made up by the test",
  $metadata: { httpStatusCode: 400 }
})
const next = (command: string, ...faults: ReadonlyArray<ScriptedFault>) =>
  ClientFaults.use((script) => script.next(command, ...faults))

/** How many requests of a kind an effect makes. */
const requestsOf = Effect.fnUntraced(function* <A, E, R>(command: string, effect: Effect.Effect<A, E, R>) {
  const { callsOf } = yield* ClientFaults
  return (yield* callsOf(effect)).filter(({ operation }) => operation === command)
})
const reasonOf = <A, R>(effect: Effect.Effect<A, ConditionFailed | TableError, R>) =>
  Effect.map(Effect.flip(effect), (error) => (error instanceof TableError ? error.reason._tag : error._tag))
const impatient = Effect.provideService(Timeouts, { request: Duration.millis(500), call: Duration.seconds(1) })
/** DynamoDB Local may take its time on a busy machine. */
const patient = Layer.succeed(Timeouts, { request: Duration.seconds(20), call: Duration.seconds(40) })

/** Registers the tests. */
export const faultTests = <E>(dynamo: Layer.Layer<DynamoClient, E>): void => {
  const table = Layer.mergeAll(DynamoTable.layer, layerFaults(DynamoClient), patient).pipe(Layer.provide(dynamo))
  layer(table, { excludeTestServices: true })("DynamoDB in trouble", (it) => {
    it.effect("counts the writes that give way to another writer, for the alarm", () =>
      Effect.gen(function* () {
        let conflicts = 0
        const sink = { ...(yield* AlarmMetrics), count: () => Effect.sync(() => void conflicts++) }
        const conflict = failsBefore(cancelled("TransactionConflict"))
        const key = freshPartition()
        yield* next(transaction, conflict, failsBefore(cancelled("ThrottlingError")), conflict)
        yield* Effect.provideService(transact(put(key("a"), {}), put(key("b"), {})), AlarmMetrics, sink)
        assert.strictEqual(conflicts, 2)
        yield* next("PutItemCommand", failsBefore(conflictOfSingle), failsBefore(serviceError("ThrottlingException")))
        yield* Effect.provideService(write(put(key("c"), {}, { condition: absent })), AlarmMetrics, sink)
        assert.strictEqual(conflicts, 3)
      })
    )

    it.effect("tries again what DynamoDB did not do", () =>
      Effect.gen(function* () {
        const key = freshPartition()
        yield* next(
          transaction,
          failsBefore(cancelled("TransactionConflict", "None")),
          failsBefore(cancelled("None", "ThrottlingError")),
          failsBefore(cancelled("ProvisionedThroughputExceeded", "None")),
          failsBefore(serviceError("TransactionInProgressException")),
          requestLost
        )
        const requests = yield* requestsOf(
          transaction,
          transact(update(key("n"), { add: { n: 1 } }), put(key("new"), {}, { condition: absent }))
        )
        assert.strictEqual(requests.length, 6)
        assert.deepStrictEqual(yield* attributesAt(key("n")), { n: 1 })
        yield* next("GetItemCommand", failsBefore(serviceError("InternalServerError", 500)))
        yield* next("QueryCommand", failsBefore(serviceError("ProvisionedThroughputExceededException")))
        assert.deepStrictEqual(yield* attributesAt(key("n")), { n: 1 })
        assert.strictEqual((yield* queryTable({ ...key(), limit: 9 })).items.length, 2)
      })
    )
    it.effect("counts once, and fails no condition of its own making, when answers are lost", () =>
      Effect.gen(function* () {
        const key = freshPartition()
        const again = serviceError("InternalServerError", 500)
        yield* next(transaction, answerLost, failsAfter(again))
        const requests = yield* requestsOf(transaction, write(update(key("n"), { add: { n: 1 } })))
        assert.strictEqual(requests.length, 3)
        assert.strictEqual(new Set(requests.map(({ input }) => JSON.stringify(input))).size, 1, "one token")
        assert.deepStrictEqual((yield* itemAt(key("n")))?.version, 1)
        yield* next("PutItemCommand", answerLost)
        yield* write(put(key("new"), { mine: true }, { condition: absent }))
        yield* next("UpdateItemCommand", answerLost, failsAfter(again))
        yield* write(update(key("new"), { add: { n: 1 }, condition: atVersion(1) }))
        yield* next(transaction, answerLost)
        yield* transact(remove(key("n"), { condition: present }), update(key("new"), { add: { n: 1 } }))
        assert.deepStrictEqual(yield* attributesAt(key("new")), { mine: true, n: 2 })
        assert.isUndefined(yield* itemAt(key("n")))
      })
    )
    it.effect("says throttled or unavailable when its budget is spent", () =>
      Effect.gen(function* () {
        const key = freshPartition()()
        const faults = yield* ClientFaults
        const onlyMeets = (fault: ScriptedFault) => Effect.andThen(faults.clear, faults.on(transaction, always(fault)))
        const adding = write(update(key, { add: { n: 1 } })).pipe(impatient)
        yield* onlyMeets(failsBefore(cancelled("TransactionConflict")))
        assert.strictEqual(yield* reasonOf(adding), "Throttled")
        yield* onlyMeets(requestLost)
        assert.strictEqual(yield* reasonOf(adding), "Unavailable")
        yield* onlyMeets(silent)
        assert.strictEqual(yield* reasonOf(adding), "Unavailable")
        yield* faults.clear
        assert.isUndefined(yield* itemAt(key))
      })
    )
    it.effect("reports a failed condition although another write met a conflict", () =>
      Effect.gen(function* () {
        const key = freshPartition()
        yield* next(transaction, failsBefore(cancelled("TransactionConflict", "ConditionalCheckFailed")))
        const writing = transact(update(key("n"), { add: { n: 1 } }), put(key("x"), {}, { condition: present }))
        assert.deepStrictEqual(yield* Effect.flip(writing), new ConditionFailed({ failed: [1] }))
      })
    )
    it.effect("does not try again what can never be", () =>
      Effect.gen(function* () {
        const key = freshPartition()()
        const outcomes: ReadonlyArray<readonly [Error, string]> = [
          [cancelled("ValidationError"), "Invalid"],
          [cancelled("ItemCollectionSizeLimitExceeded"), "Invalid"],
          [serviceError("ValidationException"), "Invalid"],
          [serviceError("ResourceNotFoundException"), "Unavailable"],
          [serviceError("AccessDeniedException"), "Unavailable"],
          [cancelled("AccessDenied"), "Unavailable"]
        ]
        for (const [error, expected] of outcomes) {
          yield* next(transaction, failsBefore(error))
          const writing = write(update(key, { add: { n: 1 } }))
          const requests = yield* requestsOf(
            transaction,
            Effect.map(reasonOf(writing), (reason) => assert.strictEqual(reason, expected, error.name))
          )
          assert.strictEqual(requests.length, 1)
        }
      })
    )
    it.effect("writes in one request where it can, in two where it has to find out what is there", () =>
      Effect.gen(function* () {
        const key = freshPartition()()
        const { callsOf } = yield* ClientFaults
        const count = (writing: ReturnType<typeof write>) => Effect.map(callsOf(writing), (requests) => requests.length)
        const adding = write(update(key, { add: { n: 1 } }))
        const putting = write(put(key, { n: 1 }))
        assert.deepStrictEqual([yield* count(adding), yield* count(adding)], [1, 1])
        assert.strictEqual(yield* count(putting), 2, "the version was not known")
        assert.strictEqual(yield* count(putting), 1, "it wrote the version itself")
        assert.strictEqual(yield* count(write(put(key, {}, { condition: present }))), 1)
        yield* adding
        assert.strictEqual(
          yield* count(write(put(key, {}, { condition: present }))),
          2,
          "an update left another version"
        )
        yield* adding
        yield* itemAt(key)
        assert.strictEqual(yield* count(putting), 1, "it has read the version")
        yield* adding
        yield* queryTable({ ...key, limit: 1 })
        assert.strictEqual(yield* count(putting), 1, "it has read the version")
        assert.strictEqual((yield* itemAt(key))?.version, 11)
        assert.strictEqual(yield* count(write(remove(key, { condition: present }))), 1)
        assert.strictEqual(yield* count(putting), 1)
        assert.strictEqual((yield* itemAt(key))?.version, 1)
      })
    )
    it.effect("says throttled when others keep changing what it writes", () =>
      Effect.gen(function* () {
        const key = freshPartition()()
        const faults = yield* ClientFaults
        yield* faults.on("PutItemCommand", always(failsBefore(failedCondition)))
        assert.strictEqual(yield* reasonOf(impatient(write(put(key, {})))), "Throttled")
        yield* faults.clear
      })
    )
    it.effect("reads on past empty pages of DynamoDB, but not without end", () =>
      Effect.gen(function* () {
        const key = freshPartition()
        yield* write(put(key("b"), {}))
        const emptyPage = answersWith({
          Items: [],
          LastEvaluatedKey: { pk: { S: key().partition }, sk: { S: "a" } }
        })
        yield* next("QueryCommand", emptyPage, emptyPage)
        assert.strictEqual((yield* queryTable({ ...key(), limit: 1 })).items[0]?.key.sort, "b")
        const faults = yield* ClientFaults
        yield* faults.on("QueryCommand", always(emptyPage))
        const page = yield* queryTable({ ...key(), limit: 1 })
        yield* faults.clear
        assert.deepStrictEqual(page.items, [])
        const { cursor = "" } = page
        assert.strictEqual((yield* queryTable({ ...key(), limit: 1, cursor })).items[0]?.key.sort, "b")
      })
    )
    it.effect("finds what lives behind many items that have expired", () =>
      Effect.gen(function* () {
        const key = freshPartition()
        const expired = Array.from({ length: 60 }, (_, n) => put(key(`a ${100 + n}`), {}, { expiresAt: 1 }))
        yield* transact(...expired, put(key("b"), {}), put(key("c"), {}))
        const page = yield* queryTable({ ...key(), limit: 1 })
        assert.deepStrictEqual(
          page.items.map((item) => item.key.sort),
          ["b"]
        )
        assert.deepStrictEqual(
          (yield* queryTable({ ...key(), limit: 2, direction: "descending" })).items.map((item) => item.key.sort),
          ["c", "b"]
        )
      })
    )
  })
}
