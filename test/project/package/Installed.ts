/**
 * The package as its users have it: packed from a copy of what is needed to build it, and installed by npm into an empty project.
 *
 * No network: npm finds what the package depends on already there, linked from our own `node_modules`, and a registry that has nothing
 * else (`Registry.ts`). It keeps what the package and the project require, and removes the rest: what the package forgets to require is
 * not there.
 */
import { execFile } from "node:child_process"
import {
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { promisify } from "node:util"
import { withRegistry } from "./Registry.ts"

const root = join(import.meta.dirname, "../../..")
const modules = join(root, "node_modules")
const readJson = (path: string) => JSON.parse(readFileSync(path, "utf8"))

/** How a command ended. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const executable = promisify(execFile)

/** Runs a command to its end, with the Node that the tests run on. */
export const run = async (
  cwd: string,
  [command = "", ...args]: ReadonlyArray<string>,
  { env = {}, stdin = "" }: { readonly env?: Record<string, string>; readonly stdin?: string } = {}
): Promise<Ended> => {
  const PATH = [join(process.execPath, ".."), process.env.PATH].join(delimiter)
  const running = executable(command, args, { cwd, env: { HOME: process.env.HOME, PATH, ...env }, maxBuffer: 2 ** 26 })
  running.child.stdin?.end(stdin)
  try {
    return { code: 0, ...(await running) }
  } catch (cause) {
    const { code, stdout, stderr } = cause as Ended
    return { code: Number(code), stdout, stderr }
  }
}

const succeed = async (cwd: string, command: ReadonlyArray<string>): Promise<string> => {
  const { code, stdout, stderr } = await run(cwd, command)
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}:\n${stdout}\n${stderr}`)
  return stdout
}

interface Locked {
  readonly dependencies?: Record<string, string>
  readonly optionalDependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
  readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>
}

/** Where Node finds a package that the one at `from` asks for. */
const locate = (packages: Readonly<Record<string, Locked>>, from: string, name: string): string | undefined => {
  const place = from === "" ? `node_modules/${name}` : `${from}/node_modules/${name}`
  if (packages[place] !== undefined) return place
  return from === ""
    ? undefined
    : locate(packages, from.slice(0, Math.max(0, from.lastIndexOf("/node_modules/"))), name)
}

/** The places of packages and of everything that they need. */
const closure = (names: ReadonlyArray<string>): ReadonlySet<string> => {
  const { packages } = readJson(join(root, "package-lock.json")) as { readonly packages: Record<string, Locked> }
  const places = new Set<string>()
  const visit = (from: string, name: string): void => {
    const place = locate(packages, from, name)
    if (place === undefined || places.has(place)) return
    places.add(place)
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta = {} } = packages[place] ?? {}
    const peers = Object.keys(peerDependencies ?? {}).filter((peer) => !peerDependenciesMeta[peer]?.optional)
    for (const next of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]) visit(place, next)
  }
  for (const name of names) visit("", name)
  return places
}

/** A copy of a package's files that takes no space where that is possible; packages within it are left out. */
const linkPackage = (from: string, to: string): void => {
  mkdirSync(to, { recursive: true })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.name === "node_modules") continue
    if (entry.isDirectory()) linkPackage(source, target)
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target)
    else {
      try {
        linkSync(source, target)
      } catch {
        copyFileSync(source, target)
      }
    }
  }
}

/** The commands of the packages that are there; without them npm would take a package for half installed. */
const linkCommands = (project: string): void => {
  mkdirSync(join(project, ".bin"))
  for (const name of readdirSync(join(modules, ".bin"))) {
    const target = readlinkSync(join(modules, ".bin", name))
    if (existsSync(join(project, ".bin", target))) symlinkSync(target, join(project, ".bin", name))
  }
}

/** What a build of the package needs of the repository. */
const sources = [
  "package.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "README.md",
  "LICENSE",
  "CHANGELOG.md",
  "bin",
  "src",
  "scripts"
]

/** Builds and packs, as `npm publish` would; not here, because other tests use `dist`. */
const pack = async (folder: string) => {
  const checkout = join(folder, "checkout")
  for (const path of sources) cpSync(join(root, path), join(checkout, path), { recursive: true })
  symlinkSync(modules, join(checkout, "node_modules"))
  const [packed] = JSON.parse(
    await succeed(checkout, ["npm", "pack", "--json", "--foreground-scripts=false", "--pack-destination", folder])
  )
  const { filename, files } = packed as { readonly filename: string; readonly files: ReadonlyArray<{ path: string }> }
  return { tarball: join(folder, filename), files: files.map(({ path }) => path) }
}

/** What the project has besides the package: Node's types, and a test runner for what is in `dispatcher/testing`. */
const tools = ["@effect/vitest", "@types/node", "vitest"]

/** An empty project, but for the examples; gives the folders of the packages that npm may find. */
const createProject = (folder: string): ReadonlyArray<string> => {
  const { dependencies, devDependencies, peerDependencies } = readJson(join(root, "package.json"))
  const project = { private: true, type: "module" }
  const wanted = Object.fromEntries(tools.map((name) => [name, devDependencies[name]]))
  mkdirSync(folder)
  writeFileSync(join(folder, "package.json"), JSON.stringify({ ...project, devDependencies: wanted }))
  const names = [...Object.keys({ ...dependencies, ...peerDependencies }), ...tools]
  // Packages for other machines are in the lock file only.
  const places = [...closure(names)].filter((place) => existsSync(join(root, place)))
  for (const place of places) linkPackage(join(root, place), join(folder, place))
  linkCommands(join(folder, "node_modules"))
  cpSync(join(root, "examples"), folder, { recursive: true, filter: (path) => !path.endsWith("tsconfig.json") })
  return places.map((place) => join(root, place))
}

/** Packs and installs; `project` is the folder of the project, with the examples in it. */
export const install = async () => {
  const folder = mkdtempSync(join(tmpdir(), "dispatcher-package-"))
  const project = join(folder, "project")
  const { tarball, files } = await pack(folder)
  await withRegistry(createProject(project), (registry) => {
    const quietly = ["--ignore-scripts", "--no-audit", "--no-fund", `--cache=${join(folder, "cache")}`]
    return succeed(project, ["npm", "install", `--registry=${registry}`, ...quietly, tarball])
  })
  return { project, files, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
