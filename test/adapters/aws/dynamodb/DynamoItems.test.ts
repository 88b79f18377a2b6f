import { randomBytes } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import {
  encodeValue,
  fromAttributeValues,
  toAttributeValues
} from "../../../../src/adapters/aws/dynamodb/DynamoItems.ts"
import type { Attributes } from "../../../../src/ports/Table.ts"

const itemOf = (attributes: Attributes) => ({
  key: { table: "ledger" as const, partition: "p", sort: "s" },
  version: 7,
  attributes,
  expiresAt: 1_900_000_000
})
const nested = (depth: number): Attributes => (depth === 0 ? {} : { deeper: nested(depth - 1) })

describe("an item in DynamoDB", () => {
  it("is readable for people where that is possible", () => {
    const item = itemOf({ name: "x", count: 1.5, yes: true, nothing: null, list: [1, { a: "b" }] })
    assert.deepStrictEqual(toAttributeValues(item), {
      pk: { S: "p" },
      sk: { S: "s" },
      version: { N: "7" },
      expiresAt: { N: "1900000000" },
      $name: { S: "x" },
      $count: { N: "1.5" },
      $yes: { BOOL: true },
      $nothing: { NULL: true },
      $list: { M: { json: { S: '[1,{"a":"b"}]' } } }
    })
  })
  const awkward: Record<string, Attributes> = {
    "names of ours and reserved words": {
      pk: 1,
      sk: "x",
      version: 2,
      expiresAt: 3,
      size: 4,
      name: 5,
      json: "{}",
      $: 6
    },
    "a nameless attribute": { "": 1, nested: { "": 2 } },
    "numbers that DynamoDB has no place for": { huge: 1.7976931348623157e308, tiny: 5e-324, negative: -1e300 },
    "numbers at the edge": { a: 9.98e125, b: 1e-130, c: 2 ** 53, d: 0.1, e: -0.1, f: 123456789.12345679 },
    "bytes as base64": { packed: randomBytes(301).toString("base64"), plain: "A".repeat(200) },
    "half a character": { text: "a\ud83d", list: ["\udc00"] },
    "a hundred levels": nested(100),
    "a long list": {
      rows: Array.from({ length: 500 }, (_, index) => ({ name: `é${index}`, counts: { accepted: index } }))
    },
    "what cannot be made shorter": { noise: [randomBytes(1000).toString("latin1")] },
    "what looks like our own wrapping": { value: { json: "1" }, other: { json: { json: "1" } } }
  }
  for (const [what, attributes] of Object.entries(awkward)) {
    it(`comes back as it was: ${what}`, () => {
      const item = itemOf(attributes)
      assert.deepStrictEqual(fromAttributeValues("ledger", toAttributeValues(item)), item)
    })
  }
  it("is deflated where JSON text is long, and text where it is not, nor would be shorter", () => {
    const long = { rows: Array.from({ length: 100 }, () => ({ repository: "acme/shop", counts: { accepted: 1 } })) }
    const { M: { deflate, json } = {} } = encodeValue(long)
    assert.isUndefined(json)
    assert.isBelow(deflate?.B?.byteLength ?? Number.NaN, 200)
    assert.isDefined(encodeValue([randomBytes(1000).toString("hex").slice(0, 500)]).M?.json)
  })
  it("is the bytes that long base64 stands for; digests, and what is nearly base64, stay text", () => {
    const base64 = randomBytes(300).toString("base64")
    assert.deepStrictEqual(encodeValue(base64), { M: { base64: { B: Buffer.from(base64, "base64") } } })
    const hex = randomBytes(32).toString("hex")
    // The last character has bits that no bytes stand for.
    const loose = `${"A".repeat(198)}B=`
    for (const text of [hex, loose, base64.slice(1), "é".repeat(200)])
      assert.deepStrictEqual(encodeValue(text), { S: text })
  })
  it("keeps numbers that DynamoDB cannot hold as text", () => {
    assert.deepStrictEqual(encodeValue(1e126), { M: { json: { S: "1e+126" } } })
  })
})
