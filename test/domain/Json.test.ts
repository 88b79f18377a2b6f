/** Integers of any length survive; everything else is what `JSON.parse` makes of it. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { parseJson, quoteLongIntegers } from "../../src/domain/Json.ts"
import { compareIds, GitHubId } from "../../src/domain/SourceRun.ts"

const decodeId = Schema.decodeUnknownSync(GitHubId)
const Digits = Schema.String.check(Schema.isPattern(/^[1-9][0-9]{0,19}$/))

describe("parseJson", () => {
  it("keeps every digit of an id beyond 2^53", () => {
    assert.deepStrictEqual(parseJson(`{"id": 3804004623172239366, "list":[9007199254740993,-9007199254740993]}`), {
      id: "3804004623172239366",
      list: ["9007199254740993", "-9007199254740993"]
    })
    assert.strictEqual(parseJson("3804004623172239366"), "3804004623172239366")
  })

  it("leaves numbers that a double holds, fractions and texts as they are", () => {
    const text = `{"a":9007199254740991,"b":0.12345678901234567,"c":1e300,"d":"[3804004623172239366]","e":[1,-2]}`
    assert.deepStrictEqual(parseJson(text), JSON.parse(text))
  })

  it.prop("agrees with JSON.parse where no integer is long", [Schema.Json], ([value]) => {
    const text = JSON.stringify(value)
    if (!/\d{16}/.test(text)) assert.deepStrictEqual(parseJson(text), JSON.parse(text))
  })

  it.prop("an id is read with all its digits, from a number and from text", [Digits], ([digits]) => {
    for (const json of [`{"id":${digits}}`, `{"id": "${digits}"}`, `[{"id":\n${digits} }]`]) {
      assert.include(JSON.stringify(parseJson(json)), digits)
    }
    assert.strictEqual(decodeId(parseJson(digits)), digits)
    assert.strictEqual(JSON.parse(quoteLongIntegers(`{"id":${digits}}`)).id.toString(), digits)
  })
})

describe("quoteLongIntegers", () => {
  it("returns what is no JSON, or needs no quotes, as it is", () => {
    for (const text of ["<html> 3804004623172239366", `{ "id": 7 }`, ""])
      assert.strictEqual(quoteLongIntegers(text), text)
  })
})

describe("GitHubId", () => {
  it("reads what earlier versions stored as a number, and refuses what is none", () => {
    assert.strictEqual(decodeId(30433642), "30433642")
    for (const value of [0, -1, 1.5, 2 ** 53, "", "0", "01", "1e3", " 1", null]) assert.throws(() => decodeId(value))
  })

  it.prop("are ordered as numbers are", [Digits, Digits], ([a, b]) => {
    const [x, y] = [BigInt(a), BigInt(b)]
    assert.strictEqual(Math.sign(compareIds(GitHubId.make(a), GitHubId.make(b))), x < y ? -1 : x > y ? 1 : 0)
  })
})
