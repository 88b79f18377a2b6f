/**
 * Any number of puts on DynamoDB that have no condition, or give way to what is newer. Each may be sent twice, and changes nothing the second
 * time.
 */
import { BatchWriteItemCommand, type WriteRequest } from "@aws-sdk/client-dynamodb"
import { Effect } from "effect"
import { packed } from "../../../domain/Packing.ts"
import { type Appended, isWritten, maxItemBytes, type Put, type TableName } from "../../../ports/Table.ts"
import { invalid, problemOfWrites } from "../../TableRules.ts"
import { asOneCall } from "../AwsCall.ts"
import { callWithEntries, type FailedEntry } from "../Batches.ts"
import type { DynamoAccess } from "./DynamoAccess.ts"
import { tableError } from "./DynamoErrors.ts"
import { names, toAttributeValues } from "./DynamoItems.ts"
import { makeWriter } from "./DynamoWriter.ts"

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html: 25 puts and 16 MB a request. */
const limits = { entries: 25, bytes: 12 * 1024 * 1024 } as const
/** Requests of one call that are on their way at a time: of 25 items, and of one. */
const concurrency = 4
const puts = 32

const itemOf = ({ key, attributes, expiresAt }: Appended) =>
  toAttributeValues({ key, version: 1, attributes, expiresAt })

type Addresses = DynamoAccess["addresses"]

const requestsOf = (addresses: Addresses, items: ReadonlyArray<Appended>) => {
  const byTable = Map.groupBy(items, ({ key }) => key.table)
  const requests = (table: TableName): ReadonlyArray<WriteRequest> =>
    (byTable.get(table) ?? []).map((item) => ({ PutRequest: { Item: itemOf(item) } }))
  return Object.fromEntries([...byTable.keys()].map((table) => [addresses[table], [...requests(table)]]))
}

/** The items among `items` that DynamoDB did not take for now, by the keys in its answer. */
const unprocessed = (
  addresses: Addresses,
  items: ReadonlyArray<Appended>,
  left: Record<string, ReadonlyArray<WriteRequest>> | undefined
): ReadonlyArray<FailedEntry<Appended>> => {
  const addressOf = (table: string, pk: string | undefined, sk: string | undefined) => JSON.stringify([table, pk, sk])
  const waiting = new Set(
    Object.entries(left ?? {}).flatMap(([table, requests]) =>
      requests.map(({ PutRequest }) =>
        addressOf(table, PutRequest?.Item?.[names.partition]?.S, PutRequest?.Item?.[names.sort]?.S)
      )
    )
  )
  return items
    .filter(({ key: { table, partition, sort } }) => waiting.has(addressOf(addresses[table], partition, sort)))
    .map((entry) => ({ entry, failure: "throttled", code: "UnprocessedItems", detail: "DynamoDB is busy" }))
}

/** `Table.append`. One request for 25 items without a condition, and before these one for each with one. */
export const makeAppend = (access: DynamoAccess) => {
  const { client, addresses, versions } = access
  const written = makeWriter(access)
  const send = (items: ReadonlyArray<Appended>) =>
    callWithEntries(
      {
        operation: "DynamoDB.BatchWriteItem",
        send: async (entries: ReadonlyArray<Appended>, abortSignal) => {
          const command = new BatchWriteItemCommand({ RequestItems: requestsOf(addresses, entries) })
          const { UnprocessedItems } = await client.send(command, { abortSignal })
          return unprocessed(addresses, entries, UnprocessedItems)
        }
      },
      items
    ).pipe(Effect.mapError((error) => tableError("append", error)))

  return Effect.fnUntraced(function* (items: ReadonlyArray<Appended>) {
    const guarded = items.flatMap(({ condition, ...item }) =>
      condition === undefined ? [] : [{ _tag: "Put", condition, ...item } as const]
    )
    const plain = items.filter(({ condition }) => condition === undefined)
    const distinct = new Map(plain.map((item) => [JSON.stringify(item.key), item]))
    const problem = problemOfItems([...guarded, ...distinct.values()])
    if (problem !== undefined) return yield* invalid("append", problem)
    yield* Effect.forEach(guarded, (item) => isWritten(written("append", [item])), { concurrency: puts, discard: true })
    for (const { key } of distinct.values()) versions.forget(key)
    const sizeOf = ({ attributes }: Appended) => Buffer.byteLength(JSON.stringify(attributes)) + 1024
    yield* Effect.forEach(packed([...distinct.values()], sizeOf, limits), send, { concurrency, discard: true })
  }, asOneCall)
}

const problemOfSize = ({ attributes }: Appended): string | undefined =>
  Buffer.byteLength(JSON.stringify(attributes)) > maxItemBytes
    ? `the item is larger than ${maxItemBytes} bytes`
    : undefined

const problemOfItems = (items: ReadonlyArray<Appended>): string | undefined => {
  for (const item of items) {
    const { key, attributes, expiresAt } = item
    const put: Put = { _tag: "Put", key, attributes, ...(expiresAt === undefined ? {} : { expiresAt }) }
    const problem = problemOfWrites([put]) ?? problemOfSize(item)
    if (problem !== undefined) return problem
  }
  return undefined
}
