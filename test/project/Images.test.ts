/**
 * What the Dockerfile promises, read from it: no image can be built where these tests run. `scripts/check-images.sh` builds them and sees
 * them work; how Lambda takes the compiled code is in `e2e/aws/Bundle.test.ts`.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { build } from "esbuild"

const root = join(import.meta.dirname, "../..")
const read = (path: string): string => readFileSync(join(root, path), "utf8")

interface Instruction {
  readonly name: string
  readonly value: string
}
interface Stage {
  readonly base: string
  readonly instructions: ReadonlyArray<Instruction>
}

/** The stages by name, comments and line ends taken out. */
const stages: ReadonlyMap<string, Stage> = (() => {
  const lines = read("Dockerfile")
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line !== "")
  const found = new Map<string, { base: string; instructions: Array<Instruction> }>()
  let current: { base: string; instructions: Array<Instruction> } | undefined
  for (const line of lines) {
    const [, name = "", value = ""] = /^(\w+)\s+(.*)$/.exec(line) ?? []
    if (name === "FROM") {
      const [, base = "", alias = ""] = /^(?:--platform=\S+ )?(\S+) AS (\S+)$/.exec(value) ?? []
      current = { base, instructions: [] }
      found.set(alias, current)
    } else current?.instructions.push({ name, value })
  }
  return found
})()

const valuesOf = (stage: string, name: string): ReadonlyArray<string> =>
  (stages.get(stage)?.instructions ?? []).filter((one) => one.name === name).map(({ value }) => value)
const { version, scripts, devDependencies } = JSON.parse(read("package.json")) as {
  readonly version: string
  readonly scripts: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

describe("the images", () => {
  it("are built from exact versions, with the Node that the tests run on", () => {
    const bases = [...stages.values()].map(({ base }) => base).filter((base) => !stages.has(base))
    const node = new RegExp(`^node:${devDependencies.node}-slim@sha256:[0-9a-f]{64}$`)
    assert.deepStrictEqual(
      bases.filter((base) => !node.test(base)),
      ["scratch", "public.ecr.aws/lambda/nodejs:24"]
    )
    assert.strictEqual(new Set(bases.filter((base) => node.test(base))).size, 1)
    assert.match(read(".github/dependabot.yml"), /package-ecosystem: docker\n +directory: \/$/m)
  })

  it("say which version they are", () => {
    for (const stage of ["server", "lambda"]) {
      assert.deepStrictEqual(valuesOf(stage, "ARG"), [`VERSION=${version}`])
      const labels = valuesOf(stage, "LABEL").join()
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Docker's, not ours
      for (const label of ['version="${VERSION}"', 'licenses="MIT"', "title="]) {
        assert.include(labels, `org.opencontainers.image.${label}`)
      }
    }
  })

  it("are built by commands that there are", () => {
    const commands = [...stages.keys()].flatMap((stage) => valuesOf(stage, "RUN")).join("\n")
    const named = [...commands.matchAll(/npm run ([\w:]+)/g)].map(([, name = ""]) => name)
    assert.deepStrictEqual(named, ["build", "build:lambda"])
    assert.deepStrictEqual(
      named.filter((name) => !Object.hasOwn(scripts, name)),
      []
    )
  })

  it("find what they copy from the folder in the build context", () => {
    const shown: ReadonlyArray<string> = read(".dockerignore").match(/(?<=^!).*/gm) ?? []
    const copied = [...stages.keys()]
      .flatMap((stage) => valuesOf(stage, "COPY"))
      .filter((value) => !value.startsWith("--from"))
      .flatMap((value) => value.split(/\s+/).slice(0, -1))
    assert.deepStrictEqual(
      [...new Set(copied)].filter((path) => !shown.includes(path)),
      []
    )
    assert.match(read(".dockerignore"), /^\*$/m)
  })

  it("hold only production files", () => {
    const made = valuesOf("production", "RUN").join("\n")
    assert.include(made, "npm ci --omit=dev")
    for (const pattern of ["*.map", "*.ts"]) assert.include(made, `-name "${pattern}"`)
    const copied = [...valuesOf("server", "COPY"), ...valuesOf("lambda", "COPY")]
    assert.deepStrictEqual(copied, [
      "--from=production /build/node_modules node_modules",
      "package.json LICENSE ./",
      "--from=production /build/dist dist",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Docker's, not ours
      "--from=build /lambda ${LAMBDA_TASK_ROOT}/"
    ])
  })
})

describe("the server image", () => {
  it("runs the server itself, as an unprivileged user, and stops it by SIGTERM", () => {
    assert.deepStrictEqual(valuesOf("server", "USER"), ["node"])
    const command = ["node", "--env-file-if-exists=.env", "dist/entry/server.js"]
    assert.deepStrictEqual(JSON.parse(valuesOf("server", "CMD")[0] ?? ""), command)
    assert.deepStrictEqual(valuesOf("server", "STOPSIGNAL"), ["SIGTERM"])
  })

  it("misses nothing that was left out of it, neither the server nor the command line", async () => {
    const [, removed = ""] = /rm -rf ([^&]+)/.exec(valuesOf("production", "RUN").join()) ?? []
    const missing = removed.trim().split(/\s+/)
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: ["src/entry/server.ts", "src/entry/cli.ts"],
      // `rebuild --aws` loads these itself, and says what it needs where they are not.
      external: ["../../adapters/aws/dynamodb/Dynamo*", "../../adapters/aws/AwsResources.ts"],
      outdir: "dist",
      bundle: true,
      write: false,
      metafile: true,
      platform: "node",
      format: "esm",
      logLevel: "error"
    })
    const used = Object.keys(metafile.inputs).map((path) => path.replace(/^src\//, "dist/"))
    for (const one of ["dist/entry/server.ts", "node_modules/effect/dist/Effect.js"]) assert.include(used, one)
    assert.isAtLeast(missing.length, 9)
    for (const pattern of missing) {
      const gone = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}(/|$)`)
      assert.deepStrictEqual(
        used.filter((path) => gone.test(path)),
        [],
        pattern
      )
    }
  })

  it("listens to everybody, keeps its data in a volume that is its own, and says how it is", () => {
    const environment = valuesOf("server", "ENV").join(" ")
    for (const setting of ["HOST=0.0.0.0", "DATA_DIR=/data", "NODE_ENV=production"])
      assert.include(environment, setting)
    assert.deepStrictEqual(valuesOf("server", "VOLUME"), ["/data"])
    assert.include(valuesOf("server", "RUN").join(), "chown node:node /data")
    assert.include(valuesOf("server", "HEALTHCHECK").join(), "/health")
  })
})

describe("the lambda image", () => {
  it("holds the code that Lambda's runtime compiled in the build, and chooses the function by its command", () => {
    const { instructions = [] } = stages.get("lambda") ?? {}
    const steps = instructions.map(({ name }) => name).filter((name) => name === "COPY" || name === "RUN")
    assert.deepStrictEqual(steps, ["COPY", "RUN"])
    const made = valuesOf("lambda", "RUN").join()
    assert.match(made, /FUNCTIONS=\$\{LAMBDA_TASK_ROOT\} .*\/lambda-entrypoint\.sh warm\.handler$/)
    assert.deepStrictEqual(JSON.parse(valuesOf("lambda", "CMD")[0] ?? ""), ["ingress/index.handler"])
  })

  it("leaves its source maps to those who ask for them", () => {
    assert.deepStrictEqual(valuesOf("maps", "COPY"), ["--from=build /lambda-maps /"])
  })
})
