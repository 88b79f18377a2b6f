import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { isSameData } from "../../src/domain/SameData.ts"

const turned = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, part]) => [name, turned(part)])
  )
}

describe("isSameData", () => {
  it.prop("is true of the same fields in any order", [Schema.Json], ([value]) => {
    assert.isTrue(isSameData(value, turned(JSON.parse(JSON.stringify(value)))))
  })

  it.each([
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { b: 1 }],
    [{ a: 1 }, { a: 1, b: 0 }],
    [{ a: undefined }, { b: undefined }],
    [{ a: { b: [1] } }, { a: { b: [2] } }],
    [[1], [1, 2]],
    [[], {}],
    [null, {}],
    [{}, undefined],
    [1, "1"]
  ])("is false of %j and %j", (a, b) => {
    assert.isFalse(isSameData(a, b))
    assert.isFalse(isSameData(b, a))
  })
})
