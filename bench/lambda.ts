/**
 * What a cold start of each Lambda function costs: the size of its bundle, the time to import it, the time of its first invocation and the
 * heap after it, against a bare handler that makes the same SDK clients, bundled by plain esbuild. Every measurement is a process of its own.
 * Functions are as the image has them, with the code that V8 made in the build, but for "not compiled"; "bare, cached" is the bare handler
 * with Node's own cache of compiled code.
 */
import { execFileSync } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build } from "esbuild"
import { buildLambda, bundling, type FunctionName, functionNames } from "../scripts/build-lambda.ts"
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
  rollup: ["dynamodb", "sqs"],
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

/** Bundles one into a module; some packages ask for Node's modules by `require`. */
const buildBare = async (name: FunctionName, folder: string): Promise<string> => {
  const source = join(folder, `${name}.ts`)
  const outfile = join(folder, "bare", `${name}.mjs`)
  writeFileSync(source, bareSource(clients[name]))
  const banner = { js: 'import{createRequire as $require}from"node:module";const require=$require(import.meta.url);' }
  await build({ ...bundling, entryPoints: [source], outfile, format: "esm", banner })
  return outfile
}

/** What Lambda's runtime starts Node with, as far as V8's code depends on it. */
const flags = ["--expose-gc"]

/** Loads a function and invokes it once, in a new process; milliseconds of both, and the megabytes that it then keeps. */
const probe = `
const [file, event] = process.argv.slice(1)
const start = performance.now()
const { handler } = await import(file)
const imported = performance.now()
await handler(JSON.parse(event), { awsRequestId: "bench", getRemainingTimeInMillis: () => 10_000 })
const answered = performance.now()
gc()
const heap = process.memoryUsage().heapUsed / 1_000_000
process.stdout.write(JSON.stringify({ load: imported - start, answer: answered - imported, heap }))
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
  rollup: { Records: [] },
  sweeper: {},
  admin: health
}

interface Sample {
  readonly load: number
  readonly answer: number
  readonly heap: number
}
const measure = (file: string, event: object, environment: Readonly<Record<string, string>>): Sample => {
  const command = [...flags, "--input-type=module", "--eval", probe, file, JSON.stringify(event)]
  return JSON.parse(execFileSync(process.execPath, command, { env: environment, encoding: "utf8" })) as Sample
}

/** As the image build does it. */
const warm = (folder: string): void => {
  const command = [...flags, join(import.meta.dirname, "../scripts/lambda/warm.mjs")]
  execFileSync(process.execPath, command, { env: { FUNCTIONS: folder } })
}

const kilobytes = (file: string): number => Math.round(statSync(file).size / 1000)

const row = (name: FunctionName, shipped: string, plain: string, bare: string, cache: string): Row => {
  const ways = {
    shipped: [join(shipped, name, "index.mjs"), environment],
    plain: [join(plain, name, "index.mjs"), environment],
    bare: [bare, environment],
    bareCached: [bare, { ...environment, NODE_COMPILE_CACHE: cache }]
  } as const
  type Way = keyof typeof ways
  const samples: Record<Way, Array<Sample>> = { shipped: [], plain: [], bare: [], bareCached: [] }
  // The first round fills what is cached.
  for (let round = 0; round <= rounds; round++) {
    for (const way of Object.keys(ways) as Array<Way>) {
      const sample = measure(ways[way][0], events[name], ways[way][1])
      if (round > 0) samples[way].push(sample)
    }
  }
  const typical = (way: Way, of: keyof Sample) => median(samples[way].map((sample) => sample[of]))
  return [
    name,
    kilobytes(join(shipped, name, "function.js")),
    kilobytes(join(shipped, name, "compiled")),
    kilobytes(bare),
    typical("shipped", "load"),
    typical("shipped", "load") / typical("bare", "load"),
    typical("shipped", "load") / typical("bareCached", "load"),
    typical("plain", "load") / typical("bare", "load"),
    typical("shipped", "answer"),
    typical("shipped", "heap"),
    typical("shipped", "heap") / typical("bare", "heap")
  ]
}

/** Builds, measures and prints. */
export const benchLambda = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "dispatcher-bench-"))
  try {
    const [shipped, plain] = [join(folder, "shipped"), join(folder, "plain")]
    for (const one of [shipped, plain]) await buildLambda(one)
    warm(shipped)
    const rows: Array<Row> = []
    for (const name of functionNames) {
      rows.push(row(name, shipped, plain, await buildBare(name, folder), join(folder, "cache")))
    }
    printTable(
      `Lambda functions against bare handlers with the same SDK clients, median of ${rounds} cold starts`,
      [
        "function",
        "KB",
        "compiled KB",
        "bare KB",
        "import ms",
        "/ bare",
        "/ bare, cached",
        "not compiled / bare",
        "first answer ms",
        "heap MB",
        "/ bare"
      ],
      rows
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
