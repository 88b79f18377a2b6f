/** The package as it is published: what is in it, what importing it loads, and that the examples compile and run where it is installed. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { build } from "esbuild"
import { configJsonSchema } from "../../src/domain/ConfigJsonSchema.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { type Ended, install, run } from "./package/Installed.ts"

const root = join(import.meta.dirname, "../..")
const tsc = join(root, "node_modules/.bin/tsc")

const readme = readFileSync(join(root, "README.md"), "utf8")
const [, readmeExample = ""] = /^## Library$.*?^```ts\n(.*?)^```/ms.exec(readme) ?? []

let installed: Awaited<ReturnType<typeof install>>
beforeAll(async () => {
  installed = await install()
  write("readme.ts", readmeExample)
})
afterAll(() => installed?.remove())

const inProject = (command: ReadonlyArray<string>, options?: Parameters<typeof run>[2]): Promise<Ended> =>
  run(installed.project, command, options)
const write = (name: string, text: string): void => writeFileSync(join(installed.project, name), text)
const inPackage = (path: string): string => join(installed.project, "node_modules/dispatcher", path)

/** What a project's TypeScript is checked by; nothing of ours. */
const compilerOptions = {
  target: "es2024",
  lib: ["es2024", "dom"],
  module: "nodenext",
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  allowImportingTsExtensions: true,
  noEmit: true,
  skipLibCheck: false
}

const bundling = {
  bundle: true,
  format: "esm",
  platform: "node",
  outdir: "out",
  write: false,
  metafile: true
} as const

describe("the tarball", () => {
  it("holds the compiled modules with their types, the page, the schema, and who made it; nothing else", () => {
    const allowed = [
      /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
      /^bin\/dispatcher\.js$/,
      /^dist\/(index|github|aws|local|testing)\.(js|d\.ts)$/,
      /^dist\/(domain|ports|queue|ledger|readmodel|flow|adapters|sandbox|testing)\/[\w/-]+\.(js|d\.ts)$/,
      /^dist\/(dashboard|entry)\/[\w/-]+\.js$/,
      /^dist\/ui\/(app\.js|app\.css|index\.html|sign-in\.html)$/,
      /^dist\/dispatching\.schema\.json$/
    ]
    assert.deepStrictEqual(
      installed.files.filter((path) => !allowed.some((pattern) => pattern.test(path))),
      []
    )
    const page = installed.files.filter((path) => path.startsWith("dist/ui/"))
    assert.strictEqual(page.length, 4)
  })

  it("holds every module that its entry points need, and none that they do not", async () => {
    const { exports } = JSON.parse(readFileSync(inPackage("package.json"), "utf8"))
    const faces = Object.values<{ readonly default?: string }>(exports).flatMap((face) => face.default ?? [])
    const { metafile } = await build({
      absWorkingDir: inPackage("."),
      entryPoints: [...faces, "bin/dispatcher.js", "dist/entry/cli.js", "dist/entry/server.js"],
      ...bundling,
      packages: "external",
      treeShaking: false,
      ignoreAnnotations: true
    })
    const hasCode = (path: string) => !/^(\/\*.*?\*\/\s*)?export \{\};\s*$/s.test(readFileSync(inPackage(path), "utf8"))
    const modules = installed.files.filter((path) => /\.js$/.test(path) && !/^dist\/ui\//.test(path) && hasCode(path))
    assert.deepStrictEqual(
      modules.toSorted(),
      Object.keys(metafile.inputs)
        .filter((path) => path.endsWith(".js"))
        .toSorted()
    )
  })

  it("holds the schema that the command prints", async () => {
    const published = JSON.parse(readFileSync(inPackage("dist/dispatching.schema.json"), "utf8"))
    assert.deepStrictEqual(published, JSON.parse(JSON.stringify(configJsonSchema)))
    const { stdout } = await inProject(["npx", "dispatcher", "schema"])
    assert.deepStrictEqual(JSON.parse(stdout), published)
  })
})

describe("the command", () => {
  it("is installed, and says what it can do", async () => {
    const { code, stdout } = await inProject(["npx", "dispatcher", "--help"])
    assert.strictEqual(code, 0)
    for (const command of ["validate", "explain", "schema"]) assert.include(stdout, command)
  })
})

describe("importing", () => {
  /** The packages, and Node's modules, that are loaded with one of ours. */
  const packagesOf = async (specifier: string) => {
    const { stdout, stderr } = await inProject(["node", join(import.meta.dirname, "package/Modules.mjs"), specifier])
    assert.strictEqual(stderr, "")
    const urls: ReadonlyArray<string> = JSON.parse(stdout)
    return new Set(urls.map((url) => /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? url))
  }

  it("the rules and the flow loads no SDK and no server", async () => {
    const loaded = [...(await packagesOf("dispatcher"))].toSorted()
    const [own, nodes] = [loaded.filter((name) => !/^node:/.test(name)), loaded.filter((name) => /^node:/.test(name))]
    assert.deepStrictEqual(own, ["@octokit/webhooks-methods", "dispatcher", "effect", "yaml"])
    assert.deepStrictEqual(
      nodes.filter((name) => /^node:(https?|net|tls|sqlite|child_process)$/.test(name)),
      []
    )
    // Node's modules do show here: the ledger packs plans.
    assert.include(nodes, "node:zlib")
  })

  it.each([
    ["dispatcher/github", "@octokit/rest", /^(@aws-sdk|@smithy|vitest|node:sqlite)/],
    ["dispatcher/aws", "@aws-sdk/client-sqs", /^(@octokit\/rest|vitest|node:sqlite)/],
    ["dispatcher/local", "node:sqlite", /^(@octokit\/rest|@aws-sdk|vitest)/]
  ])("%s loads its own vendor's modules, and no other's", async (specifier, own, others) => {
    const loaded = await packagesOf(specifier)
    assert.include([...loaded], own)
    assert.deepStrictEqual(
      [...loaded].filter((name) => others.test(name)),
      []
    )
  })

  it("one function bundles what that needs, and no more", async () => {
    const { metafile } = await build({
      stdin: {
        contents: 'import { ConfigFile } from "dispatcher"; console.log(ConfigFile.parseConfig("inbound: []"))',
        resolveDir: installed.project
      },
      ...bundling
    })
    const [output] = Object.values(metafile.outputs)
    const kept = Object.entries(output?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) =>
      bytesInOutput > 0 && path !== "<stdin>" ? path.replace(/^.*node_modules\//, "") : []
    )
    const ours = kept.filter((path) => path.startsWith("dispatcher/"))
    assert.include(ours, "dispatcher/dist/domain/ConfigFile.js")
    assert.deepStrictEqual(
      ours.filter(
        (path) =>
          !/^dispatcher\/dist\/(index|domain\/(Config\w*|Invisible|Names|Nearest|SourceRun|Template|Pattern|Vocabulary))\.js$/.test(
            path
          )
      ),
      []
    )
    assert.deepStrictEqual(
      kept.filter((path) => !/^(dispatcher|effect|yaml)\//.test(path)),
      []
    )
  })
})

describe("the examples", () => {
  it("and the README's compile against the published types, all of which are sound", async () => {
    write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["*.ts"] }))
    assert.deepStrictEqual(await inProject([tsc, "-p", "."]), { code: 0, stdout: "", stderr: "" })
  })

  it("plan-check.ts fails where the target would be denied, and says why", async () => {
    const target = { repository: "deploy", workflow: "cd.yml", inputs: { sha: "{{ source.sha }}" } }
    const inbound = (accept_inputs: ReadonlyArray<string>) =>
      JSON.stringify({
        inbound: [
          { source: { repository: "shop", workflow: "ci.yml" }, targets: [{ workflow: "cd.yml", accept_inputs }] }
        ]
      })
    write("shop.yml", JSON.stringify({ outbound: [{ source: { workflow: "ci.yml" }, targets: [target] }] }))
    write("strict.yml", inbound([]))
    write("open.yml", inbound(["sha"]))
    const denied = await inProject(["node", "plan-check.ts", "shop.yml", "strict.yml"])
    assert.deepStrictEqual([denied.code, denied.stderr], [1, ""])
    assert.include(
      denied.stdout,
      "acme/deploy cd.yml: denied (inputs_not_accepted): acme/deploy does not accept the inputs sha"
    )
    const allowed = await inProject(["node", "plan-check.ts", "shop.yml", "open.yml"])
    assert.deepStrictEqual([allowed.code, allowed.stderr], [0, ""])
    assert.match(allowed.stdout, /^acme\/deploy cd\.yml: would start with \{"sha":"0{40}"\}\n$/)
    const wrong = await inProject(["node", "plan-check.ts", "open.yml", "open.yml"])
    assert.strictEqual(wrong.code, 1)
    assert.include(wrong.stdout, "no outbound rule")
  })

  const repositories = [
    {
      name: "acme/shop",
      id: 7,
      files: {
        "dispatching.yml":
          "outbound: [{ source: { workflow: jenkins.yml }, targets: [{ repository: deploy, workflow: cd.yml }] }]"
      }
    },
    {
      name: "acme/deploy",
      files: {
        "dispatching.yml":
          "inbound: [{ source: { repository: shop, workflow: jenkins.yml }, targets: [{ workflow: cd.yml }] }]",
        ".github/workflows/cd.yml": "on: workflow_dispatch\njobs: {}\n"
      }
    }
  ]
  const scenario = {
    app: { id: 4711, slug: "dispatcher-app", webhookSecret: "hush" },
    installations: [{ id: 101, account: "acme" }],
    repositories
  }

  it.live("other-event-source.ts starts what the rules say, once for each build", () =>
    Effect.gen(function* () {
      const { app, url, startedRuns } = yield* Sandbox.Sandbox
      const env = {
        GITHUB_APP_ID: String(app.id),
        GITHUB_APP_SLUG: app.slug,
        GITHUB_APP_PRIVATE_KEY: app.privateKeyPem,
        GITHUB_API_URL: url
      }
      const deliver = (number: number) => {
        const build = {
          number,
          repository: "acme/shop",
          repositoryId: 7,
          branch: "main",
          commit: "c0ffee",
          passed: true
        }
        const stdin = JSON.stringify({ ...build, url: `https://ci.example/builds/${number}` })
        return Effect.promise(() => inProject(["node", "other-event-source.ts"], { env, stdin }))
      }
      const first = yield* deliver(4711)
      assert.deepStrictEqual([first.code, first.stderr], [0, ""])
      assert.deepStrictEqual(
        first.stdout.split("\n").filter((line) => line.startsWith("dispatch.trigger")),
        ["dispatch.trigger.succeeded"]
      )
      yield* deliver(4711)
      assert.strictEqual((yield* startedRuns("acme/deploy", "cd.yml")).length, 1)
      yield* deliver(4712)
      assert.strictEqual((yield* startedRuns("acme/deploy", "cd.yml")).length, 2)
    }).pipe(Effect.provide(Sandbox.layer({ scenario })))
  )

  it("own-storage.ts keeps to the contract, and a storage that never forgets does not", async () => {
    const kept = await inProject(["npx", "vitest", "run", "own-storage.test.ts"], { env: { CI: "true" } })
    assert.strictEqual(kept.code, 0, kept.stdout)
    const source = readFileSync(join(installed.project, "own-storage.ts"), "utf8")
    write("own-storage.ts", source.replace("TableRules.isLiving(stored, now) ? stored", "true ? stored"))
    const broken = await inProject(["npx", "vitest", "run", "own-storage.test.ts"], { env: { CI: "true" } })
    write("own-storage.ts", source)
    assert.strictEqual(broken.code, 1)
    assert.include(broken.stdout, "hides an item from its expiry on")
  })
})

describe("the README's example", () => {
  it("runs, and prints what it says", async () => {
    const { stdout, stderr } = await inProject(["node", "readme.ts"])
    assert.strictEqual(stderr, "")
    const promised = [...readmeExample.matchAll(/^\/\/ → (.*)$/gm)].map(([, line]) => line)
    assert.isNotEmpty(promised)
    assert.deepStrictEqual(stdout.trimEnd().split("\n"), promised)
  })
})
