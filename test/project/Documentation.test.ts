/** What the documents say of settings and commands is what there is. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { variableNames } from "../../src/entry/Configuration.ts"

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

  it("every npm script that the README mentions exists", () => {
    const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Record<string, string> }
    const mentioned = [...read("README.md").matchAll(/npm run ([a-z:]+)/g)].map(([, name = ""]) => name)
    assert.deepStrictEqual(
      mentioned.filter((name) => scripts[name] === undefined),
      []
    )
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
