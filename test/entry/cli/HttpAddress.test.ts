/** Which addresses are taken: those that fetch asks. */
import { assert, describe, it } from "@effect/vitest"
import { blockedPorts, expectedOf } from "../../../src/entry/cli/HttpAddress.ts"

describe("an address", () => {
  it("has a port that fetch asks", async () => {
    assert.isNotEmpty(blockedPorts)
    for (const port of blockedPorts) {
      const address = `http://127.0.0.1:${port}`
      const refusal = await fetch(address).then(
        () => "an answer",
        ({ cause }) => cause.message
      )
      assert.strictEqual(refusal, "bad port", address)
      assert.include(expectedOf(address), `fetch asks no port ${port} `)
    }
    for (const address of ["http://127.0.0.1:3000", "https://x", "http://[::1]:443/a", "http://x:80"]) {
      assert.isUndefined(expectedOf(address), address)
    }
  })

  it("holds no secret", () => {
    for (const address of ["http://user@x", "http://user:password@x:1", "http://x/?token=a", "http://x/#a"]) {
      assert.include(expectedOf(address), "without credentials, query and fragment", address)
    }
  })

  it("has a host and a port that there is", () => {
    for (const address of ["http://[", "http://x:99999", "http://"]) {
      assert.include(expectedOf(address), "a host, and a port", address)
    }
  })

  it("begins with http:// or https://", () => {
    for (const address of ["", "localhost", "localhost:3000", "ftp://x"]) {
      assert.include(expectedOf(address), "http:// or https://", address)
    }
  })
})
