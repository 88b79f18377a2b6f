/** `.env`: sets some variables and leaves everything else as it is. */
import { Effect, FileSystem } from "effect"
import { failed } from "./Failures.ts"

/** Line ends spelled out and in quotes, so that Node's `--env-file` reads them back. Nothing that GitHub gives has quotes. */
const written = (name: string, value: string): string => {
  const text = value.trim().replaceAll("\r", "").replaceAll("\n", "\\n")
  return /^[\w.:/-]*$/.test(text) ? `${name}=${text}` : `${name}="${text}"`
}

/** A variable's assignment; a quoted value may go over several lines. */
const assignment = (name: string): RegExp => new RegExp(`^(?:export +)?${name}[ \\t]*=(?:[ \\t]*"[^"]*"|.*)$`, "m")

/** Whether the text gives the variable a value. */
export const isSet = (text: string, name: string): boolean => {
  const found = assignment(name).exec(text)?.[0] ?? ""
  return (
    found
      .slice(found.indexOf("=") + 1)
      .trim()
      .replaceAll('"', "") !== ""
  )
}

/** The text with these variables set: where they stand, or at the end. */
export const withVariables = (text: string, values: Readonly<Record<string, string>>): string =>
  Object.entries(values).reduce((result, [name, value]) => {
    const line = written(name, value)
    if (assignment(name).test(result)) return result.replace(assignment(name), () => line)
    return `${result}${result === "" || result.endsWith("\n") ? "" : "\n"}${line}\n`
  }, text)

/** The file's text; nothing if there is no file. */
export const readEnvFile = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  return (yield* files.exists(path)) ? yield* files.readFileString(path) : ""
}, Effect.mapError(failed))

/** Replaces the file in one step by one that its owner alone may read (mode 600). */
export const writeEnvFile = Effect.fnUntraced(function* (path: string, text: string) {
  const files = yield* FileSystem.FileSystem
  const draft = `${path}.new`
  yield* files.remove(draft, { force: true })
  yield* files.writeFileString(draft, text, { mode: 0o600, flag: "wx" })
  yield* files.rename(draft, path)
}, Effect.mapError(failed))
