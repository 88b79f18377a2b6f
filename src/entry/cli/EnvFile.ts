/** `.env`: sets some variables and leaves everything else as it is. */
import { parseEnv } from "node:util"
import { Effect, FileSystem } from "effect"
import { failed } from "./Failures.ts"

/** Line ends spelled out and in quotes, so that Node's `--env-file` reads them back. Nothing that GitHub gives has quotes. */
const written = (name: string, value: string): string => {
  const text = value.trim().replaceAll("\r", "").replaceAll("\n", "\\n")
  return /^[\w.:/-]*$/.test(text) ? `${name}=${text}` : `${name}="${text}"`
}

/** A whole assignment (a quoted value may go over several lines) or any other line, as Node reads them one after the other. */
const entries = /^[ \t]*(?:export +)?([\w.-]+)[ \t]*=(?:[ \t]*(["'`])(?:(?!\2)[\s\S])*\2[^\n]*|[^\n]*)\n?|[^\n]*\n?/gm

/** Whether the text gives the variable a value. */
export const isSet = (text: string, name: string): boolean => (parseEnv(text)[name] ?? "") !== ""

/** The text with these variables set, each once: where it stands first, or at the end. */
export const withVariables = (text: string, values: Readonly<Record<string, string>>): string => {
  const left = new Map(Object.entries(values))
  const kept = text.replaceAll(entries, (entry, name: string | undefined) => {
    if (name === undefined || values[name] === undefined) return entry
    const value = left.get(name)
    left.delete(name)
    return value === undefined ? "" : `${written(name, value)}\n`
  })
  const missing = [...left].map(([name, value]) => `${written(name, value)}\n`)
  return `${kept}${kept === "" || kept.endsWith("\n") ? "" : "\n"}${missing.join("")}`
}

/** The file's text; nothing if there is no file. */
export const readEnvFile = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  return (yield* files.exists(path)) ? yield* files.readFileString(path) : ""
}, Effect.mapError(failed))

/** The file itself, where the path is a link to it. */
const fileAt = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  return (yield* files.exists(path)) ? yield* files.realPath(path) : path
})

/** Replaces the file in one step by one that its owner alone may read (mode 600). */
export const writeEnvFile = Effect.fnUntraced(function* (path: string, text: string) {
  const files = yield* FileSystem.FileSystem
  const file = yield* fileAt(path)
  const draft = `${file}.new`
  yield* files.remove(draft, { force: true })
  yield* files.writeFileString(draft, text, { mode: 0o600, flag: "wx" })
  yield* files.rename(draft, file)
}, Effect.mapError(failed))

/** Fails if {@link writeEnvFile} would: before there is anything to lose. */
export const checkEnvFile = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const draft = `${yield* fileAt(path)}.new`
  yield* files.writeFileString(draft, "", { mode: 0o600 })
  yield* files.remove(draft)
}, Effect.mapError(failed))
