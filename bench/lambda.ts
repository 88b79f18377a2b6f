/**
 * What a cold start of each Lambda function costs: the size of its bundle, the time to import it, and the time of its first invocation,
 * against a bare handler that makes the same SDK clients, bundled by plain esbuild. Every measurement is a process of its own; "with cache"
 * is with V8's compiled code, as the image has it.
 */
import { execFileSync } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buildLambda, bundle, type FunctionName, functionNames } from "../scripts/build-lambda.ts"
import { median, printTable, type Row } from "./Print.ts"

const rounds = 7

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" }
})
const queues = ["PLAN", "ORDER", "REPORT", "FACT"].flatMap((name) => [
  `${name}_QUEUE_URL`,
  `${name}_DEAD_LETTER_QUEUE_URL`
])
const tables = ["LEDGER_TABLE", "EVENTS_TABLE", "PROJECTIONS_TABLE"]

/** Everything that any function reads; nothing of it is reached. */
const environment: Readonly<Record<string, string>> = {
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "none",
  AWS_SECRET_ACCESS_KEY: "none",
  EVENT_BUS_NAME: "none",
  ...Object.fromEntries([...queues, ...tables].map((name) => [name, "none"])),
  GITHUB_APP_ID: "1",
  GITHUB_APP_PRIVATE_KEY: privateKey,
  GITHUB_WEBHOOK_SECRET: "none at all",
  REDELIVERY_SWEEP: "false",
  LOG_LEVEL: "none"
}

/** Client and a harmless request of each service. */
const services = {
  dynamodb: ["DynamoDBClient", "GetItemCommand", '{ TableName: "t", Key: {} }'],
  sqs: ["SQSClient", "SendMessageBatchCommand", '{ QueueUrl: "http://127.0.0.1/q", Entries: [] }'],
  eventbridge: ["EventBridgeClient", "PutEventsCommand", "{ Entries: [] }"],
  "secrets-manager": ["SecretsManagerClient", "GetSecretValueCommand", '{ SecretId: "s" }']
} as const
type Service = keyof typeof services

const clients: Readonly<Record<FunctionName, ReadonlyArray<Service>>> = {
  ingress: ["sqs", "secrets-manager"],
  planner: ["dynamodb", "sqs", "eventbridge", "secrets-manager"],
  dispatcher: ["dynamodb", "sqs", "eventbridge", "secrets-manager"],
  facts: ["dynamodb", "sqs"],
  sweeper: ["dynamodb", "sqs", "eventbridge", "secrets-manager"],
  admin: ["dynamodb", "sqs", "eventbridge", "secrets-manager"]
}

/** A handler that makes its clients and answers. */
const bareSource = (used: ReadonlyArray<Service>): string => {
  const imports = used.map((service) => {
    const [client, command] = services[service]
    return `import { ${client}, ${command} } from "@aws-sdk/client-${service}"`
  })
  const made = used.map((service) => {
    const [client, command, input] = services[service]
    return `[new ${client}({}), () => new ${command}(${input})]`
  })
  return `${imports.join("\n")}
const clients = [${made.join(", ")}]
export const handler = async ({ ask }) => {
  if (ask) await Promise.all(clients.map(([client, command]) => client.send(command())))
  return { statusCode: 200, body: "{}" }
}
`
}

/** Loads a function and invokes it once, in a new process; milliseconds of both. */
const probe = `
const [file, event] = process.argv.slice(1)
const start = performance.now()
const { handler } = await import(file)
const imported = performance.now()
await handler(JSON.parse(event), { awsRequestId: "bench", getRemainingTimeInMillis: () => 10_000 })
const answered = performance.now()
process.stdout.write(JSON.stringify({ load: imported - start, answer: answered - imported }))
process.exit()
`

const health = {
  version: "2.0",
  rawPath: "/health",
  rawQueryString: "",
  headers: {},
  requestContext: {
    domainName: "bench",
    stage: "$default",
    http: { method: "GET", path: "/health", sourceIp: "192.0.2.1" }
  },
  isBase64Encoded: false
}
const events: Readonly<Record<FunctionName, object>> = {
  ingress: health,
  planner: { Records: [] },
  dispatcher: { Records: [] },
  facts: { Records: [] },
  sweeper: {},
  admin: health
}

interface Sample {
  readonly load: number
  readonly answer: number
}
const measure = (file: string, event: object, environment: Readonly<Record<string, string>>): Sample => {
  const command = ["--input-type=module", "--eval", probe, file, JSON.stringify(event)]
  return JSON.parse(execFileSync(process.execPath, command, { env: environment, encoding: "utf8" })) as Sample
}

/** Builds, measures and prints. */
export const benchLambda = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "dispatcher-bench-"))
  try {
    const built = await buildLambda(join(folder, "lambda"))
    const rows: Array<Row> = []
    for (const name of functionNames) {
      const source = join(folder, `${name}.ts`)
      const bare = join(folder, "bare", `${name}.mjs`)
      writeFileSync(source, bareSource(clients[name]))
      const bareBytes = await bundle(source, bare)
      rows.push(row(name, built.find((one) => one.name === name)?.bytes ?? 0, bareBytes, folder, bare))
    }
    printTable(
      `Lambda functions against bare handlers with the same SDK clients, median of ${rounds} cold starts`,
      [
        "function",
        "KB",
        "bare KB",
        "import ms",
        "import / bare",
        "first answer ms",
        "import with cache ms",
        "with cache / bare"
      ],
      rows
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const row = (name: FunctionName, bytes: number, bareBytes: number, folder: string, bare: string): Row => {
  const file = join(folder, "lambda", name, "index.mjs")
  const cached = { ...environment, NODE_COMPILE_CACHE: join(folder, "compiled") }
  const samples = (path: string, env: Readonly<Record<string, string>>) => () => measure(path, events[name], env)
  const ours: Array<Sample> = []
  const theirs: Array<Sample> = []
  const oursCached: Array<Sample> = []
  const theirsCached: Array<Sample> = []
  // The first ones fill the caches.
  samples(file, cached)()
  samples(bare, cached)()
  for (let round = 0; round < rounds; round++) {
    ours.push(samples(file, environment)())
    theirs.push(samples(bare, environment)())
    oursCached.push(samples(file, cached)())
    theirsCached.push(samples(bare, cached)())
  }
  const load = (all: ReadonlyArray<Sample>) => median(all.map((sample) => sample.load))
  return [
    name,
    Math.round(bytes / 1000),
    Math.round(bareBytes / 1000),
    load(ours),
    load(ours) / load(theirs),
    median(ours.map(({ answer }) => answer)),
    load(oursCached),
    load(oursCached) / load(theirsCached)
  ]
}
