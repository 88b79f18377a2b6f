/** The bundles as they are built: small enough, with no more of the SDK than they use, and ready to have their code compiled ahead. */
import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { budgets, type FunctionName, functionNames } from "../../../scripts/build-lambda.ts"
import { scratchFolder } from "../World.ts"
import * as Bundles from "./Bundles.ts"

/** What each client calls itself to AWS; no other does. */
const clients = { DynamoDB: "DynamoDB_20120810", SQS: "AmazonSQS", EventBridge: "AWSEvents", Secrets: "secretsmanager" }
const all = Object.keys(clients)
const used: Readonly<Record<FunctionName, ReadonlyArray<string>>> = {
  ingress: ["SQS", "Secrets"],
  planner: all,
  dispatcher: all,
  facts: ["DynamoDB", "SQS"],
  sweeper: ["DynamoDB", "SQS", "EventBridge", "Secrets"],
  admin: ["DynamoDB", "SQS", "Secrets"]
}

const warm = join(import.meta.dirname, "../../../scripts/lambda/warm.mjs")

/** What Lambda's runtime starts Node with, by the megabytes that the function has. V8 keeps compiled code apart by the first one. */
const lambdaFlags = (memory: number): ReadonlyArray<string> => [
  "--expose-gc",
  "--max-http-header-size=81920",
  `--max-semi-space-size=${Math.floor(memory / 20)}`,
  `--max-old-space-size=${Math.floor(memory * 0.9)}`
]

const run = (command: ReadonlyArray<string>, env: Readonly<Record<string, string>>) =>
  spawnSync(process.execPath, command, { env, encoding: "utf8" })

/** The modules whose compiled code V8 took when a Node with these flags loaded a function. That the function then has no environment is fine. */
const accepted = (file: string, flags: ReadonlyArray<string>, compiled: string): ReadonlyArray<string> => {
  const env = { NODE_COMPILE_CACHE: compiled, NODE_DEBUG_NATIVE: "COMPILE_CACHE" }
  const { stderr, stdout } = run([...flags, file], env)
  return [...`${stdout}${stderr}`.matchAll(/code cache for ESM file:\/\/(\S+) was accepted/g)].map(
    ([, path = ""]) => path
  )
}

layer(Bundles.layer)("the bundles", (it) => {
  it.effect("stay within their budgets, and hold only the clients that they use", () =>
    Effect.gen(function* () {
      const files = yield* Bundles.Bundles
      for (const name of functionNames) {
        assert.isAtMost(statSync(files[name]).size, budgets[name], name)
        const text = readFileSync(files[name], "utf8")
        const held = Object.entries(clients).filter(([, mark]) => text.includes(mark))
        assert.deepStrictEqual(
          held.map(([client]) => client),
          used[name],
          name
        )
      }
    })
  )

  it.effect("are shipped without source maps", () =>
    Effect.gen(function* () {
      const { ingress } = yield* Bundles.Bundles
      const shipped = readdirSync(join(dirname(ingress), ".."), { recursive: true, encoding: "utf8" })
      assert.deepStrictEqual(
        shipped.filter((path) => path.endsWith(".map")),
        []
      )
    })
  )

  it.effect("are loaded and asked in the image build, and Lambda starts from the code compiled there", () =>
    Effect.gen(function* () {
      const { ingress } = yield* Bundles.Bundles
      const folder = dirname(dirname(ingress))
      const compiled = yield* scratchFolder
      run([...lambdaFlags(1769), warm], { FUNCTIONS: folder, NODE_COMPILE_CACHE: compiled })
      for (const name of functionNames) {
        const file = join(folder, name, "index.mjs")
        assert.deepStrictEqual(accepted(file, lambdaFlags(512), compiled), [file], name)
      }
      assert.deepStrictEqual(accepted(ingress, [], compiled), [], "the flags count")
    })
  )

  it.effect("fail the image build where they cannot be loaded", () =>
    Effect.sync(() => {
      const { status, stderr } = run([warm], { FUNCTIONS: join(import.meta.dirname, "no such folder") })
      assert.strictEqual(status, 1)
      assert.include(stderr, "The functions cannot be warmed")
    })
  )
})
