/** check.sh lints where tflint is installed, and says where it is not; Terraform is a stand-in that is content with everything. */
import { spawnSync } from "node:child_process"
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { root } from "./Files.ts"

const folder = mkdtempSync(join(tmpdir(), "lint-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A program that does this; its path. */
const program = (name: string, script: string): string => {
  const path = join(folder, name)
  writeFileSync(path, `#!/usr/bin/env bash\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

const check = (tflint: string) =>
  spawnSync(join(root, "infrastructure/terraform/check.sh"), {
    encoding: "utf8",
    env: {
      PATH: process.env.PATH,
      TERRAFORM: program("terraform", "exit 0"),
      TERRAFORM_OFFLINE: join(folder, "none"),
      TFLINT: tflint
    }
  })

describe("check.sh", () => {
  it("lints every folder by the rules of the repository", () => {
    const calls = join(folder, "calls")
    const { status, stderr } = check(program("tflint", `echo "$PWD: $@" > ${calls}`))
    assert.strictEqual(status, 0, stderr)
    const terraform = join(root, "infrastructure/terraform")
    assert.strictEqual(
      readFileSync(calls, "utf8").trim(),
      `${terraform}: --recursive --config=${terraform}/.tflint.hcl --no-color`
    )
  })

  it("fails where tflint finds something", () => {
    assert.strictEqual(check(program("tflint", "exit 2")).status, 2)
  })

  it("goes on without tflint, and says so", () => {
    const { status, stderr } = check(join(folder, "no-such-program"))
    assert.strictEqual(status, 0)
    assert.match(stderr, /SKIPPED: tflint is not installed/)
  })
})
