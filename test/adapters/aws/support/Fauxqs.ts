/** SQS on loopback: the emulator `fauxqs` in this process, on a free port, and queues in it. */
import { CreateQueueCommand, type SQSClient } from "@aws-sdk/client-sqs"
import { Effect, Layer } from "effect"
import { buildApp } from "fauxqs"
import * as Sqs from "../../../../src/adapters/aws/sqs/SqsClient.ts"
import { at } from "./Endpoint.ts"

const server = Effect.acquireRelease(
  Effect.promise(async () => {
    const app = buildApp({ logger: false })
    return { app, url: await app.listen({ host: "127.0.0.1", port: 0 }) }
  }),
  ({ app }) => Effect.promise(() => app.close())
)

/** The client of an emulator of its own. */
export const layer: Layer.Layer<Sqs.SqsClient> = Layer.unwrap(
  Effect.map(server, ({ url }) => Layer.provide(Sqs.layer, at(url)))
)

/** Makes a queue and its dead-letter queue, both FIFO queues or neither. */
export const createQueues = Effect.fnUntraced(function* (client: SQSClient, name: string, { fifo = false } = {}) {
  const create = (base: string) =>
    Effect.promise(async () => {
      const QueueName = fifo ? `${base}.fifo` : base
      const Attributes = fifo ? { FifoQueue: "true" } : {}
      const { QueueUrl = "" } = await client.send(new CreateQueueCommand({ QueueName, Attributes }))
      return QueueUrl
    })
  return { url: yield* create(name), deadLetterUrl: yield* create(`${name}-dead`) }
})
