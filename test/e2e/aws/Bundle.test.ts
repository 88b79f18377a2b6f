/** The bundles as they are built: small enough, with no more of the SDK than they use, and ready to have their code compiled ahead. */
import { spawnSync } from "node:child_process"
import { cpSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
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
  rollup: ["DynamoDB", "SQS"],
  sweeper: ["DynamoDB", "SQS", "EventBridge", "Secrets"],
  admin: ["DynamoDB", "SQS", "Secrets"]
}

/** All that Lambda's runtime starts Node with, by the megabytes that the function has. */
const flagsFor = (memory: number): ReadonlyArray<string> => [
  ...Bundles.lambdaFlags,
  "--max-http-header-size=81920",
  `--max-semi-space-size=${Math.floor(memory / 20)}`,
  `--max-old-space-size=${Math.floor(memory * 0.9)}`
]

/** What a Node with these flags says of the compiled code when it loads a function. That the function then has no environment is fine. */
const refusal = (folder: string, flags: ReadonlyArray<string>): string | undefined => {
  const { stderr } = spawnSync(process.execPath, [...flags, join(folder, "index.mjs")], { env: {}, encoding: "utf8" })
  assert.include(stderr, "is missing")
  return /V8 does not take the code in .*/.exec(stderr)?.[0]
}

layer(Bundles.layer)("the bundles", (it) => {
  it.effect("stay within their budgets, and hold only the clients that they use", () =>
    Effect.gen(function* () {
      const files = yield* Bundles.Bundles
      for (const name of functionNames) {
        const script = join(dirname(files[name]), "function.js")
        assert.isAtMost(statSync(script).size, budgets[name], name)
        const text = readFileSync(script, "utf8")
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

  it.effect("are loaded and asked in the image build, and Lambda starts from the code that V8 made there", () =>
    Effect.gen(function* () {
      const { ingress } = yield* Bundles.Bundles
      const folder = join(yield* scratchFolder, "lambda")
      cpSync(dirname(dirname(ingress)), folder, { recursive: true })
      for (const name of functionNames) rmSync(join(folder, name, "compiled"))
      Bundles.warm(folder, flagsFor(1769))
      for (const name of functionNames) {
        // Most of it are functions that V8 compiled when they were called.
        assert.isAbove(statSync(join(folder, name, "compiled")).size, 1_000_000, name)
        assert.isUndefined(refusal(join(folder, name), flagsFor(512)), name)
      }
      assert.isDefined(refusal(join(folder, "ingress"), []), "the flags count")
    })
  )

  it("fail the image build where they cannot be loaded", () => {
    assert.throws(() => Bundles.warm("no such folder"), /The functions cannot be warmed/)
  })
})
