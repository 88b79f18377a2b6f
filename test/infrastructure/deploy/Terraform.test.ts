/** terraform.sh has settings come through variables, and shows no account. */
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeEach, describe, it } from "@effect/vitest"
import { root } from "../Files.ts"
import { makeScripts } from "./Scripts.ts"

const { folder, run, program, called, forget, remove } = makeScripts()
afterAll(remove)
beforeEach(forget)

const ENVIRONMENT_DIR = join(folder, "prod")
mkdirSync(ENVIRONMENT_DIR)
cpSync(join(root, "infrastructure/terraform/environments/prod"), ENVIRONMENT_DIR, { recursive: true })
const env = { ENVIRONMENT: "prod", ENVIRONMENT_DIR, STATE_BUCKET: "bucket", AWS_REGION: "eu-central-1" }
const written = (name: string) => readFileSync(join(ENVIRONMENT_DIR, name), "utf8")

describe("terraform.sh", () => {
  it("initialises with the state of this environment, and writes the settings that it is given", async () => {
    program("terraform", "")
    const { status } = await run("deploy/terraform.sh", ["init", "-lockfile=readonly"], {
      env: { ...env, TFVARS: 'region = "eu-central-1"' }
    })
    assert.strictEqual(status, 0)
    assert.strictEqual(written("terraform.tfvars"), 'region = "eu-central-1"\n')
    assert.deepStrictEqual(called(), [
      "terraform init -input=false -backend-config=bucket=bucket -backend-config=key=state/prod.tfstate " +
        "-backend-config=region=eu-central-1 -backend-config=use_lockfile=true -lockfile=readonly"
    ])
  })

  it("says what is deployed, and nothing where nothing is", async () => {
    const release = { digest: "sha256:1", version: "1.2.3+abc" }
    program("terraform", `echo '${JSON.stringify({ release: { value: release } })}'`)
    assert.deepStrictEqual(JSON.parse((await run("deploy/terraform.sh", ["release"], { env })).stdout), release)
    program("terraform", "echo '{}'")
    assert.strictEqual((await run("deploy/terraform.sh", ["release"], { env })).stdout, "")
  })

  it("plans with the release that it is given, without a lock, and exits as Terraform does", async () => {
    program("terraform", "exit 2")
    const release = '{"digest":"sha256:1","version":"1"}'
    const { status } = await run("deploy/terraform.sh", ["plan", release, "-detailed-exitcode"], { env })
    assert.strictEqual(status, 2)
    assert.deepStrictEqual(JSON.parse(written("release.auto.tfvars.json")), { release: JSON.parse(release) })
    assert.deepStrictEqual(called(), [
      "terraform plan -input=false -lock=false -out=deployment.tfplan -detailed-exitcode"
    ])
  })

  it("plans nothing without a release", async () => {
    program("terraform", "")
    const { status, stderr } = await run("deploy/terraform.sh", ["plan", ""], { env })
    assert.strictEqual(status, 1)
    assert.match(stderr, /nothing is deployed to prod yet/)
    assert.deepStrictEqual(called(), [])
  })

  it("shows the plan without the account's number", async () => {
    program("aws", "printf '%012d\\n' 42")
    program("terraform", "printf 'arn:%012d:x, Plan: 1 to add\\n' 42")
    const { stdout } = await run("deploy/terraform.sh", ["show"], { env })
    assert.strictEqual(stdout, "arn:ACCOUNT:x, Plan: 1 to add\n")
  })

  it("shows nothing where the account is not known", async () => {
    program("aws", "echo None")
    program("terraform", "echo text")
    const { status, stdout } = await run("deploy/terraform.sh", ["show"], { env })
    assert.strictEqual(status, 1)
    assert.strictEqual(stdout, "")
  })

  it("fails where there is no such environment", async () => {
    assert.notStrictEqual((await run("deploy/terraform.sh", ["show"], { env: { ENVIRONMENT: "moon" } })).status, 0)
    assert.isFalse(existsSync(join(root, "infrastructure/terraform/environments/moon")))
  })
})
