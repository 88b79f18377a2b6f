/**
 * The Table on DynamoDB.
 *
 * A lost answer is asked for again, and nothing is done twice. Several writes are a transaction: DynamoDB does one that is sent twice with one
 * token only once, for twice the write units. A single write is none where the item itself shows whether it was done (`DynamoSingle.ts`).
 * Reads are strongly consistent, because the port promises that they see every write that was answered.
 */
import { GetItemCommand } from "@aws-sdk/client-dynamodb"
import { Clock, type Config, Effect, Layer, Option } from "effect"
import { type Key, Table } from "../../../ports/Table.ts"
import { invalid, isLiving, problemOfKey } from "../../TableRules.ts"
import { call } from "../AwsCall.ts"
import { tableAddresses } from "../AwsResources.ts"
import { type DynamoAccess, KnownVersions } from "./DynamoAccess.ts"
import { makeAppend } from "./DynamoAppend.ts"
import { DynamoClient } from "./DynamoClient.ts"
import { tableError } from "./DynamoErrors.ts"
import { encodeKey, fromAttributeValues } from "./DynamoItems.ts"
import { makeQuery } from "./DynamoQuery.ts"
import { makeWriter } from "./DynamoWriter.ts"

const makeGet = ({ client, addresses, versions }: DynamoAccess) =>
  Effect.fnUntraced(function* (key: Key) {
    const problem = problemOfKey(key)
    if (problem !== undefined) return yield* invalid("get", problem)
    const command = new GetItemCommand({
      TableName: addresses[key.table],
      Key: encodeKey(key),
      ConsistentRead: true
    })
    const { Item } = yield* call({
      operation: "DynamoDB.GetItem",
      send: (abortSignal) => client.send(command, { abortSignal })
    }).pipe(Effect.mapError((error) => tableError("get", error)))
    const now = yield* Clock.currentTimeMillis
    const item = Item === undefined ? undefined : fromAttributeValues(key.table, Item)
    if (item === undefined || !isLiving(item, now)) return Option.none()
    versions.see(item)
    return Option.some(item)
  })

const make = Effect.gen(function* () {
  const access: DynamoAccess = {
    client: yield* DynamoClient,
    addresses: yield* tableAddresses,
    versions: new KnownVersions()
  }
  const written = makeWriter(access)
  return Table.of({
    get: makeGet(access),
    query: makeQuery(access),
    write: (write) => written("write", [write]),
    transact: (writes) => written("transact", writes),
    append: makeAppend(access)
  })
})

/** The Table on DynamoDB; the tables' names come from the environment (`AwsResources.ts`). */
export const layer: Layer.Layer<Table, Config.ConfigError, DynamoClient> = Layer.effect(Table, make)
