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

describe("withVariables, as Node reads files", () => {
  const cases = {
    "set twice": "A=1\n# kept\nB=2\nA=3\n",
    "over several lines, in each kind of quotes": "A='x\ny'\nA=`x\ny` # why\nA=\"x\ny\"\nB=2",
    "with an open quote": 'A="x\nB=2\n',
    "indented, exported, spaced": "  export A = 1\nB=2\n",
    "with CRLF": "A=1\r\nB=2\r\n"
  }
  for (const [name, text] of Object.entries(cases)) {
    it(name, () => assert.deepStrictEqual({ ...parseEnv(withVariables(text, { A: "new" })) }, { A: "new", B: "2" }))
  }

  it("what only looks like an assignment stays", () => {
    const text = 'NOTE="see\nA=1\n"\n# A=2\n'
    assert.strictEqual(withVariables(text, { A: "new" }), `${text}A=new\n`)
  })
})

describe("isSet", () => {
  it("nothing, empty quotes and comments are no value", () => {
    assert.deepStrictEqual(
      ["A=1", 'A=""', "A=", "A= # to do", "# A=1", "BA=1", 'A="x\ny"', "export A=1"].map((text) => isSet(text, "A")),
      [true, false, false, false, false, false, true, true]
    )
  })
})
