/** The functions' environment: what is missing is reported at once, and secrets may be elsewhere. */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import { readConfiguration } from "../../../src/entry/Configuration.ts"
import { functions } from "../../../src/entry/lambda/Configuration.ts"
import { type Found, start } from "../../../src/entry/lambda/Function.ts"
import { AlarmMetrics } from "../../../src/ports/AlarmMetrics.ts"
import { metricsIn } from "../../fixtures/EmbeddedMetrics.ts"

/** What goes to standard output meanwhile. */
const written = (work: () => Promise<void>) =>
  Effect.promise(async () => {
    const { write } = process.stdout
    const lines: Array<string> = []
    process.stdout.write = (line) => lines.push(String(line)) > 0
    try {
      await work()
    } finally {
      process.stdout.write = write
    }
    return lines
  })

const environment = (values: Readonly<Record<string, string>>) =>
  ConfigProvider.layer(ConfigProvider.fromUnknown(values))

const problemsOf = (name: keyof typeof functions) =>
  readConfiguration(functions[name]).pipe(
    Effect.flip,
    Effect.map(({ problems }) => problems.map(({ variable }) => variable).toSorted()),
    Effect.provide(environment({}))
  )

const tables = ["EVENTS_TABLE", "LEDGER_TABLE", "PROJECTIONS_TABLE"]
const queues = ["PLAN", "ORDER", "REPORT", "FACT"].flatMap((name) => [
  `${name}_QUEUE_URL`,
  `${name}_DEAD_LETTER_QUEUE_URL`
])
const app = ["GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"]

describe("the functions' configuration", () => {
  it.effect("names everything that is missing, at once, and asks each function for no more than it needs", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* problemsOf("ingress"), ["GITHUB_WEBHOOK_SECRET", "PLAN_QUEUE_URL"])
      assert.deepStrictEqual(
        yield* problemsOf("dispatcher"),
        [
          ...[...tables, ...app, "EVENT_BUS_NAME", "ORDER_DEAD_LETTER_QUEUE_URL", "ORDER_QUEUE_URL"],
          ...["REPORT_DEAD_LETTER_QUEUE_URL", "REPORT_QUEUE_URL"]
        ].toSorted()
      )
      assert.deepStrictEqual(
        yield* problemsOf("facts"),
        [...tables, "FACT_DEAD_LETTER_QUEUE_URL", "FACT_QUEUE_URL"].toSorted()
      )
      // It samples all queues.
      assert.deepStrictEqual(yield* problemsOf("rollup"), [...tables, ...queues].toSorted())
      assert.deepStrictEqual(
        yield* problemsOf("sweeper"),
        [...tables, ...app, "EVENT_BUS_NAME", "REPORT_QUEUE_URL"].toSorted()
      )
    })
  )

  const given = Object.fromEntries([...tables, ...queues].map((n) => [n, "x"]))
  const startWith = (found: Found) =>
    Effect.promise(() =>
      start({ variables: functions.facts, secrets: Effect.succeed(found), layer: () => Layer.empty }).then(
        () => undefined,
        (error: Error) => error.message
      )
    )

  it.live("says what is wrong with secrets together with everything else", () =>
    Effect.gen(function* () {
      const problems = [{ variable: "ADMIN_TOKEN_ARN", message: "cannot be read: AccessDenied" }]
      const message = (yield* startWith({ values: {}, problems })) ?? ""
      assert.include(message, "ADMIN_TOKEN_ARN")
      assert.include(message, "LEDGER_TABLE")
    })
  )

  it.live("publishes what an invocation has recorded, in one line at its end", () =>
    Effect.gen(function* () {
      const lines = yield* written(async () => {
        const parts = { variables: functions.facts, secrets: Effect.succeed({ values: given, problems: [] }) }
        const { run } = await start({ ...parts, layer: () => Layer.empty })
        const conflict = Effect.flatMap(AlarmMetrics, ({ count }) => count("WriteConflicts"))
        const invocation = { awsRequestId: "1", getRemainingTimeInMillis: () => 1000 }
        await run(Effect.andThen(conflict, conflict), invocation)
        await run(Effect.void, invocation)
      })
      const { dimensions, values } = metricsIn(lines.filter((line) => line.includes("_aws")).join())
      assert.deepStrictEqual([dimensions, values], [{ Deployment: "dispatcher" }, { WriteConflicts: 2 }])
    })
  )

  it.live("takes what was found elsewhere for the environment", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* startWith({ values: given, problems: [] }))
    })
  )
})
