/**
 * `dispatcher rebuild`: makes the dashboard's read models anew from the event log. On one machine the server must be stopped, since only one process may have
 * the database; on AWS the functions go on working beside it.
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { Config, Console, Effect, Layer } from "effect"
import { Command, Flag } from "effect/cli"
import * as Sqlite from "../../adapters/local/Sqlite.ts"
import { layerTable } from "../../adapters/local/SqliteTable.ts"
import { counted } from "../../domain/Sentence.ts"
import { rebuild } from "../../readmodel/Rebuild.ts"
import { readConfiguration, variables } from "../Configuration.ts"
import { environment } from "./Environment.ts"
import { CommandFailed, failed } from "./Failures.ts"
import { mark } from "./Terminal.ts"

/** The database of `DATA_DIR`. */
const layerLocal = Layer.unwrap(
  Effect.gen(function* () {
    const { DATA_DIR } = yield* environment({ DATA_DIR: variables.DATA_DIR })
    const path = join(DATA_DIR, "dispatcher.db")
    if (!existsSync(path)) return yield* new CommandFailed({ message: `There is no ${path}` })
    return layerTable.pipe(Layer.provide(Sqlite.layer(path)))
  })
)

/** That the environment names all tables; what it leaves out is named at once. */
const namedTables = (names: ReadonlyArray<string>) =>
  Effect.mapError(
    readConfiguration(Object.fromEntries(names.map((name) => [name, Config.NonEmptyString(name)]))),
    ({ problems }) =>
      failed({
        message: [
          ...problems.map(({ variable, message }) => `${variable} ${message}`),
          "The facts function's environment has them."
        ].join("\n")
      })
  )

/** The tables that the environment names, as in the functions. The SDK is loaded only where it is asked for; the server's image has none. */
const layerAws = Layer.unwrap(
  Effect.gen(function* () {
    const { client, table, tableVariables } = yield* Effect.tryPromise({
      try: async () => ({
        ...(await import("../../adapters/aws/AwsResources.ts")),
        table: await import("../../adapters/aws/dynamodb/DynamoTable.ts"),
        client: await import("../../adapters/aws/dynamodb/DynamoClient.ts")
      }),
      catch: (cause) =>
        new CommandFailed({
          message: `--aws needs the AWS SDK; use the npm package, not the server's image (${cause})`
        })
    })
    yield* namedTables(Object.values(tableVariables))
    return table.layer.pipe(Layer.provide(client.layer))
  })
)

/** Rebuilds everything, and prints how far it is. */
const rebuildAll = Effect.gen(function* () {
  const { runs, older } = yield* rebuild(({ part, parts, runs: done }) =>
    Console.log(`${part} of ${parts}  ${counted(done, "run")}`)
  )
  const taken = older === 0 ? "" : `; ${counted(older, "fact")} of an older version taken over`
  yield* Console.log(`${mark(true)} ${counted(runs, "run")} rebuilt${taken}.`)
})

export const command = Command.make(
  "rebuild",
  {
    aws: Flag.Boolean("aws").pipe(
      Flag.withDescription("The tables that EVENTS_TABLE, PROJECTIONS_TABLE and LEDGER_TABLE name, not DATA_DIR"),
      Flag.withDefault(false)
    )
  },
  ({ aws }) =>
    Effect.mapError(aws ? Effect.provide(rebuildAll, layerAws) : Effect.provide(rebuildAll, layerLocal), failed)
).pipe(
  Command.withDescription("Make the dashboard's lists and figures anew from the event log"),
  Command.withExamples([
    { command: "dispatcher rebuild", description: "After an update that says so, with the server stopped" }
  ])
)
