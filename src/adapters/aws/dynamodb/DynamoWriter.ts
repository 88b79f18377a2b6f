/** The Table's writes: sent, and sent again with better guesses (`DynamoWrites.ts`), until they are written or refused. */
import type { CancellationReason } from "@aws-sdk/client-dynamodb"
import { Clock, Effect } from "effect"
import { ConditionFailed, maxItemBytes, TableError, TableUnavailable, type Write } from "../../../ports/Table.ts"
import { invalid, problemOfWrites } from "../../TableRules.ts"
import { AwsError, asOneCall, repeated } from "../AwsCall.ts"
import type { DynamoAccess, KnownVersions } from "./DynamoAccess.ts"
import { isFailedCondition, tableError } from "./DynamoErrors.ts"
import { alone, isTransaction } from "./DynamoSingle.ts"
import { inTransaction } from "./DynamoTransact.ts"
import { firstGuess, type GuessedWrite, nextGuess, versionAfter } from "./DynamoWrites.ts"

/** How often guesses are corrected in a row, more than once only where others write the same items; then there is a pause. */
const roundsInARow = 10
const contention = new AwsError({
  operation: "DynamoDB",
  failure: "throttled",
  code: "Contention",
  detail: "others keep writing these items"
})

/** `Table.write` and `Table.transact`. One request, and one more for each guess that was wrong. */
export const makeWriter = (access: DynamoAccess) => {
  const { versions } = access
  return Effect.fnUntraced(function* (operation: string, writes: ReadonlyArray<Write>) {
    const problem = problemOfWrites(writes) ?? writes.map(problemOfContents).find((found) => found !== undefined)
    if (problem !== undefined) return yield* invalid(operation, problem)
    if (writes.length === 0) return
    const { send, isInDoubt } = isTransaction(writes) ? inTransaction(access) : alone(access)
    let steps = writes.map((write): GuessedWrite => ({ write, guess: firstGuess(write, versions.of(write.key)) }))
    const rounds = Effect.gen(function* () {
      for (let round = 1; round <= roundsInARow; round++) {
        const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
        const reasons = yield* send(steps, now)
        if (reasons.length === 0) return remember(steps, versions)
        const { failed, next } = corrected(steps, reasons, now)
        if (failed.length > 0) return yield* isInDoubt() ? unknowable(operation) : new ConditionFailed({ failed })
        steps = next
      }
      return yield* contention
    })
    yield* repeated(rounds).pipe(Effect.catchTag("AwsError", (error) => Effect.fail(tableError(operation, error))))
  }, asOneCall)
}

/** A request without an answer may have been done, and another call have written after it. */
const unknowable = (operation: string): TableError => {
  const message = "an answer was lost, and what is stored does not show whether the write was done"
  return new TableError({ operation, reason: new TableUnavailable({ message }) })
}

const remember = (steps: ReadonlyArray<GuessedWrite>, versions: KnownVersions): void => {
  for (const { write, guess } of steps) {
    const version = versionAfter(write, guess)
    if (version === undefined) versions.forget(write.key)
    else versions.see({ key: write.key, version })
  }
}

/** Better guesses where guesses were wrong, and the writes whose own condition failed. */
const corrected = (steps: ReadonlyArray<GuessedWrite>, reasons: ReadonlyArray<CancellationReason>, now: number) => {
  const failed: Array<number> = []
  const next = steps.map((step, index): GuessedWrite => {
    const { [index]: reason } = reasons
    if (reason === undefined || !isFailedCondition(reason)) return step
    const guess = nextGuess(step.write, reason.Item, now)
    if (guess === undefined) failed.push(index)
    return { write: step.write, guess: guess ?? step.guess }
  })
  return { failed, next }
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
