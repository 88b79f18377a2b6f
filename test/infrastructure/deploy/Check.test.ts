/** check.sh says what it did not check. */
import { afterAll, assert, describe, it } from "@effect/vitest"
import { makeScripts } from "./Scripts.ts"

const { run, remove } = makeScripts()
afterAll(remove)

describe("check.sh where Terraform is missing", () => {
  const TERRAFORM = "no-such-terraform"

  it("fails in CI", async () => {
    const { status, stderr } = await run("terraform/check.sh", [], { env: { TERRAFORM, CI: "true" } })
    assert.strictEqual(status, 1)
    assert.match(stderr, /not installed/)
  })

  it("says elsewhere that it checked nothing", async () => {
    const { status, stderr } = await run("terraform/check.sh", [], { env: { TERRAFORM } })
    assert.strictEqual(status, 0)
    assert.match(stderr, /SKIPPED/)
  })
})
