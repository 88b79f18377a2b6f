/** The bundles as they are built: small enough, with no more of the SDK than they use, and ready to have their code compiled ahead. */
import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { budgets, type FunctionName, functionNames } from "../../../scripts/build-lambda.ts"
import * as Bundles from "./Bundles.ts"

/** What each client calls itself to AWS; nobody else does. */
const clients = { DynamoDB: "DynamoDB_20120810", SQS: "AmazonSQS", EventBridge: "AWSEvents", Secrets: "secretsmanager" }
const all = Object.keys(clients)
const used: Readonly<Record<FunctionName, ReadonlyArray<string>>> = {
  ingress: all,
  planner: all,
  dispatcher: all,
  facts: ["DynamoDB", "SQS"],
  admin: all
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

  it.effect("are loaded and asked in the image build, which leaves their compiled code", () =>
    Effect.gen(function* () {
      const { ingress } = yield* Bundles.Bundles
      const folder = dirname(dirname(ingress))
      const compiled = join(folder, "../compiled")
      execFileSync(process.execPath, [join(import.meta.dirname, "../../../scripts/lambda/warm.mjs"), folder], {
        env: { NODE_COMPILE_CACHE: compiled }
      })
      const [version = ""] = readdirSync(compiled)
      assert.isAtLeast(readdirSync(join(compiled, version)).length, functionNames.length)
    })
  )
})
