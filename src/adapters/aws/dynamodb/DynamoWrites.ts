/**
 * Writes as DynamoDB's transactions take them.
 *
 * A write that says what must be stored (absent, a version), and every update, is one request. Two things DynamoDB cannot do in one:
 * replace an item of unknown version by the next one, and count an expired item as absent while it still lies there. For those, a write
 * goes out with a guess of what is stored, as a condition. Where that fails, DynamoDB's answer has what is stored instead, and the
 * write goes out again with that.
 */
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb"
import type { Attributes, Put, Update, Write } from "../../../ports/Table.ts"
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

/** A part of a transaction, on the DynamoDB table `TableName`. `now`: whole seconds since the epoch. */
export const transactItem = (TableName: string, write: Write, guess: Guess, now: number): TransactWriteItem => {
  const terms = new Terms()
  const ConditionExpression = condition(write, guess, now, terms)
  const ReturnValuesOnConditionCheckFailure = isGuess(write) ? "ALL_OLD" : "NONE"
  const common = { TableName, ConditionExpression, ReturnValuesOnConditionCheckFailure } as const
  if (write._tag === "Put" || (write._tag === "Update" && guess === "nothing")) {
    return { Put: { Item: replacement(write, guess), ...common, ...terms.expressions } }
  }
  const Key = encodeKey(write.key)
  if (write._tag === "Delete") return { Delete: { Key, ...common, ...terms.expressions } }
  const UpdateExpression = changes(write, terms)
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
  const pk = () => terms.name(names.partition)
  const expiry = terms.name(names.expiresAt)
  const seconds = terms.value(numberValue(now))
  if (guess === "nothing") return `attribute_not_exists(${pk()}) OR ${expiry} <= ${seconds}`
  const unexpired = `(attribute_not_exists(${expiry}) OR ${expiry} > ${seconds})`
  // An update without a condition suits every version.
  if (typeof guess === "number" && (write._tag === "Put" || write.condition !== undefined)) {
    return `${terms.name(names.version)} = ${terms.value(numberValue(guess))} AND ${unexpired}`
  }
  return write.condition === undefined ? unexpired : `attribute_exists(${pk()}) AND ${unexpired}`
}

const changes = ({ set = {}, add = {}, expiresAt }: Update, terms: Terms): string => {
  const sets = Object.entries(set).map(
    ([name, value]) => `${terms.name(attributeName(name))} = ${terms.value(encodeValue(value))}`
  )
  if (expiresAt !== undefined) sets.push(`${terms.name(names.expiresAt)} = ${terms.value(numberValue(expiresAt))}`)
  const adds = Object.entries(add).map(
    ([name, amount]) => `${terms.name(attributeName(name))} ${terms.value(numberValue(amount))}`
  )
  adds.push(`${terms.name(names.version)} ${terms.value(numberValue(1))}`)
  return `${sets.length === 0 ? "" : `SET ${sets.join(", ")} `}ADD ${adds.join(", ")}`
}
