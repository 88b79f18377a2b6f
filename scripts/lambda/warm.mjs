/**
 * Runs in the image build: loads every function, gives it something to do, and writes the code that V8 has made until then, beside the
 * function (`src/entry/lambda/index.ts`). Nothing is reached: the environment is made up, and the only address is one where nothing listens.
 *
 * Lambda's runtime loads it as if it were a function, because V8 takes its code only with the same flags (Lambda's has `--expose-gc`). It ends
 * the process, well or badly, before the runtime asks for an invocation. Plain JavaScript, which the base image runs as it is.
 *
 *   FUNCTIONS=dist/lambda node scripts/lambda/warm.mjs
 */
import { createHmac, generateKeyPairSync } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join, resolve } from "node:path"

const folder = resolve(process.env.FUNCTIONS ?? "")
const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" }
})
const secret = "none at all"
const nowhere = "http://127.0.0.1:9"
const queues = ["PLAN", "ORDER", "REPORT", "FACT"].flatMap((name) => [
  `${name}_QUEUE_URL`,
  `${name}_DEAD_LETTER_QUEUE_URL`
])

Object.assign(process.env, {
  AWS_REGION: "us-east-1",
  AWS_ENDPOINT_URL: nowhere,
  AWS_ACCESS_KEY_ID: "none",
  AWS_SECRET_ACCESS_KEY: "none",
  LEDGER_TABLE: "none",
  EVENTS_TABLE: "none",
  PROJECTIONS_TABLE: "none",
  EVENT_BUS_NAME: "none",
  ...Object.fromEntries(queues.map((name) => [name, `${nowhere}/none`])),
  GITHUB_APP_ID: "1",
  GITHUB_APP_PRIVATE_KEY: privateKey,
  GITHUB_API_URL: nowhere,
  GITHUB_WEBHOOK_SECRET: secret,
  ADMIN_TOKEN: "none at all, never",
  REDELIVERY_SWEEP: "false",
  LOG_LEVEL: "none"
})

const context = { awsRequestId: "warm", getRemainingTimeInMillis: () => 10_000 }
const request = (method, rawPath, body = "") => ({
  version: "2.0",
  rawPath,
  rawQueryString: "",
  headers: {
    "x-github-event": "workflow_run",
    "x-github-delivery": "00000000-0000-0000-0000-000000000000",
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`
  },
  requestContext: { domainName: "none", stage: "$default", http: { method, path: rawPath, sourceIp: "192.0.2.1" } },
  body,
  isBase64Encoded: false
})
const repository = { id: 1, full_name: "a/b", name: "b", owner: { login: "a" }, default_branch: "main", fork: false }
const completed = {
  action: "completed",
  workflow_run: {
    id: 1,
    run_attempt: 1,
    path: ".github/workflows/ci.yml",
    head_branch: "main",
    head_sha: "0".repeat(40),
    event: "push",
    conclusion: "success",
    html_url: "https://none.invalid",
    actor: { login: "a" },
    head_repository: repository
  },
  repository,
  installation: { id: 1 }
}
const noMessages = { Records: [] }
const events = {
  ingress: [request("GET", "/health"), request("POST", "/webhooks/github", JSON.stringify(completed))],
  planner: [noMessages],
  dispatcher: [noMessages],
  facts: [noMessages],
  rollup: [noMessages],
  sweeper: [{}],
  admin: [request("GET", "/health"), request("GET", "/admin"), request("GET", "/admin/sign-in")]
}

try {
  for (const [name, asked] of Object.entries(events)) {
    const { handler, compiled } = await import(join(folder, name, "index.mjs"))
    for (const event of asked) await handler(event, context)
    writeFileSync(join(folder, name, "compiled"), compiled())
  }
} catch (error) {
  process.stderr.write(`The functions cannot be warmed: ${error?.stack ?? error}\n`)
  process.exit(1)
}
process.exit()
