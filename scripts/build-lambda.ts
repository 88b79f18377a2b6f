/**
 * Bundles the Lambda functions: each entry point of `src/entry/lambda` becomes `dist/lambda/NAME/index.mjs`, one minified file with all that
 * it needs. Source maps are beside them, in `dist/lambda-maps`, and not shipped. The admin function gets the page, which must have been built.
 */
import { cp, mkdir, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { build, type Plugin } from "esbuild"
import { credentialsFromEnvironment, onlyWhatIsUsed, withoutEndpointMethods } from "./lambda/Plugins.ts"

const root = join(import.meta.dirname, "..")

/** Where `npm run build:lambda` puts the bundles. */
export const distLambda = join(root, "dist/lambda")

/**
 * Most bytes of each function's bundle: Lambda reads it before the first answer, and GitHub waits for the first of them. Half a megabyte of
 * those that ask GitHub is the HTTP client `undici`, since the one that Node has built in does not show when a request goes out.
 */
export const budgets = {
  ingress: 700_000,
  planner: 1_600_000,
  dispatcher: 1_600_000,
  facts: 700_000,
  sweeper: 1_400_000,
  admin: 1_800_000
}
export type FunctionName = keyof typeof budgets
export const functionNames = Object.keys(budgets) as ReadonlyArray<FunctionName>

/** Some packages are CommonJS and ask for Node's modules by `require`. */
const banner = 'import{createRequire as $require}from"node:module";const require=$require(import.meta.url);'

/** What makes the functions' bundles smaller than others. */
const lean = [onlyWhatIsUsed, credentialsFromEnvironment, withoutEndpointMethods]

/** Bundles one entry point into one minified module; returns how many bytes came of it. */
export const bundle = async (
  entryPoint: string,
  outfile: string,
  plugins: ReadonlyArray<Plugin> = []
): Promise<number> => {
  const { metafile } = await build({
    absWorkingDir: root,
    nodePaths: [join(root, "node_modules")],
    entryPoints: [entryPoint],
    outfile,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    banner: { js: banner },
    legalComments: "none",
    sourcemap: "external",
    metafile: true,
    logLevel: "warning",
    plugins: [...plugins]
  })
  return Object.entries(metafile.outputs).find(([path]) => path.endsWith(".mjs"))?.[1].bytes ?? 0
}

const buildFunction = async (name: FunctionName, outdir: string, plugins: ReadonlyArray<Plugin>) => {
  const outfile = join(outdir, name, "index.mjs")
  const bytes = await bundle(join(root, "src/entry/lambda", `${name}.ts`), outfile, [...plugins, ...lean])
  await rename(`${outfile}.map`, join(`${outdir}-maps`, `${name}.mjs.map`))
  return { name, bytes }
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
