/**
 * Builds the dashboard's page: `src/dashboard/ui` becomes `index.html`, `sign-in.html`, `app.js` and `app.css`, in `dist/ui` for what is
 * packed, or in the folder that is given. `page/` is committed (`npm run build:page`), so that a checkout runs without a build tool.
 *
 * The names carry no hash because the server sends ETags. What the browser has to load must stay below the budget, or the build fails.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { build } from "esbuild"

const root = join(import.meta.dirname, "..")
const source = join(root, "src/dashboard/ui")

/** Where `npm run build:ui` puts the page. */
export const distUi = join(root, "dist/ui")

/** Most bytes, compressed, that the page may weigh. */
const budget = 100_000

/** Preact and uPlot ask that their notice goes with every copy. */
const banner = "/*! With Preact, (c) Jason Miller, and uPlot, (c) Leon Sorokin, both under the MIT License. */"

/** A file of the page. */
interface Built {
  readonly name: string
  readonly bytes: number
  readonly compressed: number
}

const measured = (name: string, content: Uint8Array): Built => ({
  name,
  bytes: content.length,
  compressed: gzipSync(content, { level: 9 }).length
})

const bundle = async (outdir: string): Promise<ReadonlyArray<Built>> => {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [
      { in: join(source, "Main.tsx"), out: "app" },
      { in: join(source, "styles/App.css"), out: "app" }
    ],
    bundle: true,
    minify: true,
    format: "esm",
    target: ["chrome123", "firefox128", "safari17.5"],
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    banner: { js: banner, css: banner },
    outdir,
    write: false,
    logLevel: "warning"
  })
  await Promise.all(outputFiles.map(({ path, contents }) => writeFile(path, contents)))
  return outputFiles.map(({ path, contents }) => measured(path.slice(outdir.length + 1), contents))
}

/** Comments in the pages are for their authors. */
const page = async (name: string, outdir: string): Promise<Built> => {
  const html = await readFile(join(source, name), "utf8")
  const content = Buffer.from(html.replaceAll(/<!--.*?-->\s*/gs, ""))
  await writeFile(join(outdir, name), content)
  return measured(name, content)
}

/** Builds the page into a folder and prints what its files weigh. */
export const buildUi = async (outdir: string): Promise<ReadonlyArray<Built>> => {
  await mkdir(outdir, { recursive: true })
  const files = await Promise.all([bundle(outdir), page("index.html", outdir), page("sign-in.html", outdir)])
  return files.flat()
}

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} KB`.padStart(9)

if (import.meta.main) {
  const files = await buildUi(process.argv[2] ?? distUi)
  for (const { name, bytes, compressed } of files) {
    process.stdout.write(`${name.padEnd(14)}${kilobytes(bytes)}${kilobytes(compressed)} compressed\n`)
  }
  const total = files.reduce((sum, { compressed }) => sum + compressed, 0)
  process.stdout.write(`${"all".padEnd(23)}${kilobytes(total)} compressed, of ${kilobytes(budget).trim()}\n`)
  if (total > budget) {
    process.stderr.write("The page is heavier than its budget.\n")
    process.exitCode = 1
  }
}
