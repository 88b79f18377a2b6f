/**
 * What the restore drill does with restored tables (infrastructure/deploy/drill.sh), on DynamoDB Local: from the event log alone, `dispatcher rebuild --aws`
 * makes lists, journeys and chains that are those of the running system. The restore itself is DynamoDB's; here the items are copied.
 */
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { BatchWriteItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb"
import { assert, layer } from "@effect/vitest"
import { Array as Arrays, ConfigProvider, Effect, Layer, Option } from "effect"
import { tableVariables } from "../../../src/adapters/aws/AwsResources.ts"
import { DynamoClient } from "../../../src/adapters/aws/dynamodb/DynamoClient.ts"
import * as DynamoTable from "../../../src/adapters/aws/dynamodb/DynamoTable.ts"
import type { DeliveryId, RunKey } from "../../../src/domain/SourceRun.ts"
import { DashboardQueries } from "../../../src/readmodel/DashboardQueries.ts"
import * as Queries from "../../../src/readmodel/Queries.ts"
import { createTable } from "../../adapters/aws/support/DynamoDbLocal.ts"
import { completeAndDeliver, idle, keyOf, until } from "../Journeys.ts"
import { scenario, shop, source, target } from "../Scenarios.ts"
import * as Bundles from "./Bundles.ts"
import { Cloud, cloud } from "./Cloud.ts"
import * as Emulators from "./Emulators.ts"
import { ifJava } from "./Java.ts"

const github = scenario([
  source(shop.repository, ["acme/deploy", "acme/payments"]),
  target("acme/deploy"),
  target("acme/payments", "inbound: []")
])
const world = cloud(github).pipe(Layer.provideMerge(Layer.merge(Bundles.layerQuick, Emulators.layer)))

/** Copies all items of a table, as a restore does. */
const copy = Effect.fnUntraced(function* (from: string, to: string) {
  const { dynamo } = yield* Emulators.Emulators
  const { Items = [] } = yield* Effect.promise(() => dynamo.send(new ScanCommand({ TableName: from })))
  for (const some of Arrays.chunksOf(Items, 25)) {
    const RequestItems = { [to]: some.map((Item) => ({ PutRequest: { Item } })) }
    yield* Effect.promise(() => dynamo.send(new BatchWriteItemCommand({ RequestItems })))
  }
  return Items.length
})

/** What the dashboard shows of the runs. */
const shown = Effect.fnUntraced(function* (
  runs: ReadonlyArray<{ readonly run: RunKey; readonly delivery: DeliveryId }>
) {
  const queries = yield* DashboardQueries
  return {
    deliveries: (yield* queries.deliveries(undefined, { limit: 50 })).rows,
    journeys: yield* Effect.forEach(runs, ({ delivery }) => queries.journey(delivery)),
    chains: yield* Effect.forEach(runs, ({ run }) => queries.chain(run, { limit: 50 })),
    choices: yield* queries.choices
  }
})

ifJava("the restored event log", () => {
  layer(world, { excludeTestServices: true, timeout: "10 minutes" })((it) => {
    it.effect("is enough for everything that the dashboard lists", () =>
      Effect.gen(function* () {
        const { environment } = yield* Cloud
        const { dynamo, dynamoUrl } = yield* Emulators.Emulators
        const first = yield* completeAndDeliver()
        const second = yield* completeAndDeliver()
        const runs = [first, second].map(({ payload, delivery }) => ({
          run: keyOf(payload),
          delivery: delivery.guid as DeliveryId
        }))
        // Accepted, planned, queued, started, denied, reported: of each run.
        yield* until(
          shown(runs),
          ({ journeys, deliveries }) =>
            deliveries.length === runs.length &&
            journeys.every((journey) => Option.exists(journey, ({ facts }) => facts.length === 6))
        )
        yield* Effect.retry(idle, { times: 2 })
        const running = yield* shown(runs)

        const drill: Record<string, string> = {}
        for (const variable of Object.values(tableVariables)) {
          drill[variable] = `${environment[variable]}-drill`
          yield* createTable(dynamo, drill[variable])
        }
        assert.isAbove(yield* copy(environment.EVENTS_TABLE ?? "", drill.EVENTS_TABLE ?? ""), 10)

        const { status, stdout, stderr } = spawnSync(
          "npm",
          ["run", "--silent", "dispatcher", "--", "rebuild", "--aws"],
          {
            cwd: join(import.meta.dirname, "../../.."),
            encoding: "utf8",
            env: {
              ...process.env,
              ...environment,
              ...drill,
              AWS_ACCESS_KEY_ID: "test",
              AWS_ENDPOINT_URL_DYNAMODB: dynamoUrl
            }
          }
        )
        assert.strictEqual(status, 0, stderr)
        assert.match(stdout, /2 runs rebuilt/)

        const restored = yield* shown(runs).pipe(
          // A layer is made once for a test: without `fresh`, these would be the queries of the running tables.
          Effect.provide(
            Layer.fresh(
              Queries.layer.pipe(
                Layer.provide(DynamoTable.layer),
                Layer.provide(Layer.succeed(DynamoClient, dynamo)),
                Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(drill)))
              )
            )
          )
        )
        assert.deepStrictEqual(restored, running)
      })
    )
  })
})
