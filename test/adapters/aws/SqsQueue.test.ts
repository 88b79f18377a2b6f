/** The WorkQueue contract on SQS. */
import { randomUUID } from "node:crypto"
import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs"
import { Duration, Effect, Layer } from "effect"
import { SqsClient } from "../../../src/adapters/aws/SqsClient.ts"
import { makeStore } from "../../../src/adapters/aws/SqsStore.ts"
import { fromStore } from "../../../src/ports/WorkQueueFromStore.ts"
import { Job, QueueUnderTest } from "../../../src/testing/contracts/QueueUnderTest.ts"
import { realTime } from "../../../src/testing/contracts/Time.ts"
import { workQueueContract } from "../../../src/testing/contracts/WorkQueue.ts"
import * as Fauxqs from "./support/Fauxqs.ts"
import { shared } from "./support/Shared.ts"

const options = { patience: Duration.seconds(6), lease: Duration.seconds(2) }
const wait = Duration.seconds(1)

const queueUnderTest = Layer.effect(
  QueueUnderTest,
  Effect.gen(function* () {
    const client = yield* SqsClient
    const { url, deadLetterUrl } = yield* Fauxqs.createQueues(client, randomUUID())
    const send = (body: unknown) =>
      client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify(body) }))
    const receive = new ReceiveMessageCommand({
      QueueUrl: url,
      VisibilityTimeout: Duration.toSeconds(options.lease),
      WaitTimeSeconds: 1
    })
    return {
      ...options,
      can: { groups: false, countsVerdicts: false, delays: true },
      queue: fromStore("contract", Job, makeStore("contract", client, { url, deadLetterUrl }, { wait }), options),
      offerForeign: (body) => Effect.promise(() => send(body)),
      loseOne: Effect.promise(() => client.send(receive))
    }
  })
)

const sqs = shared(Fauxqs.layer)
sqs.suite("SQS", () => workQueueContract("SQS", Layer.provide(queueUnderTest, sqs.layer), realTime))
