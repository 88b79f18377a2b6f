import { symlinkSync } from "node:fs"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as FileConfigSource from "../../../src/adapters/local/FileConfigSource.ts"
import { repositoryKey } from "../../../src/domain/Names.ts"
import { GitHubId } from "../../../src/domain/SourceRun.ts"
import { ConfigSource } from "../../../src/ports/ConfigSource.ts"
import { configSourceContract, type GivenRepository } from "../../../src/testing/contracts/ConfigSource.ts"
import { realTime } from "../../../src/testing/contracts/Time.ts"
import { folder } from "../../entry/cli/support.ts"
import { repository } from "../../fixtures/Runs.ts"

const filesOf = ({ name, file }: GivenRepository): Record<string, string> =>
  file === null ? { [`${name}/README.md`]: "" } : { [`${name}/${file.path}`]: file.text }

configSourceContract(
  "folder",
  (repositories) =>
    Layer.unwrap(
      Effect.map(folder(Object.assign({}, ...repositories.map(filesOf))), (path) => FileConfigSource.layer(path))
    ).pipe(Layer.provide(NodeServices.layer)),
  realTime
)

const files = {
  "acme/Shop/dispatching.yml": "outbound: []",
  "acme/Shop/.github/dispatching.yml": "not looked: at",
  "acme/hidden/.github/dispatching.yml": "inbound: []",
  "acme/broken/dispatching.yml": "inbuond: []",
  "acme/empty/README.md": "",
  "acme/odd/dispatching.yml/README.md": "a folder of that name"
}

describe("FileConfigSource", () => {
  it.effect("names a file of the wrong ending, and follows no link, as GitHub does", () =>
    Effect.gen(function* () {
      const path = yield* folder({
        "acme/yaml/dispatching.yaml": "outbound: []",
        "acme/nested/.github/dispatching.yaml": "outbound: []",
        "acme/link/config/rules.yml": "outbound: []"
      })
      symlinkSync("config/rules.yml", join(path, "acme/link/dispatching.yml"))
      const names = ["acme/yaml", "acme/nested", "acme/link"].map(repository)
      const answers = yield* ConfigSource.use((configs) =>
        configs.load(names, { owner: "", installationId: GitHubId.make("1") })
      ).pipe(Effect.provide(FileConfigSource.layer(path)))
      const [yaml, nested, link] = names.map((name) => answers.get(repositoryKey(name)))
      const hint = "dispatching.yaml is there, but is not read: rename it to dispatching.yml"
      assert.deepStrictEqual(yaml, { _tag: "Absent", hint })
      assert.deepStrictEqual(nested, {
        _tag: "Absent",
        hint: hint.replaceAll("dispatching.y", ".github/dispatching.y")
      })
      assert.include(link?._tag === "Invalid" ? link.issues[0]?.message : "", "symbolic link")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("answers for every repository, each with what its folder holds", () =>
    Effect.gen(function* () {
      const names = ["ACME/shop", "acme/hidden", "acme/broken", "acme/empty", "acme/ghost", "other/shop", "acme/odd"]
      const answers = yield* ConfigSource.use((configs) =>
        configs.load(names.map(repository), { owner: "", installationId: GitHubId.make("1") })
      ).pipe(Effect.provide(FileConfigSource.layer(yield* folder(files), "trunk")))
      const seen = names.map((name) => {
        const answer = answers.get(repositoryKey(repository(name)))
        switch (answer?._tag) {
          case "Found":
            return `${answer.path} on ${answer.defaultBranch}`
          case "Unreachable":
            return answer.reason
          default:
            return answer?._tag
        }
      })
      assert.deepStrictEqual(seen, [
        "dispatching.yml on trunk",
        ".github/dispatching.yml on trunk",
        "Invalid",
        "Absent",
        "not_found",
        "not_found",
        "unavailable"
      ])
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
