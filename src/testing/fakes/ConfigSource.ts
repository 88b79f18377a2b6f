/** Configs in memory. */
import { Context, Effect, Layer } from "effect"
import type { ConfigAnswer } from "../../domain/Config.ts"
import { type RepositoryName, repositoryKey } from "../../domain/Names.ts"
import { ConfigSource } from "../../ports/ConfigSource.ts"

/** What repositories answer from now on when they are asked for their config. */
export class StoredConfigs extends Context.Service<
  StoredConfigs,
  {
    /** Lets a repository answer so. */
    readonly set: (repository: RepositoryName, answer: ConfigAnswer) => Effect.Effect<void>
  }
>()("dispatcher/testing/fakes/StoredConfigs") {}

const unknown: ConfigAnswer = { _tag: "Unreachable", reason: "not_found", message: "Not Found", transient: false }

/** Answers from a map; what is not in it does not exist on GitHub. */
export const layerMemory = (
  answers: ReadonlyMap<RepositoryName, ConfigAnswer>
): Layer.Layer<ConfigSource | StoredConfigs> =>
  Layer.effectContext(
    Effect.sync(() => {
      const byKey = new Map([...answers].map(([name, answer]) => [repositoryKey(name), answer]))
      return Context.make(ConfigSource, {
        load: (repositories) =>
          Effect.sync(
            () => new Map(repositories.map((name) => [repositoryKey(name), byKey.get(repositoryKey(name)) ?? unknown]))
          )
      }).pipe(
        Context.add(StoredConfigs, {
          set: (repository, answer) => Effect.sync(() => void byKey.set(repositoryKey(repository), answer))
        })
      )
    })
  )
