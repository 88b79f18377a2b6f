import { parseEnv } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { isSet, withVariables } from "../../../src/entry/cli/EnvFile.ts"

const pem = "-----BEGIN RSA PRIVATE KEY-----\nMII+/=\nabc\n-----END RSA PRIVATE KEY-----\n"

describe("withVariables", () => {
  it("sets what is there where it stands, adds what is not, and leaves the rest", () => {
    const before = '# mine\nPORT=8080\nGITHUB_APP_ID=\nA="x\ny" # kept\nGITHUB_APP_SLUG=old'
    assert.strictEqual(
      withVariables(before, { GITHUB_APP_ID: "7", GITHUB_APP_SLUG: "$& new", NEW: "1" }),
      '# mine\nPORT=8080\nGITHUB_APP_ID=7\nA="x\ny" # kept\nGITHUB_APP_SLUG="$& new"\nNEW=1\n'
    )
  })

  it("what is written is what Node reads, a key on one line included", () => {
    const text = withVariables('GITHUB_APP_PRIVATE_KEY="-----BEGIN\nold\n-----END"\nB=2\n', {
      GITHUB_APP_PRIVATE_KEY: pem
    })
    assert.deepStrictEqual({ ...parseEnv(text) }, { GITHUB_APP_PRIVATE_KEY: pem.trim(), B: "2" })
    assert.lengthOf(text.trim().split("\n"), 2)
  })
})

describe("isSet", () => {
  it("nothing, empty quotes and comments are no value", () => {
    assert.deepStrictEqual(
      ["A=1", 'A=""', "A=", "# A=1", "BA=1", 'A="x\ny"', "export A=1"].map((text) => isSet(text, "A")),
      [true, false, false, false, false, true, true]
    )
  })
})
