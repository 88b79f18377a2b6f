/**
 * The functions as they are shipped, or with shorter waits, for tests that wait for leases to end. They are built once for all files of
 * tests, and kept for as long as nothing changes that they are made of.
 */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { Context, Effect, Layer } from "effect"
import type { Plugin } from "esbuild"
import { buildLambda, type FunctionName, functionNames } from "../../../scripts/build-lambda.ts"
import { built } from "../../fixtures/Built.ts"

/** The files of the functions. */
export class Bundles extends Context.Service<Bundles, Readonly<Record<FunctionName, string>>>()(
  "dispatcher/test/e2e/aws/Bundles"
) {}

/** The waits of `Timing`, as the other end-to-end tests have them. */
const waits = {
  lease: "seconds(4)",
  leaseMargin: "millis(500)",
  sendWithin: "seconds(2)",
  startTimeout: "seconds(3)",
  reportLease: "seconds(4)",
  visibleAfter: "millis(500)",
  reportEvery: "millis(300)",
  recheck: "millis(100)",
  backoff: "millis(100)",
  backoffCap: "seconds(1)"
}

/** Puts shorter waits in the place of the defaults. */
const shorterWaits = (waits: Readonly<Record<string, string>>): Plugin => ({
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
})

const ingredients = [
  "src/**/*.ts",
  "scripts/**/*.{ts,mjs}",
  "dist/ui/**",
  "package-lock.json",
  "test/e2e/aws/Bundles.ts"
]

const layerOf = (kind: string, plugins: ReadonlyArray<Plugin>) =>
  Layer.effect(
    Bundles,
    Effect.promise(async () => {
      const folder = await built(`lambda-${kind}`, ingredients, (to) => buildLambda(join(to, "lambda"), plugins))
      const files = functionNames.map((name) => [name, join(folder, "lambda", name, "index.mjs")])
      return Object.fromEntries(files) as Record<FunctionName, string>
    })
  )

/** What is shipped. */
export const layer = layerOf("shipped", [])
/** What is shipped, but for its waits. */
export const layerQuick = layerOf("quick", [shorterWaits(waits)])
/** What is shipped, but for its waits, for a GitHub that acts and lists up to 2.6 s late. */
export const layerSoak = layerOf("soak", [shorterWaits({ ...waits, visibleAfter: "millis(3500)" })])
