/**
 * The service on AWS, beside a sandbox GitHub: the built functions, each in processes and with permissions of its own; API Gateway before
 * ingress and admin; pollers between the queues and the others; EventBridge's rule from the bus to the fact queue. Everything they do passes
 * by the faults of the test.
 */
import type { IncomingHttpHeaders } from "node:http"
import { SendMessageCommand } from "@aws-sdk/client-sqs"
import { ConfigProvider, Context, Effect, Layer, References } from "effect"
import { type FunctionName, functionNames } from "../../../scripts/build-lambda.ts"
import { queueVariables } from "../../../src/adapters/aws/AwsResources.ts"
import { DynamoClient } from "../../../src/adapters/aws/dynamodb/DynamoClient.ts"
import * as DynamoTable from "../../../src/adapters/aws/dynamodb/DynamoTable.ts"
import { SqsClient } from "../../../src/adapters/aws/sqs/SqsClient.ts"
import * as SqsQueue from "../../../src/adapters/aws/sqs/SqsQueue.ts"
import * as Ledger from "../../../src/ledger/Ledger.ts"
import * as Queries from "../../../src/readmodel/Queries.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import type { ScenarioInput } from "../../../src/sandbox/Scenario.ts"
import { Script } from "../../../src/testing/FaultScript.ts"
import * as AwsStubModule from "../../adapters/aws/AwsStub.ts"
import { AwsStub } from "../../adapters/aws/AwsStub.ts"
import { type Collected, collector } from "../Collector.ts"
import { type Gate, proxy } from "../Proxy.ts"
import { github } from "../World.ts"
import { Bundles } from "./Bundles.ts"
import { Emulators, provision } from "./Emulators.ts"
import { type InvocationFailed, type LambdaFunction, lambda } from "./Functions.ts"
import { gateway } from "./Gateway.ts"
import { consumes, Permissions } from "./Permissions.ts"
import { batches, poll } from "./Poller.ts"

/** What a test can do to the service on AWS, other than through GitHub. */
export class Cloud extends Context.Service<
  Cloud,
  {
    readonly url: string
    readonly functions: Readonly<Record<FunctionName, LambdaFunction>>
    /** What each function was allowed to do, and did, and what it was not. */
    readonly permissions: Permissions
    /** EventBridge's schedule, which leaves what fails to its next time. */
    readonly tick: (name: "rollup" | "sweeper") => Effect.Effect<unknown, InvocationFailed>
    readonly environment: Readonly<Record<string, string>>
    /** What goes wrong with all that passes ({@link requests}), and with batches of messages ({@link batches}). */
    readonly faults: Script
    /** Ends all functions where they are. */
    readonly kill: () => void
    /** What they have sent to their collector. */
    readonly collected: Effect.Effect<Collected>
    /** What came to GitHub with all requests so far. */
    readonly sentToGitHub: ReadonlyArray<IncomingHttpHeaders>
    /** What the functions have logged. */
    readonly said: Effect.Effect<string>
  }
>()("dispatcher/test/e2e/aws/Cloud") {}

const arns = {
  webhook: "arn:aws:secretsmanager:us-east-1:0:secret:webhook",
  key: "arn:aws:secretsmanager:us-east-1:0:secret:key",
  token: "arn:aws:secretsmanager:us-east-1:0:secret:token"
}
/** All that passes between the functions and the rest of the world. */
export const requests = new RegExp(`^(?!${batches}$)`)

/** Opens the dashboard. */
export const adminToken = "the token of the end-to-end tests"

/** The environment of all functions; a function reads what it needs. Reading secrets is part of the start, in which nothing goes wrong. */
const environmentOf = Effect.fnUntraced(function* (
  faults: Script,
  sentToGitHub: Array<IncomingHttpHeaders>,
  permissions: Permissions,
  visibilityTimeout: number
) {
  const watch: Gate = ({ headers }) => Effect.sync(() => void sentToGitHub.push(headers))
  const sandbox = yield* Sandbox
  const emulators = yield* Emulators
  const stub = yield* AwsStub
  yield* stub.setSecret(arns.webhook, { text: sandbox.app.webhookSecret })
  yield* stub.setSecret(arns.key, { text: sandbox.app.privateKeyPem })
  yield* stub.setSecret(arns.token, { text: adminToken })
  const environment: Record<string, string> = {
    ...(yield* provision(visibilityTimeout)),
    AWS_REGION: "us-east-1",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL_DYNAMODB: yield* proxy(emulators.dynamoUrl, faults, permissions.check),
    AWS_ENDPOINT_URL_SQS: yield* proxy(emulators.sqsUrl, faults, permissions.check),
    AWS_ENDPOINT_URL_EVENTBRIDGE: yield* proxy(stub.url, faults, permissions.check),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: yield* proxy(stub.url, new Script(), permissions.check),
    EVENT_BUS_NAME: "facts",
    GITHUB_API_URL: yield* proxy(sandbox.url, faults, watch),
    GITHUB_APP_ID: String(sandbox.app.id),
    GITHUB_APP_PRIVATE_KEY_ARN: arns.key,
    GITHUB_WEBHOOK_SECRET_ARN: arns.webhook,
    ADMIN_TOKEN_ARN: arns.token,
    APP_VERSION: "e2e",
    LOG_LEVEL: "warn"
  }
  permissions.name(environment)
  return environment
})

/** EventBridge's rule: all that is on the bus goes into the fact queue. */
const forwardFacts = Effect.fnUntraced(function* (QueueUrl: string) {
  const { sqs } = yield* Emulators
  const { events } = yield* AwsStub
  let forwarded = 0
  return yield* Effect.gen(function* () {
    const all = yield* events
    for (const MessageBody of all.slice(forwarded)) {
      yield* Effect.promise(() => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody })))
      forwarded += 1
    }
    yield* Effect.sleep("20 millis")
  }).pipe(Effect.forever)
})

/** How the functions run, where it is not one version of each, for one batch of a queue after the other. */
export interface Deployment {
  /** What a function's name leads to. */
  readonly deploy: typeof lambda
  /** How many batches of a queue are in hand at once. */
  readonly batchesAtOnce: number
}

const make = Effect.fnUntraced(function* (visibilityTimeout: number, { deploy, batchesAtOnce }: Deployment) {
  const faults = new Script({ keepsCalls: false })
  const { sqs } = yield* Emulators
  const bundles = yield* Bundles
  const { url: telemetry, collected } = yield* collector
  const sentToGitHub: Array<IncomingHttpHeaders> = []
  const permissions = new Permissions()
  const provisioned = yield* environmentOf(faults, sentToGitHub, permissions, visibilityTimeout)
  const environment: Record<string, string> = { ...provisioned, OTEL_EXPORTER_OTLP_ENDPOINT: telemetry }
  const started = yield* Effect.forEach(functionNames, (name) =>
    Effect.map(deploy(bundles[name], { ...environment, AWS_ACCESS_KEY_ID: name }), (each) => [name, each] as const)
  )
  const functions = Object.fromEntries(started) as Record<FunctionName, LambdaFunction>
  const all = Object.values(functions)
  for (const [name, { url }] of Object.entries(queueVariables)) {
    const consumer = functionNames.find((one) => consumes(one, name))
    if (consumer === undefined) return yield* Effect.die(`nothing works off the queue ${name}`)
    yield* Effect.forkScoped(poll(sqs, environment[url] ?? "", functions[consumer], faults, batchesAtOnce))
  }
  yield* Effect.forkScoped(forwardFacts(environment.FACT_QUEUE_URL ?? ""))
  const url = yield* gateway((path) => (path.startsWith("/admin") ? functions.admin : functions.ingress))
  yield* Sandbox.use(({ setWebhookUrl }) => setWebhookUrl(`${url}/webhooks/github`))
  return Cloud.of({
    url,
    functions,
    permissions,
    tick: (name) => functions[name].invoke({ source: "aws.events", "detail-type": "Scheduled Event", detail: {} }),
    environment,
    faults,
    kill: () => {
      for (const each of all) each.kill()
    },
    collected,
    sentToGitHub,
    said: Effect.sync(() => all.map(({ said }) => said()).join("\n"))
  })
})

/** What the tests look at: the stores of the cloud, past its proxies. */
const stores = Layer.unwrap(
  Effect.gen(function* () {
    const { dynamo, sqs } = yield* Emulators
    const { environment } = yield* Cloud
    return Layer.mergeAll(
      Ledger.layer,
      Queries.layer,
      SqsQueue.layerPlan,
      SqsQueue.layerOrder,
      SqsQueue.layerReport,
      SqsQueue.layerFact
    ).pipe(
      Layer.provideMerge(DynamoTable.layer),
      Layer.provide([Layer.succeed(DynamoClient, dynamo), Layer.succeed(SqsClient, sqs)]),
      Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(environment)))
    )
  })
)

/** Longer than a function needs to start on a busy machine; tests that kill functions do not want to wait for so long. */
const patient = 12

/** Sandbox and cloud, in the emulators that are there. */
export const cloud = (
  scenario: ScenarioInput,
  visibilityTimeout = patient,
  { deploy = lambda, batchesAtOnce = 1 }: Partial<Deployment> = {}
) =>
  stores.pipe(
    Layer.provideMerge(Layer.effect(Cloud, make(visibilityTimeout, { deploy, batchesAtOnce }))),
    Layer.provideMerge(AwsStubModule.layer),
    Layer.provideMerge(github(scenario)),
    Layer.provide(Layer.succeed(References.MinimumLogLevel, "None"))
  )
