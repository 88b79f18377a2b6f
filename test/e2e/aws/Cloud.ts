/**
 * The service on AWS, beside a sandbox GitHub: the built functions, each in processes of its own; API Gateway before ingress; pollers
 * between the queues and the others; EventBridge's rule from the bus to the fact queue. Everything they do passes by the rule of the test.
 */
import type { IncomingHttpHeaders } from "node:http"
import { SendMessageCommand } from "@aws-sdk/client-sqs"
import { ConfigProvider, Context, Effect, Layer, References } from "effect"
import { DynamoClient } from "../../../src/adapters/aws/DynamoClient.ts"
import * as DynamoTable from "../../../src/adapters/aws/DynamoTable.ts"
import { SqsClient } from "../../../src/adapters/aws/SqsClient.ts"
import * as SqsQueue from "../../../src/adapters/aws/SqsQueue.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import type { ScenarioInput } from "../../../src/sandbox/Scenario.ts"
import * as Ledger from "../../../src/store/Ledger.ts"
import * as ReadingsLayer from "../../../src/store/readings/ReadingsLayer.ts"
import * as AwsStubModule from "../../adapters/aws/AwsStub.ts"
import { AwsStub } from "../../adapters/aws/AwsStub.ts"
import { type Collected, collector } from "../Collector.ts"
import { proxy, type Rule } from "../Proxy.ts"
import { github } from "../World.ts"
import { Bundles } from "./Bundles.ts"
import { Emulators, provision } from "./Emulators.ts"
import { type LambdaFunction, lambda } from "./Functions.ts"
import { gateway } from "./Gateway.ts"
import { poll, type Trouble } from "./Poller.ts"

/** What a test can do to the service on AWS, other than through GitHub. */
export class Cloud extends Context.Service<
  Cloud,
  {
    readonly url: string
    readonly ingress: LambdaFunction
    readonly facts: LambdaFunction
    readonly environment: Readonly<Record<string, string>>
    /** What happens from now on; without it, all goes well. */
    readonly weather: (weather?: Weather) => Effect.Effect<void>
    /** Ends all functions where they are. */
    readonly kill: () => void
    /** What they have told their collector. */
    readonly collected: Effect.Effect<Collected>
    /** What came to GitHub with all requests so far. */
    readonly sentToGitHub: ReadonlyArray<IncomingHttpHeaders>
    /** What the functions have logged. */
    readonly said: Effect.Effect<string>
  }
>()("dispatcher/test/e2e/aws/Cloud") {}

const arns = {
  webhook: "arn:aws:secretsmanager:us-east-1:0:secret:webhook",
  key: "arn:aws:secretsmanager:us-east-1:0:secret:key"
}

/** The environment of all functions; a function reads what it needs. */
const environmentOf = Effect.fnUntraced(function* (
  rule: Rule,
  sentToGitHub: Array<IncomingHttpHeaders>,
  visibilityTimeout: number
) {
  const watched: Rule = (passing) => {
    if (passing.moment === "before") sentToGitHub.push(passing.headers)
    return rule(passing)
  }
  const sandbox = yield* Sandbox
  const emulators = yield* Emulators
  const stub = yield* AwsStub
  yield* stub.setSecret(arns.webhook, { text: sandbox.app.webhookSecret })
  yield* stub.setSecret(arns.key, { text: sandbox.app.privateKeyPem })
  return {
    ...(yield* provision(visibilityTimeout)),
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL_DYNAMODB: yield* proxy(emulators.dynamoUrl, rule),
    AWS_ENDPOINT_URL_SQS: yield* proxy(emulators.sqsUrl, rule),
    AWS_ENDPOINT_URL_EVENTBRIDGE: yield* proxy(stub.url, rule),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: stub.url,
    EVENT_BUS_NAME: "facts",
    GITHUB_API_URL: yield* proxy(sandbox.url, watched),
    GITHUB_APP_ID: String(sandbox.app.id),
    GITHUB_APP_SLUG: sandbox.app.slug,
    GITHUB_APP_PRIVATE_KEY_ARN: arns.key,
    GITHUB_WEBHOOK_SECRET_ARN: arns.webhook,
    APP_VERSION: "e2e",
    LOG_LEVEL: "warn"
  } as Record<string, string>
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

/** What goes wrong with messages, and with all that passes. */
export type Weather = Trouble & { readonly rule?: Rule }
const fair: Required<Weather> = { twice: false, backwards: false, rule: () => "pass" }

const make = Effect.fnUntraced(function* (visibilityTimeout: number) {
  let weather = fair
  const { sqs } = yield* Emulators
  const bundles = yield* Bundles
  const { url: telemetry, collected } = yield* collector
  const sentToGitHub: Array<IncomingHttpHeaders> = []
  const provisioned = yield* environmentOf((passing) => weather.rule(passing), sentToGitHub, visibilityTimeout)
  const environment: Record<string, string> = { ...provisioned, OTEL_EXPORTER_OTLP_ENDPOINT: telemetry }
  const [ingress, planner, dispatcher, facts] = yield* Effect.all([
    lambda(bundles.ingress, environment),
    lambda(bundles.planner, environment),
    lambda(bundles.dispatcher, environment),
    lambda(bundles.facts, environment)
  ])
  const all = [ingress, planner, dispatcher, facts]
  const { PLAN_QUEUE_URL = "", ORDER_QUEUE_URL = "", FACT_QUEUE_URL = "" } = environment
  yield* Effect.forkScoped(poll(sqs, PLAN_QUEUE_URL, planner, () => weather))
  yield* Effect.forkScoped(poll(sqs, ORDER_QUEUE_URL, dispatcher, () => weather))
  yield* Effect.forkScoped(poll(sqs, FACT_QUEUE_URL, facts, () => weather))
  yield* Effect.forkScoped(forwardFacts(FACT_QUEUE_URL))
  const url = yield* gateway(ingress)
  yield* Sandbox.use(({ setWebhookUrl }) => setWebhookUrl(`${url}/webhooks/github`))
  return Cloud.of({
    url,
    ingress,
    facts,
    environment,
    weather: (next = fair) =>
      Effect.sync(() => {
        weather = { ...fair, ...next }
      }),
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
      ReadingsLayer.layer,
      SqsQueue.layerPlan,
      SqsQueue.layerOrder,
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
export const cloud = (scenario: ScenarioInput, visibilityTimeout = patient) =>
  stores.pipe(
    Layer.provideMerge(Layer.effect(Cloud, make(visibilityTimeout))),
    Layer.provideMerge(AwsStubModule.layer),
    Layer.provideMerge(github(scenario)),
    Layer.provide(Layer.succeed(References.MinimumLogLevel, "None"))
  )
