/**
 * Does what Lambda does between a queue and a function: receives a batch, hands it over as an event, and removes from the queue what the
 * function did not report as failed.
 */
import { DeleteMessageCommand, type Message, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs"
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda"
import { type Duration, Effect } from "effect"
import type { Consumer } from "../../../../src/adapters/aws/sqs/SqsBatch.ts"

/** A message as Lambda hands it over. */
export const recordOf = (
  { MessageId, ReceiptHandle, Body, Attributes, MessageAttributes = {} }: Message,
  queueName: string
): SQSRecord => ({
  messageId: MessageId ?? "",
  receiptHandle: ReceiptHandle ?? "",
  body: Body ?? "",
  attributes: {
    ApproximateReceiveCount: Attributes?.ApproximateReceiveCount ?? "1",
    SentTimestamp: Attributes?.SentTimestamp ?? "0",
    SenderId: "",
    ApproximateFirstReceiveTimestamp: "0",
    ...(Attributes?.MessageGroupId === undefined ? {} : { MessageGroupId: Attributes.MessageGroupId }),
    ...(Attributes?.AWSTraceHeader === undefined ? {} : { AWSTraceHeader: Attributes.AWSTraceHeader })
  },
  messageAttributes: Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, { StringValue = "" }]) => [
      name,
      { stringValue: StringValue, stringListValues: [], binaryListValues: [], dataType: "String" }
    ])
  ),
  md5OfBody: "",
  eventSource: "aws:sqs",
  eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${queueName}`,
  awsRegion: "us-east-1"
})

/** What is visible in a queue, as an event. */
export const receive = (client: SQSClient, QueueUrl: string): Effect.Effect<SQSEvent> =>
  Effect.promise(async () => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 60,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["All"]
      })
    )
    const queueName = QueueUrl.split("/").at(-1) ?? ""
    return { Records: Messages.map((message) => recordOf(message, queueName)) }
  })

/** Hands an event over, and does what the answer says. */
export const invoke = Effect.fnUntraced(function* (
  client: SQSClient,
  QueueUrl: string,
  handle: Consumer["handle"],
  event: SQSEvent,
  remaining: Duration.Input = "30 seconds"
) {
  const response: SQSBatchResponse = yield* handle(event, remaining)
  const again = new Set(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
  const over = event.Records.filter(({ messageId }) => !again.has(messageId))
  for (const { receiptHandle } of over) {
    yield* Effect.promise(() => client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receiptHandle })))
  }
  return response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)
})
