/** Ranges on DynamoDB: whole pages, read as often as DynamoDB's own pages (1 MB, expired items included) make it necessary. */
import { QueryCommand, type QueryCommandInput } from "@aws-sdk/client-dynamodb"
import { Clock, Effect } from "effect"
import type { Item, Page, Query } from "../../../ports/Table.ts"
import { compareSort, cursorOf, type Range, rangeOf } from "../../TableRules.ts"
import { asOneCall, call } from "../AwsCall.ts"
import type { DynamoAccess } from "./DynamoAccess.ts"
import { tableError } from "./DynamoErrors.ts"
import { encodeKey, fromAttributeValues, names, numberValue, sortOf } from "./DynamoItems.ts"
import { Terms } from "./DynamoTerms.ts"

/** Most requests for one page; then it ends where we are, with a cursor. */
const mostRequests = 20
/** How many items to ask for after those that were asked for had expired: there may be many more of them. */
const widely = 1000

export const makeQuery = ({ client, addresses, versions }: DynamoAccess) => {
  const request = (input: QueryCommandInput) =>
    call({
      operation: "DynamoDB.Query",
      send: (abortSignal) => client.send(new QueryCommand(input), { abortSignal })
    }).pipe(Effect.mapError((error) => tableError("query", error)))

  return Effect.fnUntraced(function* (query: Query) {
    const range = yield* Effect.fromResult(rangeOf(query))
    if (isEmpty(range)) return noItems
    const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
    const input = rangeInput(addresses[query.table], query, range, now)
    const items: Array<Item> = []
    let after = range.after
    for (let requests = 0; requests < mostRequests; requests++) {
      const start = after === undefined ? {} : { ExclusiveStartKey: encodeKey({ ...query, sort: after }) }
      // One item more than asked for shows whether a page follows. Expired items count, too.
      const Limit = requests === 0 ? query.limit + 1 : widely
      const found = yield* request({ ...input, ...start, Limit })
      for (const item of found.Items ?? []) items.push(fromAttributeValues(query.table, item))
      after = found.LastEvaluatedKey === undefined ? undefined : sortOf(found.LastEvaluatedKey)
      if (after === undefined || items.length > query.limit) break
    }
    const page = pageOf(items, query.limit, after)
    for (const item of page.items) versions.see(item)
    return page
  }, asOneCall)
}

const noItems: Page = { items: [], cursor: undefined }

/** A page of what was found; `after` is where DynamoDB would go on. */
const pageOf = (found: ReadonlyArray<Item>, limit: number, after: string | undefined): Page => {
  const items = found.slice(0, limit)
  const end = found.length > limit ? items.at(-1)?.key.sort : after
  return { items, cursor: end === undefined ? undefined : cursorOf(end) }
}

/** Ranges that hold nothing, which DynamoDB takes for mistakes. */
const isEmpty = ({ from, to }: Range): boolean =>
  to === "" || (from !== undefined && to !== undefined && compareSort(from, to) > 0)

const rangeInput = (TableName: string, query: Query, range: Range, now: number): QueryCommandInput => {
  const terms = new Terms()
  const expiry = terms.name(names.expiresAt)
  return {
    TableName,
    KeyConditionExpression: keyCondition(query.partition, range, terms),
    FilterExpression: `attribute_not_exists(${expiry}) OR ${expiry} > ${terms.value(numberValue(now))}`,
    ConsistentRead: true,
    ScanIndexForward: query.direction !== "descending",
    ...terms.expressions
  }
}

/** DynamoDB takes one condition on the sort key, and no empty text in it. */
const keyCondition = (partition: string, { from = "", to }: Range, terms: Terms): string => {
  const text = (value: string) => terms.value({ S: value })
  const inPartition = `${terms.name(names.partition)} = ${text(partition)}`
  if (from === "" && to === undefined) return inPartition
  const sort = terms.name(names.sort)
  if (to === undefined) return `${inPartition} AND ${sort} >= ${text(from)}`
  return from === ""
    ? `${inPartition} AND ${sort} <= ${text(to)}`
    : `${inPartition} AND ${sort} BETWEEN ${text(from)} AND ${text(to)}`
}
