/**
 * How an item of the Table looks in DynamoDB.
 *
 * | attribute | holds |
 * | --- | --- |
 * | `pk`, `sk` | the key |
 * | `version` | grows by one with every write |
 * | `expiresAt` | seconds since the epoch, where the item expires |
 * | `call` | the call of the Table that wrote it, where it may have to be recognized (`DynamoTable.ts`) |
 * | `$<name>` | one attribute each |
 *
 * Text, numbers, booleans and null are DynamoDB's own, so that people can read them and numbers can be added to. Objects and arrays are
 * JSON text (`{ json: "…" }`), and so are the few texts and numbers that DynamoDB cannot hold: that keeps every JSON value exactly as it
 * was, with no limit on nesting, and an item no larger than its JSON. Longer text is deflated where that makes it shorter
 * (`{ deflate: <bytes> }`): a KB written costs as much as another item, and what repeats names and times takes a third. Longer text that is
 * base64 is stored as the bytes that it stands for (`{ base64: <bytes> }`).
 */
import { deflateRawSync, inflateRawSync } from "node:zlib"
import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import type { Schema } from "effect"
import type { Attributes, Item, Key, TableName } from "../../../ports/Table.ts"
import { tableSchema } from "../AwsResources.ts"

/** The names of our own attributes. */
export const names = {
  partition: tableSchema.partitionKey.name,
  sort: tableSchema.sortKey.name,
  expiresAt: tableSchema.timeToLive,
  version: "version",
  call: "call"
} as const

/** An item as the SDK has it. */
export type DynamoItem = Record<string, AttributeValue>

const prefix = "$"
/** Keeps the attributes that people name apart from our own, and gives the nameless one a name. */
export const attributeName = (name: string): string => `${prefix}${name}`

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html: 1E-130 to 9.99…E+125. */
const fits = (value: number): boolean => value === 0 || (Math.abs(value) >= 1e-130 && Math.abs(value) < 9.99e125)

export const numberValue = (value: number): AttributeValue => ({ N: String(value) })

/** JSON text of up to so many bytes stays text. */
const longestText = 512
/** Text of fewer characters stays text although it is base64, as digests are. */
const shortestBytes = 128

const encodeJson = (text: string): AttributeValue => {
  const plain: AttributeValue = { M: { json: { S: text } } }
  const bytes = Buffer.byteLength(text)
  if (bytes <= longestText) return plain
  const deflated = deflateRawSync(text)
  return deflated.byteLength < bytes ? { M: { deflate: { B: deflated } } } : plain
}

/** The bytes that a text stands for, if it is long, and the base64 that would be made of them. */
const bytesOfText = (text: string): Buffer | undefined => {
  if (text.length < shortestBytes || text.length % 4 !== 0) return undefined
  const bytes = Buffer.from(text, "base64")
  return bytes.toString("base64") === text ? bytes : undefined
}

export const encodeValue = (value: Schema.Json): AttributeValue => {
  if (value === null) return { NULL: true }
  if (typeof value === "boolean") return { BOOL: value }
  if (typeof value === "number" && fits(value)) return numberValue(value)
  if (typeof value === "string" && value.isWellFormed()) {
    const bytes = bytesOfText(value)
    return bytes === undefined ? { S: value } : { M: { base64: { B: bytes } } }
  }
  return encodeJson(JSON.stringify(value))
}

const decodeValue = ({ S, N, BOOL, M }: AttributeValue): Schema.Json => {
  if (S !== undefined) return S
  if (N !== undefined) return Number(N)
  if (BOOL !== undefined) return BOOL
  const bytes = M?.base64?.B
  if (bytes !== undefined) return Buffer.from(bytes).toString("base64")
  const deflated = M?.deflate?.B
  const json = deflated === undefined ? M?.json?.S : inflateRawSync(deflated).toString()
  return json === undefined ? null : JSON.parse(json)
}

/** The key of an item. */
export const encodeKey = ({ partition, sort }: Pick<Key, "partition" | "sort">): DynamoItem => ({
  [names.partition]: { S: partition },
  [names.sort]: { S: sort }
})

/** A whole item. */
export const toAttributeValues = ({ key, version, attributes, expiresAt }: Item): DynamoItem => ({
  ...encodeKey(key),
  [names.version]: numberValue(version),
  ...(expiresAt === undefined ? {} : { [names.expiresAt]: numberValue(expiresAt) }),
  ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [attributeName(name), encodeValue(value)]))
})

/** What {@link toAttributeValues} made. */
export const fromAttributeValues = (table: TableName, item: DynamoItem): Item => ({
  key: { table, partition: item[names.partition]?.S ?? "", sort: sortOf(item) ?? "" },
  version: Number(item[names.version]?.N),
  attributes: Object.fromEntries(
    Object.entries(item).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), decodeValue(value)]] : []
    )
  ) as Attributes,
  expiresAt: item[names.expiresAt] === undefined ? undefined : Number(item[names.expiresAt]?.N)
})

/** The sort key of an item or of the key where a page ended. */
export const sortOf = (item: DynamoItem): string | undefined => item[names.sort]?.S
