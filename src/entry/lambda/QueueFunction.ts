/** A function that SQS hands batches of messages to, of one queue or of several. It answers with those that are to come again, and never fails. */
import type { SQSBatchResponse, SQSEvent } from "aws-lambda"
import { SqsBatch } from "../../adapters/aws/sqs/SqsBatch.ts"
import type { Invocation, Ready } from "./Function.ts"

/** The handler. */
export const queueHandler =
  ({ run }: Ready<SqsBatch>) =>
  (event: SQSEvent, invocation: Invocation): Promise<SQSBatchResponse> =>
    run(
      SqsBatch.use(({ handle }) => handle(event, invocation.getRemainingTimeInMillis())),
      invocation
    )
