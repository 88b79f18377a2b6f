/**
 * Writes as DynamoDB takes them, alone or as parts of a transaction.
 *
 * A write that says what must be stored (absent, a version), and every update, is one request. Two things DynamoDB cannot do in one:
 * replace an item of unknown version by the next one, and count an expired item as absent while it still lies there. For those, a write
 * goes out with a guess of what is stored, as a condition. Where that fails, DynamoDB's answer has what is stored instead, and the
 * write goes out again with that.
 */
import type { CancellationReason, TransactWriteItem } from "@aws-sdk/client-dynamodb"
import type { Effect } from "effect"
import type { Attributes, Condition, Put, Update, Write } from "../../../ports/Table.ts"
import type { AwsError } from "../AwsCall.ts"
import {
  attributeName,
  type DynamoItem,
  encodeKey,
  encodeValue,
  fromAttributeValues,
  names,
  numberValue,
  toAttributeValues
} from "./DynamoItems.ts"
import { Terms } from "./DynamoTerms.ts"

/** What is taken to be stored under a key: nothing (or an expired item), this version, or anything but an expired item. */
export type Guess = "nothing" | "unexpired" | number

/** A write and what is taken to be stored where it goes. */
export interface GuessedWrite {
  readonly write: Write
  readonly guess: Guess
}

/** How the writes of one call of the Table go out. */
export interface Sending {
  /** Why conditions failed, write by write; none: everything is written. `now`: whole seconds since the epoch. */
  readonly send: (
    steps: ReadonlyArray<GuessedWrite>,
    now: number
  ) => Effect.Effect<ReadonlyArray<CancellationReason>, AwsError>
  /** Whether a failed condition does not prove that nothing was written. */
  readonly isInDoubt: () => boolean
}

/** What a write goes out with first; `known` is the version that was seen last, if any was. */
export const firstGuess = ({ _tag, condition }: Write, known: number | undefined): Guess => {
  switch (condition?._tag) {
    case "Absent":
      return "nothing"
    case "Version":
      return condition.version
    case "Present":
      return _tag === "Put" ? (known ?? 1) : "unexpired"
    case undefined:
      return _tag === "Put" ? (known ?? "nothing") : "unexpired"
    case "NotNewer":
    case "Token":
      return "unexpired"
  }
}

/** Whether the first guess may be wrong although the write's own condition holds. */
const isGuess = ({ _tag, condition }: Write): boolean =>
  condition === undefined ? _tag !== "Delete" : condition._tag === "Present" && _tag === "Put"

/**
 * The guess to go on with after a failed condition, now that we know what is stored; undefined if it was the write's own condition that
 * failed. `now`: whole seconds since the epoch.
 */
export const nextGuess = (write: Write, stored: DynamoItem | undefined, now: number): Guess | undefined => {
  if (!isGuess(write)) return undefined
  const item = stored === undefined ? undefined : fromAttributeValues(write.key.table, stored)
  const lives = item !== undefined && (item.expiresAt === undefined || item.expiresAt > now)
  if (lives) return item.version
  return write.condition === undefined ? "nothing" : undefined
}

/** The version that a write which goes out with this guess leaves behind, where that is known. */
export const versionAfter = ({ _tag }: Write, guess: Guess): number | undefined => {
  if (_tag === "Delete" || guess === "unexpired") return undefined
  return guess === "nothing" ? 1 : guess + 1
}

/**
 * A write on the DynamoDB table `TableName`: a part of a transaction, or what is in a request of its own. It leaves `call` in the item, where
 * one is given. `now`: whole seconds since the epoch.
 */
export const writeRequest = (
  TableName: string,
  write: Write,
  guess: Guess,
  now: number,
  call?: string
): Pick<TransactWriteItem, "Put" | "Update" | "Delete"> => {
  const terms = new Terms()
  const ConditionExpression = condition(write, guess, now, terms)
  const ReturnValuesOnConditionCheckFailure = isGuess(write) || call !== undefined ? "ALL_OLD" : "NONE"
  const common = { TableName, ConditionExpression, ReturnValuesOnConditionCheckFailure } as const
  if (write._tag === "Put" || (write._tag === "Update" && guess === "nothing")) {
    const Item = { ...replacement(write, guess), ...(call === undefined ? {} : { [names.call]: { S: call } }) }
    return { Put: { Item, ...common, ...terms.expressions } }
  }
  const Key = encodeKey(write.key)
  if (write._tag === "Delete") return { Delete: { Key, ...common, ...terms.expressions } }
  const UpdateExpression = changes(write, terms, call)
  return { Update: { Key, UpdateExpression, ...common, ...terms.expressions } }
}

const replacement = (write: Put | Update, guess: Guess): DynamoItem => {
  const attributes: Attributes = write._tag === "Put" ? write.attributes : { ...write.set, ...write.add }
  return toAttributeValues({
    key: write.key,
    version: versionAfter(write, guess) ?? 1,
    attributes,
    expiresAt: write.expiresAt
  })
}

/** The condition that makes a guess safe, together with the write's own. */
const condition = (write: Write, guess: Guess, now: number, terms: Terms): string | undefined => {
  if (write._tag === "Delete" && write.condition === undefined) return undefined
  if (write.condition?._tag === "NotNewer") return notNewer(write.condition, now, terms)
  const pk = () => terms.name(names.partition)
  const expiry = terms.name(names.expiresAt)
  const seconds = terms.value(numberValue(now))
  if (guess === "nothing") return `attribute_not_exists(${pk()}) OR ${expiry} <= ${seconds}`
  const unexpired = `(attribute_not_exists(${expiry}) OR ${expiry} > ${seconds})`
  if (write.condition?._tag === "Token") {
    return `${terms.name(attributeName("token"))} = ${terms.value({ S: write.condition.token })} AND ${unexpired}`
  }
  // An update without a condition suits every version.
  if (typeof guess === "number" && (write._tag === "Put" || write.condition !== undefined)) {
    return `${terms.name(names.version)} = ${terms.value(numberValue(guess))} AND ${unexpired}`
  }
  return write.condition === undefined ? unexpired : `attribute_exists(${pk()}) AND ${unexpired}`
}

const notNewer = (own: Extract<Condition, { _tag: "NotNewer" }>, now: number, terms: Terms): string => {
  const [fold, facts] = [terms.name(attributeName("fold")), terms.name(attributeName("facts"))]
  const [ownFold, ownFacts] = [terms.value(numberValue(own.fold)), terms.value(numberValue(own.facts))]
  return [
    `attribute_not_exists(${terms.name(names.partition)})`,
    `${terms.name(names.expiresAt)} <= ${terms.value(numberValue(now))}`,
    `attribute_not_exists(${fold})`,
    `attribute_not_exists(${facts})`,
    `${fold} < ${ownFold}`,
    `(${fold} = ${ownFold} AND ${facts} <= ${ownFacts})`
  ].join(" OR ")
}

const changes = ({ set = {}, add = {}, expiresAt }: Update, terms: Terms, call: string | undefined): string => {
  const sets = Object.entries(set).map(
    ([name, value]) => `${terms.name(attributeName(name))} = ${terms.value(encodeValue(value))}`
  )
  if (expiresAt !== undefined) sets.push(`${terms.name(names.expiresAt)} = ${terms.value(numberValue(expiresAt))}`)
  if (call !== undefined) sets.push(`${terms.name(names.call)} = ${terms.value({ S: call })}`)
  const adds = Object.entries(add).map(
    ([name, amount]) => `${terms.name(attributeName(name))} ${terms.value(numberValue(amount))}`
  )
  adds.push(`${terms.name(names.version)} ${terms.value(numberValue(1))}`)
  return `${sets.length === 0 ? "" : `SET ${sets.join(", ")} `}ADD ${adds.join(", ")}`
}
