/** The AWS of the end-to-end tests: DynamoDB Local and fauxqs, with tables and queues of its own for every cloud that is built in it. */
import { randomUUID } from "node:crypto"
import { CreateQueueCommand, GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs"
import { Context, Effect, Layer } from "effect"
import { queueSettings, queueVariables, tableVariables } from "../../../src/adapters/aws/AwsResources.ts"
import { DynamoClient } from "../../../src/adapters/aws/dynamodb/DynamoClient.ts"
import { SqsClient } from "../../../src/adapters/aws/sqs/SqsClient.ts"
import * as DynamoDbLocal from "../../adapters/aws/support/DynamoDbLocal.ts"
import * as Fauxqs from "../../adapters/aws/support/Fauxqs.ts"

/** Clients of both, and where they are. */
export class Emulators extends Context.Service<
  Emulators,
  {
    readonly dynamo: DynamoClient["Service"]
    readonly sqs: SQSClient
    readonly dynamoUrl: string
    readonly sqsUrl: string
  }
>()("dispatcher/test/e2e/aws/Emulators") {}

interface Client {
  readonly config: {
    readonly endpoint?:
      | (() => Promise<{ readonly protocol: string; readonly hostname: string; readonly port?: number | undefined }>)
      | undefined
  }
}
const urlOf = ({ config }: Client) =>
  Effect.promise(async () => {
    const endpoint = await config.endpoint?.()
    return `${endpoint?.protocol}//${endpoint?.hostname}:${endpoint?.port}`
  })

export const layer = Layer.effect(
  Emulators,
  Effect.gen(function* () {
    const dynamo = yield* DynamoClient
    const sqs = yield* SqsClient
    return { dynamo, sqs, dynamoUrl: yield* urlOf(dynamo), sqsUrl: yield* urlOf(sqs) }
  })
).pipe(Layer.provide([DynamoDbLocal.layer, Fauxqs.layer]))

const { maxReceiveCount } = queueSettings

/** As Terraform makes them: with groups, or without. */
const createQueue = (sqs: SQSClient, QueueName: string, fifo: boolean, visibilityTimeout: number) =>
  Effect.promise(async () => {
    const create = (name: string, attributes = {}) => {
      const Attributes = fifo ? { FifoQueue: "true", ...attributes } : attributes
      return sqs.send(new CreateQueueCommand({ QueueName: fifo ? `${name}.fifo` : name, Attributes }))
    }
    const { QueueUrl: deadLetterUrl = "" } = await create(`${QueueName}-dead`)
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: ["QueueArn"] })
    )
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes.QueueArn, maxReceiveCount })
    const { QueueUrl: url = "" } = await create(QueueName, {
      VisibilityTimeout: String(visibilityTimeout),
      RedrivePolicy
    })
    return { url, deadLetterUrl }
  })

/**
 * Makes tables and queues; gives the environment variables that name them. After `visibilityTimeout` seconds, a process that has a message in hand
 * is taken for dead.
 */
export const provision = Effect.fnUntraced(function* (visibilityTimeout: number) {
  const { dynamo, sqs } = yield* Emulators
  const suffix = randomUUID().slice(0, 8)
  const environment: Record<string, string> = {}
  for (const variable of Object.values(tableVariables)) {
    environment[variable] = `${variable}-${suffix}`
    yield* DynamoDbLocal.createTable(dynamo, environment[variable])
  }
  for (const [name, variables] of Object.entries(queueVariables)) {
    const { url, deadLetterUrl } = yield* createQueue(
      sqs,
      `${name}-${suffix}`,
      name === "order" && queueSettings.order.fifo,
      visibilityTimeout
    )
    environment[variables.url] = url
    environment[variables.deadLetterUrl] = deadLetterUrl
  }
  return environment
})
