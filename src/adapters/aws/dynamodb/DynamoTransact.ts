/** Transactions on DynamoDB: all writes or none. One that is sent twice with one token is done once. */
import { randomUUID } from "node:crypto"
import { type CancellationReason, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb"
import { Effect } from "effect"
import { performAwsCall, repeated } from "../AwsCall.ts"
import type { DynamoAccess } from "./DynamoAccess.ts"
import { cancellation, countConflict, dynamoFailure, isFailedCondition } from "./DynamoErrors.ts"
import { type Sending, writeRequest } from "./DynamoWrites.ts"

const operation = "DynamoDB.TransactWriteItems"

/** Sends writes as a transaction. */
export const inTransaction = ({ client, addresses }: DynamoAccess): Sending => ({
  send: (steps, now) => {
    const command = new TransactWriteItemsCommand({
      // The token makes these steps happen once, however often they are sent within ten minutes.
      ClientRequestToken: randomUUID(),
      TransactItems: steps.map(({ write, guess }) => writeRequest(addresses[write.key.table], write, guess, now))
    })
    const attempt = performAwsCall({
      operation,
      send: (abortSignal) => client.send(command, { abortSignal }),
      failureOf: dynamoFailure
    }).pipe(Effect.tapError(countConflict))
    return repeated(attempt).pipe(
      Effect.withSpan(operation, { kind: "client" }),
      Effect.as<ReadonlyArray<CancellationReason>>([]),
      Effect.catch((error) => {
        const reasons = cancellation(error.cause) ?? []
        return reasons.some(isFailedCondition) ? Effect.succeed(reasons) : Effect.fail(error)
      })
    )
  },
  isInDoubt: () => false
})
