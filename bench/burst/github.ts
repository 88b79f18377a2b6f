/**
 * The GitHub of a burst, as a process of its own: a repository with 12 workflows, each of which starts one in a repository of its own, all of one
 * installation. Once it is given the address of webhooks it delivers the burst, and says what became of it when all is started.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, References } from "effect"
import * as SandboxModule from "../../src/sandbox/Sandbox.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import type { ScenarioInput } from "../../src/sandbox/Scenario.ts"
import { type Burst, burst, targets } from "./Burst.ts"

const indices = Array.from({ length: targets }, (_, index) => index)
const outbound = indices.map((index) => ({
  source: { workflow: `ci-${index}.yml` },
  targets: [{ repository: `target-${index}`, workflow: "cd.yml" }]
}))
const scenario: ScenarioInput = {
  app: { id: 4711, slug: "dispatcher-bench", webhookSecret: "the secret of the bench" },
  installations: [{ id: 101, account: "acme" }],
  repositories: [
    {
      name: "acme/shop",
      files: {
        ...Object.fromEntries(indices.map((index) => [`.github/workflows/ci-${index}.yml`, "on: push"])),
        "dispatching.yml": JSON.stringify({ outbound })
      }
    },
    ...indices.map((index) => ({
      name: `acme/target-${index}`,
      files: {
        ".github/workflows/cd.yml": "on: { workflow_dispatch: {} }",
        "dispatching.yml": JSON.stringify({
          inbound: [{ source: { repository: "shop", workflow: `ci-${index}.yml` }, targets: [{ workflow: "cd.yml" }] }]
        })
      }
    }))
  ]
}

const nextMessage = Effect.callback<unknown>((resume) => {
  process.once("message", (message) => resume(Effect.succeed(message)))
})

const deliverBurst = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const payloads = yield* Effect.forEach(Array.from({ length: burst }).keys(), (index) =>
    sandbox.completeRun({ repository: "acme/shop", workflow: `ci-${index % targets}.yml` })
  )
  const started = yield* sandbox.startedRuns()
  const asked = yield* sandbox.requests
  const begin = performance.now()
  yield* Effect.forEach(payloads, (payload) => sandbox.deliver(payload), { concurrency: 32 })
  const delivered = performance.now()
  yield* sandbox
    .startedRuns()
    .pipe(Effect.delay("5 millis"), Effect.repeat({ until: (runs) => runs.length - started.length >= burst }))
  const end = performance.now()
  const requests = (yield* sandbox.requests).slice(asked.length)
  return {
    seconds: (end - begin) / 1000,
    deliveredAfter: (delivered - begin) / 1000,
    graphql: requests.filter(({ path }) => path === "/graphql").length,
    requests: requests.length
  } satisfies Burst
})

const main = Effect.gen(function* () {
  const { app, url, setWebhookUrl } = yield* Sandbox
  process.send?.({ app, url })
  yield* setWebhookUrl(String(yield* nextMessage))
  for (;;) {
    const result = yield* deliverBurst
    process.send?.(result)
    yield* nextMessage
  }
})

NodeRuntime.runMain(
  Effect.provide(
    main,
    SandboxModule.layer({ scenario }).pipe(Layer.provide(Layer.succeed(References.MinimumLogLevel, "None")))
  )
)
