/**
 * AWS: `Table` on DynamoDB, the queues on SQS, `FactBus` on EventBridge, secrets from Secrets Manager, and queue messages as Lambda
 * functions get them. Each client is a layer of its own, so that a function builds only what it uses.
 *
 * @module dispatcher/aws
 */

/** How AWS fails, and how long it may take. */
export * as AwsCall from "./adapters/aws/AwsCall.ts"
/** Where AWS is, other than the environment says. */
export * as AwsClient from "./adapters/aws/AwsClient.ts"
/** The tables, queues and event bus as they must be made, and the variables that name them. */
export * as AwsResources from "./adapters/aws/AwsResources.ts"
/** What alarms watch, as lines of the log that CloudWatch makes metrics of. */
export * as EmbeddedMetrics from "./adapters/aws/cloudwatch/EmbeddedMetrics.ts"
/** The client of DynamoDB. */
export * as DynamoClient from "./adapters/aws/dynamodb/DynamoClient.ts"
/** `Table` on DynamoDB. */
export * as DynamoTable from "./adapters/aws/dynamodb/DynamoTable.ts"
/** `FactBus` on EventBridge. */
export * as EventBridgeBus from "./adapters/aws/eventbridge/EventBridgeBus.ts"
/** The client of EventBridge. */
export * as EventBridgeClient from "./adapters/aws/eventbridge/EventBridgeClient.ts"
/** The secrets of the service, from Secrets Manager. */
export * as Secrets from "./adapters/aws/secrets/Secrets.ts"
/** The client of Secrets Manager. */
export * as SecretsClient from "./adapters/aws/secrets/SecretsClient.ts"
/** A batch of messages that SQS hands to a Lambda function. */
export * as SqsBatch from "./adapters/aws/sqs/SqsBatch.ts"
/** The client of SQS. */
export * as SqsClient from "./adapters/aws/sqs/SqsClient.ts"
/** The queues on SQS, and facts as EventBridge hands them on to one. */
export * as SqsQueue from "./adapters/aws/sqs/SqsQueue.ts"
