/** The scripts of a deployment do what they say, with a stand-in for whatever they ask. */
import { spawn } from "node:child_process"
import { createHmac } from "node:crypto"
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, assert, beforeAll, beforeEach, describe, it } from "@effect/vitest"
import { root } from "./Files.ts"

const folder = mkdtempSync(join(tmpdir(), "deploy-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Result {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}
interface Options {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** Runs a script with nothing in its environment but what is given, and with the programs of `folder` before all others. */
const run = (script: string, args: ReadonlyArray<string>, { env = {}, input = "" }: Options = {}) =>
  new Promise<Result>((resolve) => {
    const PATH = `${folder}:${process.env.PATH}`
    const child = spawn(join(root, "infrastructure", script), args, { env: { PATH, ...env } })
    let stdout = ""
    let stderr = ""
    child.stdout.on("data", (chunk) => {
      stdout += chunk
    })
    child.stderr.on("data", (chunk) => {
      stderr += chunk
    })
    child.on("close", (status) => resolve({ status, stdout, stderr }))
    child.stdin.end(input)
  })

const calls = join(folder, "calls")
const called = (): ReadonlyArray<string> => readFileSync(calls, "utf8").split("\n").filter(Boolean)

/** A program that notes how it was called, and then does this. */
const program = (name: string, script: string): void => {
  writeFileSync(join(folder, name), `#!/usr/bin/env bash\necho "${name} $*" >> ${calls}\n${script}\n`)
  chmodSync(join(folder, name), 0o755)
}

beforeEach(() => writeFileSync(calls, ""))

describe("smoke.sh", () => {
  const secret = "the webhook secret"
  let version = "1.2.3"
  let checksSignatures = true
  let server: Server
  let env: Record<string, string>

  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Array<Buffer> = []
      request.on("data", (chunk) => chunks.push(chunk))
      request.on("end", () => {
        if (request.url === "/health") return response.end(JSON.stringify({ status: "ok", version }))
        const digest = createHmac("sha256", secret).update(Buffer.concat(chunks)).digest("hex")
        const signed = request.headers["x-hub-signature-256"] === `sha256=${digest}`
        const isPing = request.headers["x-github-event"] === "ping" && request.url === "/webhooks/github"
        response.statusCode = !isPing ? 400 : signed || !checksSignatures ? 202 : 401
        return response.end(JSON.stringify({ status: "ignored" }))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as AddressInfo
    env = {
      BASE_URL: `http://127.0.0.1:${port}/`,
      APP_VERSION: "1.2.3",
      WEBHOOK_SECRET: secret,
      SMOKE_ATTEMPTS: "2",
      SMOKE_PAUSE: "0"
    }
  })
  afterAll(() => server.close())
  afterEach(() => {
    version = "1.2.3"
    checksSignatures = true
  })

  it("is content with a system that works", async () => {
    const { status, stdout, stderr } = await run("deploy/smoke.sh", [], { env })
    assert.strictEqual(status, 0, stderr)
    assert.strictEqual(stdout.match(/^ok: /gm)?.length, 3)
  })

  it("takes the secret as it is during a rotation", async () => {
    const WEBHOOK_SECRET = JSON.stringify({ current: secret, previous: "the old secret" })
    const { status, stderr } = await run("deploy/smoke.sh", [], { env: { ...env, WEBHOOK_SECRET } })
    assert.strictEqual(status, 0, stderr)
  })

  it("fails where an old version answers", async () => {
    version = "1.2.2"
    const { status, stderr } = await run("deploy/smoke.sh", [], { env })
    assert.strictEqual(status, 1)
    assert.match(stderr, /answers as version 1\.2\.3.*\n.*1\.2\.2/)
  })

  it("fails where the secret is another, and shows no secret", async () => {
    const WEBHOOK_SECRET = "some other secret"
    const { status, stdout, stderr } = await run("deploy/smoke.sh", [], { env: { ...env, WEBHOOK_SECRET } })
    assert.strictEqual(status, 1)
    assert.match(stderr, /a signed ping is taken/)
    assert.notInclude(stdout + stderr, WEBHOOK_SECRET)
  })

  it("fails where signatures are not checked", async () => {
    checksSignatures = false
    const { status, stderr } = await run("deploy/smoke.sh", [], { env })
    assert.strictEqual(status, 1)
    assert.match(stderr, /a forged ping is refused/)
  })

  it("fails where nothing answers", async () => {
    const { status } = await run("deploy/smoke.sh", [], { env: { ...env, BASE_URL: "http://127.0.0.1:1" } })
    assert.strictEqual(status, 1)
  })
})

describe("aliases.sh", () => {
  it("remembers the versions of the aliases that there are", async () => {
    program("aws", '[[ $* == *"--function-name new"* ]] && exit 254; echo 7')
    const { status, stdout } = await run("deploy/aliases.sh", ["save", "facts:live", "new:live", "facts:rollup"])
    assert.strictEqual(status, 0)
    assert.strictEqual(stdout, "facts live 7\nfacts rollup 7\n")
  })

  it("moves every alias back", async () => {
    program("aws", "")
    const { status } = await run("deploy/aliases.sh", ["restore"], { input: "facts live 7\nfacts rollup 6\n" })
    assert.strictEqual(status, 0)
    assert.deepStrictEqual(called(), [
      "aws lambda update-alias --function-name facts --name live --function-version 7",
      "aws lambda update-alias --function-name facts --name rollup --function-version 6"
    ])
  })

  it("moves the others back where one cannot be moved, and fails", async () => {
    program("aws", '[[ $* == *"--function-name gone"* ]] && exit 254; exit 0')
    const { status, stderr } = await run("deploy/aliases.sh", ["restore"], { input: "gone live 7\nfacts live 6\n" })
    assert.strictEqual(status, 1)
    assert.match(stderr, /gone:live could not be moved back to version 7\nfacts:live is version 6 again/)
  })
})

describe("image.sh", () => {
  const env = { REGISTRY_NAME: "dispatcher-dev", IMAGE_TAG: "abc" }

  it("pushes an image that is not there yet, for Lambda, and prints its digest", async () => {
    program(
      "aws",
      `case $2 in
        describe-images) [[ -e ${folder}/pushed ]] && echo sha256:1 || exit 254 ;;
        describe-repositories) echo registry.example/dispatcher-dev ;;
        get-login-password) echo password ;;
      esac`
    )
    program("docker", `[[ $1 == buildx ]] && touch ${folder}/pushed; cat >/dev/null; echo noise`)
    const { status, stdout, stderr } = await run("deploy/image.sh", [], { env })
    assert.strictEqual(status, 0, stderr)
    assert.strictEqual(stdout, "sha256:1\n")
    assert.include(called(), "docker login --username AWS --password-stdin registry.example")
    const build = called().find((call) => call.startsWith("docker buildx build")) ?? ""
    for (const option of [
      "--target lambda",
      "--provenance=false",
      "--label org.opencontainers.image.revision=abc",
      "--tag registry.example/dispatcher-dev:abc",
      "--push"
    ]) {
      assert.include(build, option)
    }
  })

  it("builds nothing where the image is there already", async () => {
    program("aws", "echo sha256:2")
    program("docker", "exit 1")
    const { status, stdout } = await run("deploy/image.sh", [], { env })
    assert.strictEqual(status, 0)
    assert.strictEqual(stdout, "sha256:2\n")
    assert.strictEqual(called().length, 1)
  })
})

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
