/** Configs in memory. */
import { Effect, Layer } from "effect"
import type { ConfigAnswer } from "../../domain/Config.ts"
import { type RepositoryName, repositoryKey } from "../../domain/Names.ts"
import { ConfigSource } from "../../ports/ConfigSource.ts"

/** Answers from a map; what is not in it does not exist on GitHub. */
export const layerMemory = (answers: ReadonlyMap<RepositoryName, ConfigAnswer>): Layer.Layer<ConfigSource> => {
  const byKey = new Map([...answers].map(([name, answer]) => [repositoryKey(name), answer]))
  const unknown: ConfigAnswer = { _tag: "Unreachable", reason: "not_found", message: "Not Found", transient: false }
  return Layer.succeed(ConfigSource, {
    load: (repositories) =>
      Effect.sync(
        () => new Map(repositories.map((name) => [repositoryKey(name), byKey.get(repositoryKey(name)) ?? unknown]))
      )
  })
}
