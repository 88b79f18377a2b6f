/** What every operation on the tables works with: the client, the tables' names, and what we remember of their items. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import type { Item, Key, TableName } from "../../../ports/Table.ts"

export interface DynamoAccess {
  readonly client: DynamoDBClient
  readonly addresses: Readonly<Record<TableName, string>>
  readonly versions: KnownVersions
}

/**
 * The versions that items had when we last saw them, of the latest few thousand. Only guesses are made of them (`DynamoWrites.ts`), which
 * DynamoDB checks: a right one saves a request where an item is read and then replaced, a wrong one costs nothing.
 */
export class KnownVersions {
  readonly #versions = new Map<string, number>()
  readonly #most: number

  constructor(most = 5000) {
    this.#most = most
  }

  of(key: Key): number | undefined {
    return this.#versions.get(addressOf(key))
  }

  see({ key, version }: Pick<Item, "key" | "version">): void {
    this.forget(key)
    this.#versions.set(addressOf(key), version)
    if (this.#versions.size <= this.#most) return
    const [oldest] = this.#versions.keys()
    if (oldest !== undefined) this.#versions.delete(oldest)
  }

  forget(key: Key): void {
    this.#versions.delete(addressOf(key))
  }
}

const addressOf = ({ table, partition, sort }: Key): string => JSON.stringify([table, partition, sort])
