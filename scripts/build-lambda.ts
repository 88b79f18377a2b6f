/**
 * Bundles the Lambda functions: each entry point of `src/entry/lambda` becomes `dist/lambda/NAME/function.js`, one minified script with all
 * that it needs, and gets `index.mjs`, which runs it. Source maps are beside them, in `dist/lambda-maps`, and not shipped. The admin function
 * gets the page, which must have been built.
 */
import { cp, mkdir, rename, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { type BuildOptions, build, type Plugin } from "esbuild"
import {
  credentialsFromEnvironment,
  onlyRequestsOfUndici,
  onlyWhatIsUsed,
  withoutEndpointMethods
} from "./lambda/Plugins.ts"

const root = join(import.meta.dirname, "..")

/** Where `npm run build:lambda` puts the bundles. */
export const distLambda = join(root, "dist/lambda")

/**
 * Most bytes of each function's bundle: Lambda reads it before the first answer, and GitHub waits for the first of them. A third of a megabyte
 * of those that ask GitHub is the HTTP client `undici`, since the one that Node has built in does not show when a request goes out.
 */
export const budgets = {
  ingress: 580_000,
  planner: 1_230_000,
  dispatcher: 1_250_000,
  facts: 600_000,
  rollup: 620_000,
  sweeper: 1_050_000,
  admin: 1_400_000
}
export type FunctionName = keyof typeof budgets
export const functionNames = Object.keys(budgets) as ReadonlyArray<FunctionName>

const lambda = join(root, "src/entry/lambda")

/** What makes the functions' bundles smaller than others. */
const lean = [onlyWhatIsUsed, credentialsFromEnvironment, withoutEndpointMethods, onlyRequestsOfUndici]

/** How one entry point becomes one minified file that needs nothing but Node. */
export const bundling = {
  absWorkingDir: root,
  nodePaths: [join(root, "node_modules")],
  bundle: true,
  minify: true,
  platform: "node",
  target: "node24",
  mainFields: ["module", "main"],
  charset: "ascii",
  legalComments: "none",
  logLevel: "warning"
} satisfies BuildOptions

/**
 * The script is a function that `index.ts` calls. Modules are strict, and so is what is made of them; a script cannot import, so that what is
 * imported late is required late.
 */
const script = {
  format: "cjs",
  supported: { "dynamic-import": false },
  banner: { js: '(function(module,require,__filename,__dirname){"use strict";' },
  footer: { js: "})" },
  define: { "import.meta.dirname": "__dirname", "import.meta.url": "__filename" }
} satisfies BuildOptions

const buildFunction = async (name: FunctionName, outdir: string, plugins: ReadonlyArray<Plugin>) => {
  const outfile = join(outdir, name, "function.js")
  await build({
    ...bundling,
    ...script,
    entryPoints: [join(lambda, `${name}.ts`)],
    outfile,
    sourcemap: "external",
    plugins: [...plugins, ...lean]
  })
  await rename(`${outfile}.map`, join(`${outdir}-maps`, `${name}.js.map`))
  await build({
    ...bundling,
    entryPoints: [join(lambda, "index.ts")],
    outfile: join(outdir, name, "index.mjs"),
    format: "esm"
  })
  return { name, bytes: (await stat(outfile)).size }
}

/** Builds all functions into a folder and prints how large they are. `plugins` come before our own. */
export const buildLambda = async (outdir: string, plugins: ReadonlyArray<Plugin> = []) => {
  for (const folder of [outdir, `${outdir}-maps`]) {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
  }
  const built = await Promise.all(functionNames.map((name) => buildFunction(name, outdir, plugins)))
  await cp(join(root, "dist/ui"), join(outdir, "admin/ui"), { recursive: true })
  return built
}

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(0)} KB`.padStart(9)

if (import.meta.main) {
  const built = await buildLambda(distLambda)
  for (const { name, bytes } of built) {
    process.stdout.write(`${name.padEnd(12)}${kilobytes(bytes)} of ${kilobytes(budgets[name]).trim()}\n`)
  }
  if (built.some(({ name, bytes }) => bytes > budgets[name])) {
    process.stderr.write("A function is larger than its budget.\n")
    process.exitCode = 1
  }
}
