/**
 * The tables as they must be made, and the variables that name them. All three look the same; only the keys that
 * the stores write differ. What else an item holds is said in `DynamoItems.ts`.
 */
import { Config } from "effect"
import type { TableName } from "../../../ports/Table.ts"

/** The attributes that DynamoDB itself must know of. */
export const tableSchema = {
  partitionKey: { name: "pk", type: "S" },
  sortKey: { name: "sk", type: "S" },
  /** Time to live, seconds since the epoch. DynamoDB removes expired items within days; until then the Table hides them. */
  timeToLive: "expiresAt"
} as const

/** The environment variables that hold the tables' names (or ARNs). */
export const tableVariables = {
  ledger: "LEDGER_TABLE",
  events: "EVENTS_TABLE",
  projections: "PROJECTIONS_TABLE"
} as const satisfies Readonly<Record<TableName, string>>

/** The tables' names, from the environment. */
export const tableAddresses: Config.Config<Readonly<Record<TableName, string>>> = Config.all({
  ledger: Config.NonEmptyString(tableVariables.ledger),
  events: Config.NonEmptyString(tableVariables.events),
  projections: Config.NonEmptyString(tableVariables.projections)
})
