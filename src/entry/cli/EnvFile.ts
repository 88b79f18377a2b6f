/** `.env`: sets some variables and leaves everything else as it is. */
import { parseEnv } from "node:util"
import { Effect, FileSystem, Option } from "effect"
import { CommandFailed, failed } from "./Failures.ts"

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

/** Fails where the path is a link: what is behind it may be anybody's file, and would get the App's secrets. */
const refuseLink = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const link = yield* Effect.option(files.readLink(path))
  if (Option.isNone(link)) return
  return yield* new CommandFailed({
    message: `${path} is a symbolic link to ${link.value}; secrets are written to plain files only. Name that file, or remove the link.`
  })
})

/** A file beside the path, for its owner only; whatever stood there is removed, and no link is followed. */
const writeDraft = Effect.fnUntraced(function* (path: string, text: string) {
  const files = yield* FileSystem.FileSystem
  const draft = `${path}.new`
  yield* files.remove(draft, { force: true })
  yield* files.writeFileString(draft, text, { mode: 0o600, flag: "wx" })
  return draft
})

/** Replaces the file in one step by one that its owner alone may read (mode 600). */
export const writeEnvFile = Effect.fnUntraced(function* (path: string, text: string) {
  const files = yield* FileSystem.FileSystem
  yield* refuseLink(path)
  yield* files.rename(yield* writeDraft(path, text), path)
}, Effect.mapError(failed))

/** Fails if {@link writeEnvFile} would: before there is anything to lose. */
export const checkEnvFile = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  yield* refuseLink(path)
  yield* files.remove(yield* writeDraft(path, ""))
}, Effect.mapError(failed))
