/** Names and words: one meaning each, as the glossary of docs/architecture.md has them, and none that a stranger has to ask about. */
import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"

const root = join(import.meta.dirname, "../..")
const read = (path: string): string => readFileSync(join(root, path), "utf8")
const source = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((path) =>
  /\.tsx?$/.test(path)
)

const declaration = /^export (?:abstract |async )?(?:const|let|function\*?|class|interface|type) (\w+)/gm
const exported = source.flatMap((path) => {
  const names = new Set([...read(join("src", path)).matchAll(declaration)].map(([, name = ""]) => name))
  return [...names].map((name) => ({ name, path }))
})

/** Names that are used through the name of their module: `Ledger.layer`, `Doctor.command`. */
const idioms: ReadonlySet<string> = new Set(["layer", "layerMemory", "make", "command", "ready", "variables"])

const banished =
  /Mishap|Lane(?!t)|Whereabouts|Patience|Happening|Wings|Supposed|Telling|Told|Drafting|Handing|Blow|comeBack|finishAside/

/** Words with several meanings or none: write publish, log, store, ask, the caller, the operator. */
const vague = /\b(tell(?:s|ing|er)?|told|somebody|someone|nobody|whoever|wish(?:es|ed)?)/i
/** The same within a name. */
const vagueName = /[a-z](?:Tell|Told)/

const written = execFileSync(
  "git",
  ["ls-files", "src", "test", "docs", "bench", "scripts", "examples", "bin", "infrastructure", ".github", "*.md"],
  {
    cwd: root,
    encoding: "utf8"
  }
)
  .split("\n")
  .filter((path) => /\.(tsx?|mjs|js|md|tf|hcl|sh|yml|css)$/.test(path) && path !== "test/project/Words.test.ts")

describe("words", () => {
  it("one exported name is declared in one file", () => {
    const files = Map.groupBy(exported, ({ name }) => name)
    const doubled = [...files].filter(([name, declarations]) => declarations.length > 1 && !idioms.has(name))
    assert.deepStrictEqual(
      doubled.map(([name, declarations]) => `${name}: ${declarations.map(({ path }) => path).join(", ")}`),
      []
    )
  })

  it("no exported name and no file uses a banished word", () => {
    const names = [...exported.map(({ name, path }) => `${path}: ${name}`), ...source.map((path) => basename(path))]
    assert.deepStrictEqual(
      names.filter((name) => banished.test(name)),
      []
    )
  })

  it("comments, texts and documents use words with one meaning", () => {
    const found = written.flatMap((path) =>
      read(path)
        .split("\n")
        .flatMap((line, index) =>
          vague.test(line) || vagueName.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []
        )
    )
    assert.deepStrictEqual(found, [])
  })

  it("the key of a service names its folder", () => {
    const keys = source.flatMap((path) =>
      [...read(join("src", path)).matchAll(/"dispatcher\/([\w/-]+)"/g)].map(([, key = ""]) => ({ key, path }))
    )
    assert.isAbove(keys.length, 30)
    assert.deepStrictEqual(
      keys.filter(({ key, path }) => !key.startsWith(dirname(path))),
      []
    )
  })

  it("the glossary has each word once", () => {
    const [, glossary = ""] = /## Words\n([\s\S]*?)\n## /.exec(read("docs/architecture.md")) ?? []
    const words = [...glossary.matchAll(/^\| ([a-z ,]+) \|/gm)].flatMap(([, cell = ""]) => cell.split(", ")).slice(1)
    assert.isAbove(words.length, 15)
    assert.strictEqual(new Set(words).size, words.length)
  })
})
