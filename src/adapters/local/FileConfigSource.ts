/**
 * Configs from a folder, for who wants to know before anything is on GitHub: `FOLDER/owner/name/dispatching.yml`, or
 * `FOLDER/owner/name/.github/dispatching.yml`. Names compare without case, as they do on GitHub.
 */
import { Effect, FileSystem, Layer, Path, Result } from "effect"
import { type ConfigAnswer, configPaths, misnamedHint, misnamedPaths } from "../../domain/Config.ts"
import { parseConfig } from "../../domain/ConfigFile.ts"
import { asciiLowerCase, ownerOf, type RepositoryName, repositoryKey, shortNameOf } from "../../domain/Names.ts"
import { ConfigSource } from "../../ports/ConfigSource.ts"

const unreachable = (reason: "not_found" | "unavailable", message: string): ConfigAnswer => ({
  _tag: "Unreachable",
  reason,
  message,
  transient: false
})

const make = Effect.fnUntraced(function* (folder: string, defaultBranch: string) {
  const files = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path

  /** The folder of this name in another, whatever its case. */
  const subfolder = Effect.fnUntraced(function* (parent: string | undefined, name: string) {
    if (parent === undefined || !(yield* files.exists(parent))) return undefined
    const entries = yield* files.readDirectory(parent)
    const found =
      entries.find((entry) => entry === name) ?? entries.find((entry) => asciiLowerCase(entry) === asciiLowerCase(name))
    return found === undefined ? undefined : join(parent, found)
  })

  const read = Effect.fnUntraced(function* (name: RepositoryName) {
    const repository = yield* subfolder(yield* subfolder(folder, ownerOf(name)), shortNameOf(name))
    if (repository === undefined) return unreachable("not_found", `there is no folder ${join(folder, name)}`)
    for (const path of configPaths) {
      const file = join(repository, path)
      if (!(yield* files.exists(file))) continue
      // Git has a link's target for the content of a link, and so has GitHub.
      const text = yield* Effect.catch(files.readLink(file), () => files.readFileString(file))
      return Result.match(parseConfig(text), {
        onSuccess: (config): ConfigAnswer => ({ _tag: "Found", config, path, defaultBranch }),
        onFailure: (issues): ConfigAnswer => ({ _tag: "Invalid", path, issues })
      })
    }
    const [misnamed] = yield* Effect.filter(misnamedPaths, (path) => files.exists(join(repository, path)))
    const answer: ConfigAnswer =
      misnamed === undefined ? { _tag: "Absent" } : { _tag: "Absent", hint: misnamedHint(misnamed) }
    return answer
  })

  const answer = (name: RepositoryName) =>
    read(name).pipe(
      Effect.catch((error) => Effect.succeed(unreachable("unavailable", error.message))),
      Effect.map((config) => [repositoryKey(name), config] as const)
    )

  return ConfigSource.of({
    load: (repositories) => Effect.map(Effect.forEach(repositories, answer), (entries) => new Map(entries))
  })
})

/** Every repository's default branch is `defaultBranch`: files do not have one. */
export const layer = (
  folder: string,
  defaultBranch = "main"
): Layer.Layer<ConfigSource, never, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(ConfigSource, make(folder, defaultBranch))
