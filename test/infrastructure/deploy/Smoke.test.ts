/** smoke.sh is content with a system that works, and with no other. */
import { createHmac } from "node:crypto"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, afterEach, assert, beforeAll, describe, it } from "@effect/vitest"
import { makeScripts } from "./Scripts.ts"

const { run, program, remove } = makeScripts()
afterAll(remove)

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

  it("is content with any version where none is asked for", async () => {
    version = "0.9.0"
    const { APP_VERSION, ...others } = env
    const { status, stdout, stderr } = await run("deploy/smoke.sh", [], { env: others })
    assert.strictEqual(status, 0, stderr)
    assert.match(stdout, /^ok: \/health answers$/m)
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

  it("finds out by itself where an environment is, as try.sh", async () => {
    const outputs = { base_url: { value: env.BASE_URL }, secrets: { value: { webhook_secret: "the/secret" } } }
    program("terraform", `echo '${JSON.stringify(outputs)}'`)
    program("aws", `[[ $* == *"--secret-id the/secret "* ]] && echo '${secret}'`)
    const { BASE_URL, WEBHOOK_SECRET, ...others } = env
    const given = { ...others, ENVIRONMENT: "dev" }
    const { status, stdout, stderr } = await run("deploy/try.sh", [], { env: given })
    assert.strictEqual(status, 0, stderr)
    assert.strictEqual(stdout.match(/^ok: /gm)?.length, 3)
    program("terraform", "echo '{}'")
    assert.notStrictEqual((await run("deploy/try.sh", [], { env: given })).status, 0)
  })

  it("fails without an answer", async () => {
    const { status } = await run("deploy/smoke.sh", [], { env: { ...env, BASE_URL: "http://127.0.0.1:1" } })
    assert.strictEqual(status, 1)
  })
})
