import { assert, describe, it } from "@effect/vitest"
import { isTooOld } from "../../src/domain/SourceRun.ts"

describe("isTooOld", () => {
  const accepted = "2026-03-10T12:00:00.000Z"
  it.each([
    ["2026-03-10T12:00:00Z", false],
    ["2026-03-07T11:00:00Z", false],
    ["2026-03-07T10:59:59Z", true],
    ["2026-03-07T12:59:59+02:00", true],
    ["2020-10-05T18:17:00Z", true],
    ["2026-03-11T12:00:00Z", false],
    ["yesterday", false],
    ["", false],
    [undefined, false]
  ])("a run that ended at %s is too old: %s", (updatedAt, expected) =>
    assert.strictEqual(isTooOld(updatedAt, accepted), expected)
  )
})
