/** `dispatcher validate`: what is wrong with a `dispatching.yml`, before it is on the default branch. Asks nobody and changes nothing. */
import { Console, Effect, FileSystem, Result } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { configPaths } from "../../domain/Config.ts"
import { parseConfig } from "../../domain/ConfigFile.ts"
import { ProblemsFound, WrongUsage } from "./Failures.ts"
import { readInput } from "./Input.ts"
import { type Checked, type Format, formats, render } from "./ValidateFormats.ts"

/** The files that GitHub would be asked for, as far as they are here. */
const filesHere = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const found = yield* Effect.filter(configPaths, (path) => files.exists(path))
  if (found.length === 0) {
    return yield* new WrongUsage({ message: `There is no ${configPaths.join(" or ")} here; name a file.` })
  }
  return found
})

const check = (file: string, text: string): Checked =>
  Result.match(parseConfig(text), {
    onSuccess: ({ outbound, inbound }) => ({
      file,
      issues: [],
      rules: { outbound: outbound.length, inbound: inbound.length }
    }),
    onFailure: (issues) => ({ file, issues, rules: undefined })
  })

const checkFile = (file: string) => Effect.map(readInput(file), (text) => check(file === "-" ? "<stdin>" : file, text))

/** Checks files (`-`: standard input; none: those of this folder) and prints what was found. */
export const validate = Effect.fn("cli.validate")(function* (named: ReadonlyArray<string>, format: Format) {
  const files = named.length > 0 ? named : yield* filesHere
  const checked = yield* Effect.forEach(files, checkFile)
  const { lines, problems } = render(format, checked)
  yield* Effect.forEach(lines, (line) => Console.log(line))
  if (problems > 0) return yield* new ProblemsFound({ count: problems })
})

export const command = Command.make(
  "validate",
  {
    files: Argument.String("file").pipe(
      Argument.withDescription(
        "Files to check; - is standard input. Default: dispatching.yml and .github/dispatching.yml"
      ),
      Argument.variadic()
    ),
    format: Flag.Literals("format", formats).pipe(
      Flag.withDescription("text for people, github for annotations in GitHub Actions, json for tools"),
      Flag.withDefault("text")
    )
  },
  ({ files, format }) => validate(files, format)
).pipe(
  Command.withDescription("Check dispatching.yml and say what is wrong, with file, line and column"),
  Command.withExamples([
    { command: "dispatcher validate", description: "Check this repository's file" },
    { command: "dispatcher validate --format github", description: "In a workflow: annotate the pull request" },
    { command: "git show main:dispatching.yml | dispatcher validate -", description: "Check what is on main" }
  ])
)
