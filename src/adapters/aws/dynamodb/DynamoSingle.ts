/**
 * Single writes on DynamoDB, at half the price of a transaction. A request may be done without its answer, and is sent again then. What the
 * repetition does:
 *
 * | write | sent again after it was done |
 * | --- | --- |
 * | a put, or an update of one version | fails its condition; the item has the token of this call, so the call has succeeded |
 * | a put that gives way to what is newer | meets its condition again, or gives way |
 * | a delete without a condition | removes nothing |
 * | a delete of what has a token | fails its condition: the token is gone, which is all that is wanted |
 *
 * A token on an item proves that the call wrote it, whatever else was changed since: an update of another call leaves it or sets its own, a
 * put replaces it. So where an item has another token, or is gone, two things are distinguished: if no request of the call was left without an
 * answer, its condition failed. If one was, it may have been done and another call have written after it, which nothing shows any more. Then
 * neither answer is true, and the call fails as any does whose answer is lost (`TableUnavailable`): its caller reads again. A put that suits
 * whatever is there goes on instead, as if it had come after the other.
 *
 * Not so an update that suits every version: what it adds would be added twice. Nor a delete under another condition, which leaves no token
 * to look for. They are transactions of one write. An item that another call removes while this one is repeated is written again.
 */
import { randomBytes } from "node:crypto"
import {
  type CancellationReason,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  UpdateItemCommand
} from "@aws-sdk/client-dynamodb"
import { Effect } from "effect"
import type { Write } from "../../../ports/Table.ts"
import { type AwsError, performAwsCall, repeated } from "../AwsCall.ts"
import type { DynamoAccess } from "./DynamoAccess.ts"
import { countConflict } from "./DynamoErrors.ts"
import { names } from "./DynamoItems.ts"
import { type GuessedWrite, type Sending, writeRequest } from "./DynamoWrites.ts"

/** Whether a write needs no transaction. */
const isSingle = ({ _tag, condition }: Write): boolean => {
  if (_tag === "Put") return true
  return _tag === "Update" ? condition?._tag === "Version" : condition === undefined || condition._tag === "Token"
}

/** Whether writes go out as a transaction, for twice the units. */
export const isTransaction = (writes: ReadonlyArray<Write>): boolean => writes.length > 1 || !writes.every(isSingle)

/** Whether its repetition meets a write's condition again, or is not needed: no token has to be looked for. */
const isRepeatable = ({ _tag, condition }: Write): boolean => _tag === "Delete" || condition?._tag === "NotNewer"

/** Sends a call's only write, as often as its guess is corrected. */
export const alone = ({ client, addresses }: DynamoAccess): Sending => {
  const call = randomBytes(12).toString("base64url")
  let isInDoubt = false

  const requestFor = ({ write, guess }: GuessedWrite, now: number) => {
    const token = isRepeatable(write) ? undefined : call
    const { Put, Update, Delete } = writeRequest(addresses[write.key.table], write, guess, now, token)
    if (Put !== undefined) {
      const command = new PutItemCommand(Put)
      return {
        operation: "DynamoDB.PutItem",
        send: (abortSignal: AbortSignal): Promise<unknown> => client.send(command, { abortSignal })
      }
    }
    if (Update !== undefined) {
      const command = new UpdateItemCommand(Update)
      return {
        operation: "DynamoDB.UpdateItem",
        send: (abortSignal: AbortSignal): Promise<unknown> => client.send(command, { abortSignal })
      }
    }
    const command = new DeleteItemCommand({ TableName: undefined, Key: undefined, ...Delete })
    return {
      operation: "DynamoDB.DeleteItem",
      send: (abortSignal: AbortSignal): Promise<unknown> => client.send(command, { abortSignal })
    }
  }

  const sendOne = (step: GuessedWrite, now: number) => {
    const request = requestFor(step, now)
    const attempt = performAwsCall(request).pipe(
      Effect.tapError(countConflict),
      Effect.tapError(({ failure }) =>
        Effect.sync(() => {
          if (failure === "unavailable" && !isRepeatable(step.write)) isInDoubt = true
        })
      )
    )
    return repeated(attempt).pipe(
      Effect.withSpan(request.operation, { kind: "client" }),
      Effect.as<ReadonlyArray<CancellationReason>>([]),
      Effect.catch((error) => answerOf(error, call))
    )
  }
  return {
    send: (steps, now) =>
      Effect.map(
        Effect.forEach(steps, (step) => sendOne(step, now)),
        (reasons) => reasons.flat()
      ),
    isInDoubt: () => isInDoubt
  }
}

/** What a failed condition means: that the call had written, or what is stored instead. */
const answerOf = (error: AwsError, call: string): Effect.Effect<ReadonlyArray<CancellationReason>, AwsError> => {
  const { cause } = error
  if (!(cause instanceof ConditionalCheckFailedException)) return Effect.fail(error)
  const { Item } = cause
  if (Item?.[names.call]?.S === call) return Effect.succeed([])
  return Effect.succeed([{ Code: "ConditionalCheckFailed", ...(Item === undefined ? {} : { Item }) }])
}
