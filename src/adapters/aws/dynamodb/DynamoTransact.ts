/** Transactions on DynamoDB: all writes or none, sent again with better guesses (`DynamoWrites.ts`) until they are written or refused. */
import { randomUUID } from "node:crypto"
import { type CancellationReason, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb"
import { Clock, Effect } from "effect"
import { AlarmMetrics } from "../../../ports/AlarmMetrics.ts"
import { ConditionFailed, maxItemBytes, type Write } from "../../../ports/Table.ts"
import { invalid, problemOfWrites } from "../../TableRules.ts"
import { AwsError, asOneCall, performAwsCall, repeated } from "../AwsCall.ts"
import type { DynamoAccess, KnownVersions } from "./DynamoAccess.ts"
import { cancellation, dynamoFailure, isConflict, isFailedCondition, tableError } from "./DynamoErrors.ts"
import { firstGuess, type Guess, nextGuess, transactItem, versionAfter } from "./DynamoWrites.ts"

/** How often guesses are corrected in a row, more than once only where others write the same items; then there is a pause. */
const roundsInARow = 10
const transaction = "DynamoDB.TransactWriteItems"
const contention = new AwsError({
  operation: transaction,
  failure: "throttled",
  code: "Contention",
  detail: "others keep writing these items"
})

const countConflict = Effect.flatMap(AlarmMetrics, ({ count }) => count("WriteConflicts"))

/** A write and what is taken to be stored where it goes. */
interface Step {
  readonly write: Write
  readonly guess: Guess
}

export const makeTransact = ({ client, addresses, versions }: DynamoAccess) => {
  /** Why conditions failed, write by write; none: everything is written. `now`: whole seconds since the epoch. */
  const commit = (operation: string, steps: ReadonlyArray<Step>, now: number) => {
    const command = new TransactWriteItemsCommand({
      // The token makes these steps happen once, however often they are sent within ten minutes.
      ClientRequestToken: randomUUID(),
      TransactItems: steps.map(({ write, guess }) => transactItem(addresses[write.key.table], write, guess, now))
    })
    const attempt = performAwsCall({
      operation: transaction,
      send: (abortSignal) => client.send(command, { abortSignal }),
      failureOf: dynamoFailure
    }).pipe(Effect.tapError(({ cause }) => (isConflict(cause) ? countConflict : Effect.void)))
    return repeated(attempt).pipe(
      Effect.withSpan(transaction, { kind: "client" }),
      Effect.as<ReadonlyArray<CancellationReason>>([]),
      Effect.catch((error) => {
        const reasons = cancellation(error.cause) ?? []
        return reasons.some(isFailedCondition) ? Effect.succeed(reasons) : Effect.fail(tableError(operation, error))
      })
    )
  }

  return Effect.fnUntraced(function* (operation: string, writes: ReadonlyArray<Write>) {
    const problem = problemOfWrites(writes) ?? writes.map(problemOfContents).find((found) => found !== undefined)
    if (problem !== undefined) return yield* invalid(operation, problem)
    if (writes.length === 0) return
    let steps = writes.map((write): Step => ({ write, guess: firstGuess(write, versions.of(write.key)) }))
    const rounds = Effect.gen(function* () {
      for (let round = 1; round <= roundsInARow; round++) {
        const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
        const reasons = yield* commit(operation, steps, now)
        if (reasons.length === 0) return remember(steps, versions)
        steps = yield* corrected(steps, reasons, now)
      }
      return yield* contention
    })
    yield* repeated(rounds).pipe(Effect.catchTag("AwsError", (error) => Effect.fail(tableError(operation, error))))
  }, asOneCall)
}

const remember = (steps: ReadonlyArray<Step>, versions: KnownVersions): void => {
  for (const { write, guess } of steps) {
    const version = versionAfter(write, guess)
    if (version === undefined) versions.forget(write.key)
    else versions.see({ key: write.key, version })
  }
}

/** Better guesses where guesses were wrong, unless a write's own condition failed. */
const corrected = (steps: ReadonlyArray<Step>, reasons: ReadonlyArray<CancellationReason>, now: number) => {
  const failed: Array<number> = []
  const next = steps.map((step, index): Step => {
    const { [index]: reason } = reasons
    if (reason === undefined || !isFailedCondition(reason)) return step
    const guess = nextGuess(step.write, reason.Item, now)
    if (guess === undefined) failed.push(index)
    return { write: step.write, guess: guess ?? step.guess }
  })
  return failed.length > 0 ? Effect.fail(new ConditionFailed({ failed })) : Effect.succeed(next)
}

/** What makes a write impossible whatever is stored, if anything. */
const problemOfContents = (write: Write): string | undefined => {
  if (write._tag === "Delete") return undefined
  const { set = {}, add = {} } = write._tag === "Update" ? write : { set: write.attributes }
  if (Buffer.byteLength(JSON.stringify(set)) > maxItemBytes) return `the item is larger than ${maxItemBytes} bytes`
  for (const [name, amount] of Object.entries(add)) {
    if (Object.hasOwn(set, name)) return `${name} is both set and added to`
    if (!Number.isFinite(amount)) return `${amount} cannot be added to ${name}`
  }
  return undefined
}
