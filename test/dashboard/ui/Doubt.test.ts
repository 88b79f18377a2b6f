/** The page claims nothing about now on figures that are not of now. */
import { assert, describe, it } from "@effect/vitest"
import { doubtOf } from "../../../src/dashboard/ui/state/Freshness.ts"

const now = Date.parse("2026-11-23T09:17:42Z")
const secondsAgo = (seconds: number): string => new Date(now - seconds * 1_000).toISOString()

describe("a claim about now", () => {
  it("stands on figures of the last three minutes", () => {
    assert.isUndefined(doubtOf(secondsAgo(0), true, now))
    assert.isUndefined(doubtOf(secondsAgo(180), true, now))
  })

  it("falls with older figures, and says how old they are", () => {
    assert.match(doubtOf(secondsAgo(181), true, now) ?? "", /brought up to date 3 min ago/)
  })

  it("falls before the first figures", () => {
    for (const asOf of [null, new Date(0).toISOString()]) {
      assert.match(doubtOf(asOf, true, now) ?? "", /No figures have been made yet/)
    }
  })

  it("falls while the server does not answer, however fresh the last figures were", () => {
    assert.match(doubtOf(secondsAgo(1), false, now) ?? "", /The server does not answer/)
  })
})
