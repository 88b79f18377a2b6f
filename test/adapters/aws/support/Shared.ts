/**
 * One server for all suites of a file: a contract suite builds its layers by itself, and a server takes too long to be built for each.
 *
 *     const dynamo = shared(DynamoDbLocal.layer)
 *     dynamo.suite("DynamoDB", () => tableContract("DynamoDB", Layer.provide(DynamoTable.layer, dynamo.layer), realTime))
 */
import { layer as testLayer } from "@effect/vitest"
import { Effect, Layer } from "effect"

export const shared = <A, E>(server: Layer.Layer<A, E>) => {
  const memoMap = Layer.makeMemoMapUnsafe()
  return {
    /** The server, wherever it is built within the suite. */
    layer: Layer.effectContext(Effect.flatMap(Effect.scope, (scope) => Layer.buildWithMemoMap(server, memoMap, scope))),
    /** Keeps the server running while the suites within run. */
    suite: (name: string, suites: () => void): void =>
      testLayer(server, { memoMap, excludeTestServices: true, timeout: "10 minutes" })(name, suites)
  }
}
