/** Events as lines of a terminal. */
import { assert, describe, it } from "@effect/vitest"
import { outcomeFact } from "../../../src/domain/Fact.ts"
import { factLine } from "../../../src/entry/cli/EventText.ts"
import { order } from "../../fixtures/Runs.ts"

describe("a fact's line", () => {
  it("has status, target, reason and message of consent that was withdrawn", () => {
    const message = "acme/deploy does not let acme/app in any more"
    const outcome = { _tag: "Withdrawn", code: "inbound_not_allowed", message } as const
    const fact = outcomeFact(order(), { outcome, at: 2500 }, { appVersion: "1.2.3" })
    const [first = "", second = ""] = factLine(fact).split("\n")
    assert.include(first, "withdrawn   acme/app ci.yml → acme/deploy cd.yml@main")
    assert.strictEqual(second.trim(), `inbound_not_allowed: ${message}`)
  })
})
