/** What the documents say of settings and commands is what there is. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { variables } from "../../src/entry/Configuration.ts"
import { story } from "../../src/entry/demo/Narration.ts"
import { documents } from "./Markdown.ts"

const variableNames = Object.keys(variables)

const read = (path: string): string => readFileSync(join(import.meta.dirname, "../..", path), "utf8")

describe("documentation", () => {
  it(".env.example names exactly the variables that the server reads", () => {
    const named = [...read(".env.example").matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name)
    assert.deepStrictEqual(named.toSorted(), variableNames.toSorted())
  })

  it("the README's configuration table names them all", () => {
    const readme = read("README.md")
    assert.deepStrictEqual(
      variableNames.filter((name) => !readme.includes(`\`${name}\``)),
      []
    )
  })

  it("every npm script that a document mentions exists", () => {
    const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Record<string, string> }
    const mentioned = documents.flatMap((path) =>
      [...read(path).matchAll(/npm run (?:--silent )?([a-z][a-z0-9:]*)/g)].map(([, name = ""]) => name)
    )
    assert.include(mentioned, "demo")
    assert.deepStrictEqual(
      mentioned.filter((name) => scripts[name] === undefined),
      []
    )
  })

  it("the picture of the demo shows what the demo does now; scripts/demo-picture.ts draws it", () => {
    const picture = read("docs/demo.svg")
      .replaceAll("\u00a0", " ")
      .replaceAll(/<[^>]+>/g, "")
    for (const { title } of story) assert.include(picture, title)
    for (const [target, , code = ""] of story[0]?.endings ?? []) {
      assert.include(picture, target)
      assert.include(picture, code)
    }
    assert.isBelow(picture.length, 200_000)
  })

  it("dependencies have exact versions, and the lock file names no registry", () => {
    const { dependencies, devDependencies } = JSON.parse(read("package.json")) as Record<string, Record<string, string>>
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^(npm:@?[\w/-]+@)?\d+\.\d+\.\d+$/.test(version)
    )
    assert.deepStrictEqual(loose, [])
    assert.notMatch(read("package-lock.json"), /"resolved"/)
  })
})
