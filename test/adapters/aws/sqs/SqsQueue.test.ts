/** The WorkQueue contract on SQS, on a standard queue and on a FIFO queue. */
import { randomUUID } from "node:crypto"
import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs"
import { Duration, Effect, Layer } from "effect"
import { SqsClient } from "../../../../src/adapters/aws/sqs/SqsClient.ts"
import { makeSqsStore } from "../../../../src/adapters/aws/sqs/SqsStore.ts"
import { fromStore } from "../../../../src/queue/QueueFromStore.ts"
import { groupOfJob, Job, QueueUnderTest } from "../../../../src/testing/contracts/QueueUnderTest.ts"
import { realTime } from "../../../../src/testing/contracts/Time.ts"
import { workQueueContract } from "../../../../src/testing/contracts/WorkQueue.ts"
import * as Fauxqs from "../support/Fauxqs.ts"
import { shared } from "../support/Shared.ts"

// Waits are whole seconds on SQS: a third of this and half a second are three of them, and the third wait ends after it.
const options = { maxAge: Duration.seconds(7), lease: Duration.seconds(2) }
const wait = Duration.seconds(1)

const queueUnderTest = (fifo: boolean) =>
  Layer.effect(
    QueueUnderTest,
    Effect.gen(function* () {
      const client = yield* SqsClient
      const { url, deadLetterUrl } = yield* Fauxqs.createQueues(client, randomUUID(), { fifo })
      const place = () => (fifo ? { MessageGroupId: randomUUID(), MessageDeduplicationId: randomUUID() } : {})
      const send = (body: unknown) =>
        client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify(body), ...place() }))
      const receive = new ReceiveMessageCommand({
        QueueUrl: url,
        VisibilityTimeout: Duration.toSeconds(options.lease),
        WaitTimeSeconds: 1
      })
      return {
        ...options,
        can: { groups: fifo, countsVerdicts: false, delays: !fifo, ages: false },
        queue: fromStore("contract", Job, makeSqsStore("contract", client, { url, deadLetterUrl }, { wait }), {
          ...options,
          groupOf: groupOfJob
        }),
        offerForeign: (body) => Effect.promise(() => send(body)),
        loseOne: Effect.promise(() => client.send(receive))
      }
    })
  )

const sqs = shared(Fauxqs.layer)
for (const [name, fifo] of [
  ["SQS", false],
  ["SQS FIFO", true]
] as const) {
  sqs.suite(name, () => workQueueContract(name, Layer.provide(queueUnderTest(fifo), sqs.layer), realTime))
}
