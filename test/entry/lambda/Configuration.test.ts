/** The functions' environment: what is missing is reported at once, and secrets may be elsewhere. */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import { readConfiguration } from "../../../src/entry/Configuration.ts"
import { functions } from "../../../src/entry/lambda/Configuration.ts"
import { type Found, start } from "../../../src/entry/lambda/Function.ts"

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
        // Rollup samples all queues.
        [...tables, ...queues].toSorted()
      )
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

  it.live("takes what was found elsewhere for the environment", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* startWith({ values: given, problems: [] }))
    })
  )
})
