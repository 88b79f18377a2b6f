/** Who starts whom as lines of a terminal. */
import { assert, describe, it } from "@effect/vitest"
import { neighboursText, spelledAs, topologyText } from "../../../src/entry/cli/TopologyText.ts"
import { deniedConnection, neighbours, workingConnection } from "../../dashboard/Answers.ts"
import { repository } from "../../fixtures/Runs.ts"

describe("a table of connections", () => {
  it("has columns, how the latest run went with the started run's address, and what was counted", () => {
    const [first = "", counts] = topologyText([workingConnection, deniedConnection]).split("\n")
    assert.include(
      first,
      "✔ acme/app ci.yml → acme/shop e2e.yml         success (1 min 1 s) https://github.com/acme/shop/actions/runs/77"
    )
    assert.strictEqual(counts, "  7 days: 7 allowed, 6 dispatched, 1 failed, 4 succeeded, 1 unsuccessful, 1 running")
  })

  it("says of a source that the target's rules do not name that it wants in", () => {
    const [line = "", counts] = topologyText([deniedConnection]).split("\n")
    assert.include(line, "– acme/app ci.yml → umbrella/site deploy.yml  wants in, is not let in: inbound_not_allowed: ")
    assert.strictEqual(counts, "  7 days: 3 denied")
    const other = topologyText([{ ...deniedConnection, reason: "self_dispatch" }])
    assert.include(other, "denied: self_dispatch: ")
  })

  it("cannot move the cursor, whatever strangers wrote", () => {
    assert.notInclude(topologyText([{ ...deniedConnection, message: "\u001b[2Jgone" }]), "\u001b")
  })

  it("says where there is nothing, and where there is more", () => {
    assert.strictEqual(topologyText([]), "Nothing is known to start anything.")
    const text = neighboursText("acme/app", { ...neighbours, moreStarts: true })
    assert.match(text, /^acme\/app starts\n✔ [\s\S]*\n… more than these 2\n\nStarts acme\/app, or wants to\nnothing$/)
  })

  it("spells a repository as the service does", () => {
    const other = { ...workingConnection, source: { ...workingConnection.source, repository: repository("Acme/App") } }
    assert.strictEqual(spelledAs("acme/APP", { ...neighbours, starts: [other] }), "Acme/App")
    assert.strictEqual(spelledAs("acme/none", neighbours), "acme/none")
  })
})
