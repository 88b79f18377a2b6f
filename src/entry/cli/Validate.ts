/** `dispatcher validate`: what is wrong with a `dispatching.yml`, before it is on the default branch. Asks no service and changes nothing. */
import { isUtf8 } from "node:buffer"
import { basename, join } from "node:path"
import { Console, Effect, FileSystem, Option, Result } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { adviceOn, type ConfigAdvice, configPaths, misnamedHint, misnamedPaths } from "../../domain/Config.ts"
import { parseConfig } from "../../domain/ConfigFile.ts"
import { maxFileBytes } from "../../domain/ConfigYaml.ts"
import { ProblemsFound, WrongUsage } from "./Failures.ts"
import { fileArgument, readInput, type Unreadable } from "./Input.ts"
import { type Checked, type Format, formats, render } from "./ValidateFormats.ts"

const mistake = (file: string, message: string, line = 1, column = 1): Checked => ({
  file,
  issues: [{ line, column, path: "", message }],
  rules: undefined,
  advice: [],
  ignored: undefined
})

/** The first byte that is no text. GitHub shows something else in its place, or nothing. */
const notText = (file: string, text: string): Checked => {
  const before = text.slice(0, Math.max(0, text.indexOf("\ufffd"))).split("\n")
  return mistake(
    file,
    "found a byte that is not UTF-8, expected plain text",
    before.length,
    (before.at(-1) ?? "").length + 1
  )
}

const check = (file: string, bytes: Buffer): Checked => {
  const text = new TextDecoder().decode(bytes)
  if (bytes.length <= maxFileBytes && !isUtf8(bytes)) return notText(file, text)
  return Result.match(parseConfig(text), {
    onSuccess: (config) => ({
      file,
      issues: [],
      rules: { outbound: config.outbound.length, inbound: config.inbound.length },
      advice: adviceOn(config),
      ignored: undefined
    }),
    onFailure: (issues) => ({ file, issues, rules: undefined, advice: [], ignored: undefined })
  })
}

/** A file's bytes; of a link in the place of a `dispatching.yml` its target, which is what git and GitHub have for its content. */
const readAsGit = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const link = basename(file) === "dispatching.yml" ? yield* Effect.option(files.readLink(file)) : Option.none()
  return Option.isSome(link) ? Buffer.from(link.value) : yield* readInput(file, maxFileBytes)
})

const wrongEnding = /(?:^|\/)((?:\.github\/)?dispatching\.yaml)$/
const yamlFile = /\.ya?ml$/

/** What keeps the service from reading this file under this name, though its content may be well. */
const adviceOnName = Effect.fnUntraced(function* (
  file: string
): Effect.fn.Return<ReadonlyArray<ConfigAdvice>, never, FileSystem.FileSystem> {
  const [, path] = wrongEnding.exec(file) ?? []
  const misnamed = misnamedPaths.find((each) => each === path)
  if (misnamed !== undefined) return [{ line: 1, message: misnamedHint(misnamed) }]
  if (!yamlFile.test(file) || basename(file) === "dispatching.yml") return []
  const files = yield* FileSystem.FileSystem
  const link = yield* Effect.option(files.readLink(file))
  const message = "a symbolic link, of which GitHub has only the path: the dispatcher reads regular files only"
  return Option.isSome(link) ? [{ line: 1, message }] : []
})

const checkFile = (file: string) => {
  const name = file === "-" ? "<stdin>" : file
  return Effect.all([readAsGit(file), adviceOnName(file)]).pipe(
    Effect.map(([bytes, advice]) => {
      const checked = check(name, bytes)
      return { ...checked, advice: [...advice, ...checked.advice] }
    }),
    Effect.catchTag("Unreadable", ({ why }: Unreadable) => Effect.succeed(mistake(name, `cannot be read: ${why}`)))
  )
}

/** A repository's folder, as the service sees it: of its two files the first counts, and the other is none. */
const checkFolder = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const [first, ...others] = yield* Effect.filter(
    configPaths.map((path) => join(folder, path)),
    (path) => files.exists(path)
  )
  if (first === undefined) {
    const where = folder === "." ? "here; name a file" : `in ${folder}`
    const [misnamed] = yield* Effect.filter(misnamedPaths, (path) => files.exists(join(folder, path)))
    const hint = misnamed === undefined ? "" : ` (${misnamedHint(misnamed)})`
    return yield* new WrongUsage({ message: `There is no ${configPaths.join(" or ")} ${where}${hint}.` })
  }
  const ignored = others.map((file): Checked => ({ file, issues: [], rules: undefined, advice: [], ignored: first }))
  return [yield* checkFile(first), ...ignored]
})

const checkNamed = Effect.fnUntraced(function* (name: string) {
  const files = yield* FileSystem.FileSystem
  const info = yield* Effect.option(files.stat(name))
  const isFolder = name !== "-" && Option.exists(info, ({ type }) => type === "Directory")
  return isFolder ? yield* checkFolder(name) : [yield* checkFile(name)]
})

/** Checks files (`-`: standard input; a folder, or none: the one that counts there) and prints what was found. */
export const validateFiles = Effect.fn("cli.validate")(function* (named: ReadonlyArray<string>, format: Format) {
  const checked = yield* Effect.forEach(named.length > 0 ? named : ["."], checkNamed)
  const { lines, problems } = render(format, checked.flat())
  yield* Effect.forEach(lines, (line) => Console.log(line))
  if (problems > 0) return yield* new ProblemsFound({ count: problems })
})

export const command = Command.make(
  "validate",
  {
    files: fileArgument("file", "either").pipe(
      Argument.withDescription(
        "Files or folders to check; - is standard input. Default: dispatching.yml, or .github/dispatching.yml"
      ),
      Argument.variadic()
    ),
    format: Flag.Literals("format", formats).pipe(
      Flag.withDescription("text for people, github for annotations in GitHub Actions, json for tools. Default: text"),
      Flag.withDefault("text")
    )
  },
  ({ files, format }) => validateFiles(files, format)
).pipe(
  Command.withDescription("Check dispatching.yml and say what is wrong, with file, line and column"),
  Command.withExamples([
    { command: "dispatcher validate", description: "Check this repository's file" },
    { command: "dispatcher validate --format github", description: "In a workflow: annotate the pull request" },
    { command: "git show main:dispatching.yml | dispatcher validate -", description: "Check what is on main" }
  ])
)
