/**
 * The tables, queues and event bus as they must be made, and the variables that name them; apart from what uses them, so that naming them loads
 * no SDK. All three tables look the same; only the keys that the stores write differ. What else an item holds is said in `DynamoItems.ts`.
 */
import { Config, Duration } from "effect"
import type { TableName } from "../../ports/Table.ts"

/** The attributes that DynamoDB itself must know of. */
export const tableSchema = {
  partitionKey: { name: "pk", type: "S" },
  sortKey: { name: "sk", type: "S" },
  /** Time to live, seconds since the epoch. DynamoDB removes expired items within days; until then the Table hides them. */
  timeToLive: "expiresAt"
} as const

/** The environment variables that hold the tables' names (or ARNs). */
export const tableVariables = {
  ledger: "LEDGER_TABLE",
  events: "EVENTS_TABLE",
  projections: "PROJECTIONS_TABLE"
} as const satisfies Readonly<Record<TableName, string>>

/** The tables' names, from the environment. */
export const tableAddresses: Config.Config<Readonly<Record<TableName, string>>> = Config.all({
  ledger: Config.NonEmptyString(tableVariables.ledger),
  events: Config.NonEmptyString(tableVariables.events),
  projections: Config.NonEmptyString(tableVariables.projections)
})

/**
 * The environment variables that hold the queues' addresses (`https://sqs.…/plan`). Only consumers need the address of a dead-letter
 * queue.
 */
export const queueVariables = {
  plan: { url: "PLAN_QUEUE_URL", deadLetterUrl: "PLAN_DEAD_LETTER_QUEUE_URL" },
  order: { url: "ORDER_QUEUE_URL", deadLetterUrl: "ORDER_DEAD_LETTER_QUEUE_URL" },
  report: { url: "REPORT_QUEUE_URL", deadLetterUrl: "REPORT_DEAD_LETTER_QUEUE_URL" },
  fact: { url: "FACT_QUEUE_URL", deadLetterUrl: "FACT_DEAD_LETTER_QUEUE_URL" }
} as const
/** One of the four queues. */
export type SqsQueueName = keyof typeof queueVariables

/** The attributes that the queues need. */
export const queueSettings = {
  /**
   * SQS's own way to the dead-letter queue must come after ours, which says why. Ours gives up what is too old; SQS's is for messages that
   * never got as far as our code. 3 days of waits of 15 minutes are 288 receives; SQS takes 1,000 at most.
   */
  maxReceiveCount: 1000,
  /** Of all queues and their dead-letter queues: as long as SQS keeps anything. */
  retention: Duration.days(14),
  /**
   * Orders come in groups, so their queue is a FIFO queue, and one at a time. A message in hand is hidden for six times the function's timeout,
   * as AWS asks for: a batch that waits for concurrency must not come back meanwhile. After a crash its group waits for as long; whatever
   * fails otherwise says itself when it is to come again.
   */
  order: { fifo: true, batchSize: 1, visibilityTimeout: Duration.seconds(360) }
} as const

/** Where a queue is. */
export interface QueueAddress {
  readonly url: string
  readonly deadLetterUrl: string | undefined
}

/** From the environment. */
export const queueAddress = (name: SqsQueueName): Config.Config<QueueAddress> => {
  const { url, deadLetterUrl } = queueVariables[name]
  return Config.all({
    url: Config.NonEmptyString(url),
    deadLetterUrl: Config.withDefault(Config.NonEmptyString(deadLetterUrl), undefined)
  })
}

/** The environment variable that holds the name (or ARN) of the event bus. */
export const busVariable = "EVENT_BUS_NAME"
