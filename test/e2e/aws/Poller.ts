/**
 * The event source between a queue and its function, with Lambda's semantics: a batch in hand is hidden for the visibility timeout; what
 * the function does not report as failed is removed; where the function fails, or answers nonsense, all of the batch comes again; and the
 * queue itself moves aside what was received too often.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs"
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda"
import { Effect } from "effect"
import { queueSettings } from "../../../src/adapters/aws/AwsResources.ts"
import { perform, type Script, type ScriptedFault } from "../../../src/testing/FaultScript.ts"
import { recordOf } from "../../adapters/aws/support/Lambda.ts"
import type { LambdaFunction } from "./Functions.ts"

/** Handing a batch to a function, for faults: SQS promises no order, but in a group, and not that a message comes once. */
export const batches = "Batch"
/** The batch is handed to two invocations at once. */
export const twice: ScriptedFault = (hand, { input }) =>
  Effect.all([hand(...input), hand(...input)], { concurrency: "unbounded" })
/** The batch's messages come in the opposite order. */
export const backwards: ScriptedFault = (hand, { input: [records] }) =>
  hand((records as ReadonlyArray<SQSRecord>).toReversed())

const isResponse = (answer: unknown): answer is SQSBatchResponse =>
  typeof answer === "object" &&
  answer !== null &&
  "batchItemFailures" in answer &&
  Array.isArray(answer.batchItemFailures)

/** The records that are done. */
const doneOf = (records: ReadonlyArray<SQSRecord>, answer: unknown): ReadonlyArray<SQSRecord> => {
  if (!isResponse(answer)) return []
  const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
  return records.filter(({ messageId }) => !failed.has(messageId))
}

/** How a queue's mapping takes messages: orders one by one, those of a few groups at a time. */
const mappingOf = (queueName: string, concurrency: number) =>
  queueName.endsWith(".fifo")
    ? { batchSize: queueSettings.order.batchSize, concurrency: Math.max(3, concurrency) }
    : { batchSize: 10, concurrency }

/** Polls for ever; so many batches are in hand at once. */
export const poll = (client: SQSClient, QueueUrl: string, target: LambdaFunction, faults: Script, atOnce = 1) => {
  const queueName = QueueUrl.split("/").at(-1) ?? ""
  const { batchSize, concurrency } = mappingOf(queueName, atOnce)
  const receive = Effect.promise((abortSignal) =>
    client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: batchSize,
        WaitTimeSeconds: 1,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["All"]
      }),
      { abortSignal }
    )
  )
  const remove = (records: ReadonlyArray<SQSRecord>) =>
    records.length === 0
      ? Effect.void
      : Effect.promise(() =>
          client.send(
            new DeleteMessageBatchCommand({
              QueueUrl,
              Entries: records.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }))
            })
          )
        )
  const hand = (batch: unknown) => {
    const records = batch as ReadonlyArray<SQSRecord>
    return target.invoke({ Records: records } satisfies { Records: ReadonlyArray<SQSEvent["Records"][number]> }).pipe(
      Effect.map((answer) => doneOf(records, answer)),
      Effect.catchTag("InvocationFailed", () => Effect.succeed([])),
      Effect.flatMap(remove)
    )
  }
  const forever = Effect.gen(function* () {
    const { Messages = [] } = yield* receive
    if (Messages.length === 0) return
    const records = Messages.map((message) => recordOf(message, queueName))
    yield* perform(faults, batches, hand, records)
  }).pipe(Effect.forever)
  return Effect.all(
    Array.from({ length: concurrency }, () => forever),
    { concurrency, discard: true }
  )
}
