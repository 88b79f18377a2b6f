import { assert, describe, it } from "@effect/vitest"
import { traceparentOfXray, xrayHeader } from "../../../../src/adapters/aws/sqs/XRayHeader.ts"

const traceparent = "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01"
// The example of AWS's documentation.
const header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"

describe("X-Ray's header", () => {
  it("says what a traceparent says, both ways", () => {
    assert.strictEqual(xrayHeader(traceparent), header)
    assert.strictEqual(traceparentOfXray(header), traceparent)
    const unsampled = header.replace("Sampled=1", "Sampled=0")
    assert.strictEqual(xrayHeader(traceparentOfXray(unsampled) ?? ""), unsampled)
  })
  it("is understood with what Lambda adds to it, in any order", () => {
    const fields = header.split(";")
    assert.strictEqual(traceparentOfXray(`${fields.toReversed().join(";")};Lineage=a87bd80c:1|68fd508a:5`), traceparent)
  })
  it("that names no span means none", () => {
    for (const text of [
      undefined,
      "",
      "Root=1-5759e988-bd862e3fe1be46a994272793",
      header.replace("Root=1-", "Root=2-")
    ]) {
      assert.isUndefined(traceparentOfXray(text), text)
    }
  })
})
