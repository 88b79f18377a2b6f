/**
 * The functions as they are shipped, compiled, or with shorter waits, for tests that wait for leases to end. They are built once for all files
 * of tests, and kept for as long as nothing changes that they are made of.
 */
import { execFileSync } from "node:child_process"
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

/** What stands in place of what in each of some sources. */
type Edits = Readonly<Record<string, ReadonlyArray<readonly [what: RegExp, instead: string]>>>

/** Bundles sources other than they are; fails where one has nothing to be edited. */
const edited = (edits: Edits): Plugin => ({
  name: "edited sources",
  setup: ({ onLoad }) => {
    for (const [file, replacements] of Object.entries(edits)) {
      onLoad({ filter: new RegExp(`/${file.replaceAll(".", "\\.")}$`) }, async ({ path }) => {
        let contents = await readFile(path, "utf8")
        for (const [what, instead] of replacements) {
          if (!what.test(contents)) throw new Error(`${path} has nothing like ${what}`)
          contents = contents.replace(what, instead)
        }
        return { contents, loader: "ts" }
      })
    }
  }
})

/** Puts shorter waits in the place of the defaults. What a newer version has to read waits for it for no more than half a second. */
const shorterWaits = (waits: Readonly<Record<string, string>>): Plugin =>
  edited({
    "src/flow/Settings.ts": Object.entries(waits).map(([name, wait]) => [
      new RegExp(`^( +${name}: Duration\\.)\\w+\\(\\d+\\)`, "m"),
      `$1${wait}`
    ]),
    "src/queue/MessageDecoder.ts": [[/Math\.min\(15 \* 2 \*\* \(attempt - 1\), 900\)/, "0.5"]]
  })

const ingredients = [
  "src/**/*.ts",
  "scripts/**/*.{ts,mjs}",
  "dist/ui/**",
  "package-lock.json",
  "test/e2e/aws/{Bundles,Versions}.ts"
]

/** What starts Lambda's runtime, as far as V8's code depends on it. */
export const lambdaFlags: ReadonlyArray<string> = ["--expose-gc"]

/** Has them compiled, as the image build does. */
export const warm = (folder: string, flags = lambdaFlags): void => {
  const program = join(import.meta.dirname, "../../../scripts/lambda/warm.mjs")
  execFileSync(process.execPath, [...flags, program], {
    env: { FUNCTIONS: folder },
    stdio: ["ignore", "ignore", "pipe"]
  })
}

/** Builds the functions with these plugins and has them compiled, once for each kind; gives their files. */
const filesOf = (kind: string, plugins: ReadonlyArray<Plugin>) =>
  Effect.promise(async () => {
    const folder = await built(`lambda-${kind}`, ingredients, async (to) => {
      await buildLambda(join(to, "lambda"), plugins)
      warm(join(to, "lambda"))
    })
    const files = functionNames.map((name) => [name, join(folder, "lambda", name, "index.mjs")])
    return Object.fromEntries(files) as Record<FunctionName, string>
  })

const layerOf = (kind: string, plugins: ReadonlyArray<Plugin>) => Layer.effect(Bundles, filesOf(kind, plugins))

/** What is shipped. */
export const layer = layerOf("shipped", [])
/** What is shipped, but for its waits. */
export const layerQuick = layerOf("quick", [shorterWaits(waits)])
/** What is shipped, but for its waits, for a GitHub that acts and lists up to 2.6 s late. */
export const layerSoak = layerOf("soak", [shorterWaits({ ...waits, visibleAfter: "millis(3500)" })])
/** Another version, which is made of edited sources; its waits are as short. */
export const otherVersion = (kind: string, edits: Edits) => filesOf(kind, [edited(edits), shorterWaits(waits)])
