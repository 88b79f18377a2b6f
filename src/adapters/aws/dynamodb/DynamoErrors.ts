/** What DynamoDB's errors mean, to those who may ask again and to those who use the Table. */
import {
  type CancellationReason,
  TransactionCanceledException,
  TransactionConflictException
} from "@aws-sdk/client-dynamodb"
import { Effect } from "effect"
import { AlarmMetrics } from "../../../ports/AlarmMetrics.ts"
import { Invalid, TableError, TableUnavailable, Throttled } from "../../../ports/Table.ts"
import { type AwsError, type AwsFailure, awsFailureOf } from "../AwsCall.ts"

/** Why a transaction was cancelled, write by write, if it was. */
export const cancellation = (cause: unknown): ReadonlyArray<CancellationReason> | undefined =>
  cause instanceof TransactionCanceledException ? (cause.CancellationReasons ?? []) : undefined

/** Codes: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
export const isFailedCondition = ({ Code }: CancellationReason): boolean => Code === "ConditionalCheckFailed"
const passes = ({ Code = "None" }: CancellationReason): boolean =>
  /^(None|TransactionConflict|ThrottlingError|\w+ThroughputExceeded)$/.test(Code)
/** Whether a write gave way to a transaction that writes the same items, or a transaction to another writer. */
const isConflict = (cause: unknown): boolean =>
  cause instanceof TransactionConflictException ||
  (cancellation(cause) ?? []).some(({ Code }) => Code === "TransactionConflict")
/** Counts such an error, for the alarm. */
export const countConflict = ({ cause }: AwsError): Effect.Effect<void> =>
  isConflict(cause) ? Effect.flatMap(AlarmMetrics, ({ count }) => count("WriteConflicts")) : Effect.void
const invalid = /Validation|SizeLimitExceeded|IdempotentParameterMismatch/

/** What an error means for asking again: a transaction is, unless one of its writes will never do. */
export const dynamoFailure = (cause: unknown): AwsFailure => {
  const reasons = cancellation(cause)
  if (reasons === undefined) return awsFailureOf(cause)
  return reasons.every(passes) ? "throttled" : "refused"
}

/** The Table's error. Missing rights and missing tables count as unavailable: it is not the request that has to change. */
export const tableError = (operation: string, error: AwsError): TableError => {
  const { message } = error
  if (error.failure === "throttled") return new TableError({ operation, reason: new Throttled({ message }) })
  const reasons = cancellation(error.cause) ?? []
  const impossible = reasons.filter(({ Code = "" }) => invalid.test(Code)).map(({ Message = "" }) => Message)
  if (impossible.length > 0) {
    return new TableError({ operation, reason: new Invalid({ message: impossible.join("; ") }) })
  }
  const reason = invalid.test(error.code) ? new Invalid({ message }) : new TableUnavailable({ message })
  return new TableError({ operation, reason })
}
