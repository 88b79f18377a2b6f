/**
 * The functions as they are shipped, or with shorter waits, for tests that wait for leases to end. They are built once for all files of
 * tests, and kept for as long as nothing changes that they are made of.
 */
import { createHash } from "node:crypto"
import { existsSync, globSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs"
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
  leaseMargin: "millis(500)",
  sendWithin: "seconds(2)",
  startTimeout: "seconds(3)",
  reportLease: "seconds(4)",
  visibleAfter: "millis(500)",
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

const root = join(import.meta.dirname, "../../..")
const ingredients = [
  "src/**/*.ts",
  "scripts/**/*.{ts,mjs}",
  "dist/ui/**",
  "package-lock.json",
  "test/e2e/aws/Bundles.ts"
]

/** Tells apart what would be built differently. */
const fingerprint = (kind: string): string => {
  const hash = createHash("sha256").update(kind)
  const paths = globSync(ingredients, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  for (const path of paths.sort()) hash.update(path).update("\0").update(readFileSync(path)).update("\0")
  return hash.digest("hex").slice(0, 16)
}

/** Builds aside and moves what is complete into its place, so that others find all of it or nothing; the first who has it wins. */
const build = async (folder: string, plugins: ReadonlyArray<Plugin>): Promise<void> => {
  const aside = mkdtempSync(`${folder}-`)
  await buildLambda(join(aside, "lambda"), plugins)
  try {
    renameSync(aside, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
    rmSync(aside, { recursive: true })
  }
}

const built = (kind: string, plugins: ReadonlyArray<Plugin>) =>
  Layer.effect(
    Bundles,
    Effect.promise(async () => {
      const folder = join(tmpdir(), `dispatcher-lambda-${fingerprint(kind)}`)
      if (!existsSync(folder)) await build(folder, plugins)
      const files = functionNames.map((name) => [name, join(folder, "lambda", name, "index.mjs")])
      return Object.fromEntries(files) as Record<FunctionName, string>
    })
  )

/** What is shipped. */
export const layer = built("shipped", [])
/** What is shipped, but for its waits. */
export const layerQuick = built("quick", [shorterWaits(waits)])
/** What is shipped, but for its waits, for a GitHub that acts and lists up to 2.6 s late. */
export const layerSoak = built("soak", [shorterWaits({ ...waits, visibleAfter: "millis(3500)" })])
