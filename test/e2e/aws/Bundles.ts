/** The functions as they are shipped, built once for each file of tests; or with shorter waits, for tests that wait for leases to end. */
import { mkdtempSync, rmSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Context, Effect, Layer } from "effect"
import type { Plugin } from "esbuild"
import { buildLambda, type FunctionName, functionNames } from "../../../scripts/build-lambda.ts"

/** The files of the functions. */
export class Bundles extends Context.Service<Bundles, Readonly<Record<FunctionName, string>>>()(
  "dispatcher/test/e2e/aws/Bundles"
) {}

/** The waits of `Timing`, as the other end-to-end tests have them. */
const waits = {
  lease: "seconds(4)",
  startTimeout: "seconds(2)",
  visibleAfter: "millis(500)",
  recheck: "millis(100)",
  backoff: "millis(100)",
  backoffCap: "seconds(1)"
}

/** Puts the shorter waits in the place of the defaults. */
const shorterWaits: Plugin = {
  name: "shorter waits",
  setup: ({ onLoad }) =>
    onLoad({ filter: /src\/flow\/Settings\.ts$/ }, async ({ path }) => {
      let contents = await readFile(path, "utf8")
      for (const [name, wait] of Object.entries(waits)) {
        const line = new RegExp(`^( +${name}: Duration\\.)\\w+\\(\\d+\\)`, "m")
        if (!line.test(contents)) throw new Error(`${path} has no default for ${name}`)
        contents = contents.replace(line, `$1${wait}`)
      }
      return { contents, loader: "ts" }
    })
}

const built = (plugins: ReadonlyArray<Plugin>) =>
  Layer.effect(
    Bundles,
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "dispatcher-lambda-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
      )
      yield* Effect.promise(() => buildLambda(join(folder, "lambda"), plugins))
      const files = functionNames.map((name) => [name, join(folder, "lambda", name, "index.mjs")])
      return Object.fromEntries(files) as Record<FunctionName, string>
    })
  )

/** What is shipped. */
export const layer = built([])
/** What is shipped, but for its waits. */
export const layerQuick = built([shorterWaits])
