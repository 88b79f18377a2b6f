/** The structure that DESIGN promises: imports point one way, vendors stay at the edge, and the service only dispatches. */
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { assert, describe, it } from "@effect/vitest"

const root = join(import.meta.dirname, "../../src")
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) => /\.tsx?$/.test(path))
const source = (path: string): string => readFileSync(join(root, path), "utf8")

interface Import {
  readonly from: string
  readonly to: string
}
const imports: ReadonlyArray<Import> = files.flatMap((from) =>
  [...source(from).matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, to = ""]) => ({ from, to }))
)
/** The folder, or, of what the package exports, the file. */
const layerOf = (path: string): string => path.split("/")[0] ?? ""
const inside = (path: string) => (folder: string) => path.startsWith(`${folder}/`)

/** What each folder may import, besides itself. The sandbox stands for GitHub, so it knows nothing of us. */
const allowed: Readonly<Record<string, ReadonlyArray<string>>> = {
  domain: [],
  ports: ["domain"],
  queue: ["domain", "ports"],
  ledger: ["domain", "ports"],
  readmodel: ["domain", "ports", "ledger"],
  flow: ["domain", "ports", "queue", "ledger", "readmodel"],
  adapters: ["domain", "ports", "queue", "flow"],
  dashboard: ["domain", "ports", "ledger", "readmodel", "flow"],
  sandbox: [],
  testing: ["domain", "ports", "queue", "flow", "adapters"],
  entry: ["domain", "ports", "queue", "ledger", "readmodel", "flow", "adapters", "dashboard", "sandbox"],
  // What the package exports. Nothing within imports these.
  "index.ts": ["domain", "ports", "queue", "ledger", "readmodel", "flow", "adapters/TableRules.ts"],
  "github.ts": ["adapters/github"],
  "aws.ts": ["adapters/aws"],
  "local.ts": ["adapters/local"],
  "testing.ts": ["sandbox", "testing"]
}
const allows = (from: string, to: string): boolean =>
  (allowed[layerOf(from)] ?? []).some((folder) => to === folder || to.startsWith(`${folder}/`))

/** The page's folders: each may import those before it. */
const pageLayers = ["api", "format", "state", "export", "hooks", "charts", "components", "views", "App.tsx", "Main.tsx"]
/** Modules without schemas, which the page may load; of all others it takes types. */
const pageLoads = ["domain/Bucket.ts", "domain/FactTable.ts", "domain/Sentence.ts", "domain/Vocabulary.ts"]
const page = "dashboard/ui"

/** Modules of vendors that only compute: the signature check, the packing of stored plans and checks, the hash of a branch in a key, and the digest of a cursor. */
const pure = [
  ["flow/Receive.ts", "@octokit/webhooks-methods"],
  ["ledger/Keys.ts", "node:crypto"],
  ["ledger/PackedPlan.ts", "node:zlib"],
  ["readmodel/Cursor.ts", "node:crypto"],
  ["readmodel/PackedChecks.ts", "node:zlib"]
] as const

describe("architecture", () => {
  it("imports point one way", () => {
    const wrong = imports
      .filter(({ to }) => to.startsWith("."))
      .map(({ from, to }) => ({ from, to: relative(root, join(root, dirname(from), to)) }))
      .filter(({ from, to }) => {
        if (to.startsWith("../")) return to !== "../package.json" || layerOf(from) !== "entry"
        return layerOf(to) !== layerOf(from) && !allows(from, to)
      })
    assert.deepStrictEqual(wrong, [])
  })

  it("no file imports itself by way of others, not even types", () => {
    const next = Map.groupBy(
      imports.filter(({ to }) => to.startsWith(".")).map(({ from, to }) => ({ from, to: join(dirname(from), to) })),
      ({ from }) => from
    )
    const done = new Set<string>()
    const cycles: Array<string> = []
    const walk = (file: string, way: ReadonlyArray<string>): void => {
      if (way.includes(file)) cycles.push([...way.slice(way.indexOf(file)), file].join(" → "))
      if (way.includes(file) || done.has(file)) return
      for (const { to } of next.get(file) ?? []) walk(to, [...way, file])
      done.add(file)
    }
    for (const file of files) walk(file, [])
    assert.deepStrictEqual(cycles, [])
  })

  it("within the page imports point one way, from views to the API's answers", () => {
    const wrong = imports
      .filter(({ from, to }) => inside(from)(page) && to.startsWith("."))
      .map(({ from, to }) => ({ from: relative(page, from), to: relative(page, join(dirname(from), to)) }))
      .filter(({ to }) => !to.startsWith("../"))
      .filter(({ from, to }) => {
        const [importer, imported] = [from, to].map((path) => pageLayers.indexOf(layerOf(path))) as [number, number]
        return importer === -1 || imported === -1 || imported > importer
      })
    assert.deepStrictEqual(wrong, [])
  })

  it("the page takes types from other folders, and loads only what needs no schemas", () => {
    const loaded = (from: string): ReadonlyArray<string> =>
      [...source(from).matchAll(/^(?:import|export) (?!type )[^"]*"(\.[^"]+)"/gm)].map(([, to = ""]) =>
        join(dirname(from), to)
      )
    const wrong = [...files.filter((path) => inside(path)(page)), ...pageLoads].flatMap((from) =>
      loaded(from)
        .filter((to) => !inside(to)(page) && !pageLoads.includes(to))
        .map((to) => ({ from, to }))
    )
    assert.deepStrictEqual(wrong, [])
  })

  it("vendors are known to adapters, sandbox and entry points only", () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        /^(@octokit|@aws-sdk|@effect\/platform-node|node:)/.test(to) &&
        !["adapters", "sandbox", "entry", "dashboard", "testing"].some(inside(from)) &&
        !pure.some(([file, module]) => from === file && to === module)
    )
    assert.deepStrictEqual(wrong, [])
  })

  it("the test runner is known to contracts only", () => {
    const wrong = imports.filter(({ from, to }) => /^(@effect\/)?vitest/.test(to) && !inside(from)("testing/contracts"))
    assert.deepStrictEqual(wrong, [])
  })

  it("the domain needs nothing but effect's data types and the YAML parser", () => {
    const wrong = imports.filter(
      ({ from, to }) => inside(from)("domain") && !to.startsWith(".") && to !== "effect" && to !== "yaml"
    )
    assert.deepStrictEqual(wrong, [])
    const impure = files
      .filter((path) => inside(path)("domain"))
      .filter((path) =>
        /\b(Date\.now|new Date\(\)|Math\.random|Clock\.|Effect\.(sync|promise|runSync))/.test(source(path))
      )
    assert.deepStrictEqual(impure, [])
  })

  it("the environment is read in entry points only", () => {
    const wrong = files.filter((path) => !inside(path)("entry") && /process\.env\b/.test(source(path)))
    assert.deepStrictEqual(wrong, [])
  })

  it("every file says what it is", () => {
    const silent = files.filter((path) => !/^(\/\*\*|\/\/|#!)/.test(source(path)))
    assert.deepStrictEqual(silent, [])
  })

  it("a failure is returned, so that readers and the compiler see that nothing follows it", () => {
    const wrong = files.flatMap((path) =>
      [
        ...source(path).matchAll(
          /^\s*(?:(?:if|else)\b(?!.*\breturn\b).*[ )])?yield\* (?:new [A-Z]|Effect\.(?:fail|die)\().*/gm
        )
      ].map(([line]) => `${path}: ${line.trim()}`)
    )
    assert.deepStrictEqual(wrong, [])
  })

  it("there is nothing that vends or provisions: no route, no module, no setting, no Terraform run", () => {
    const wrong = files
      .filter((path) => !inside(path)("sandbox"))
      .filter((path) => /vending|provision|terraform|createForOrg|createInOrg|\/teams\b/i.test(source(path)))
    assert.deepStrictEqual(wrong, [])
  })
})
