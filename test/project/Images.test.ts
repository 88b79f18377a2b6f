/** What the Dockerfile promises, read from it: no image can be built where these tests run. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"

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
      const [, base = "", alias = ""] = /^(\S+) AS (\S+)$/.exec(value) ?? []
      current = { base, instructions: [] }
      found.set(alias, current)
    } else current?.instructions.push({ name, value })
  }
  return found
})()

const valuesOf = (stage: string, name: string): ReadonlyArray<string> =>
  (stages.get(stage)?.instructions ?? []).filter((one) => one.name === name).map(({ value }) => value)
const { scripts, devDependencies } = JSON.parse(read("package.json")) as {
  readonly scripts: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

describe("the images", () => {
  it("are built from exact versions, with the Node that the tests run on", () => {
    const bases = [...stages.values()].map(({ base }) => base)
    assert.deepStrictEqual(
      bases.filter((base) => base !== `node:${devDependencies.node}-slim`),
      ["public.ecr.aws/lambda/nodejs:24"]
    )
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
    assert.include(valuesOf("production", "RUN").join(), "npm ci --omit=dev")
    for (const value of valuesOf("server", "COPY")) assert.notMatch(value, /\b(src|test|scripts)\b/)
    for (const value of valuesOf("lambda", "COPY")) assert.notMatch(value, /node_modules|\b(src|test|scripts)\b/)
  })
})

describe("the server image", () => {
  it("runs the server itself, as an unprivileged user, and stops it by SIGTERM", () => {
    assert.deepStrictEqual(valuesOf("server", "USER"), ["node"])
    assert.deepStrictEqual(JSON.parse(valuesOf("server", "CMD")[0] ?? ""), ["node", "dist/entry/server.js"])
    assert.deepStrictEqual(valuesOf("server", "STOPSIGNAL"), ["SIGTERM"])
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
  it("holds compiled code that was made in the build, and chooses the function by its command", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Docker's, not ours
    assert.include(valuesOf("lambda", "ENV"), "NODE_COMPILE_CACHE=${LAMBDA_TASK_ROOT}/.compiled")
    assert.match(valuesOf("lambda", "RUN").join("\n"), /node \/tmp\/warm\.mjs/)
    assert.deepStrictEqual(JSON.parse(valuesOf("lambda", "CMD")[0] ?? ""), ["ingress/index.handler"])
  })
})
