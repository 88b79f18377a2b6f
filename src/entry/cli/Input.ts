/** What commands read: files as they are named on the command line, and standard input; never more than they can use. */
import { relative } from "node:path"
import { Effect, FileSystem, type PlatformError, Schema, Stdio, Stream } from "effect"
import { Argument, CliError, Flag } from "effect/cli"
import { whole } from "../../dashboard/api/Fields.ts"

/** As people name it: relative to the folder they are in, where it is in there. */
const asNamed = (path: string): string => {
  const name = relative(".", path)
  return name.startsWith("..") ? path : name || "."
}

/** A file's name, or, of `either`, a folder's, too; shells complete it; `-` is standard input. */
export const fileArgument = (name: string, pathType: "file" | "either" = "file") =>
  Argument.Path(name, { pathType, mustExist: false }).pipe(Argument.map(asNamed))

/** A flag that is a whole number, limits included. */
export const wholeFlag = (name: string, minimum: number, maximum: number) =>
  Flag.String(name).pipe(Flag.withMetavar("integer"), Flag.withSchema(whole(minimum, maximum)))

/** What was named cannot be read. */
export class Unreadable extends Schema.TaggedError<Unreadable>()("Unreadable", {
  file: Schema.String,
  why: Schema.String
}) {
  override get message() {
    return `${this.file} cannot be read: ${this.why}`
  }
  override get [CliError.userMessage]() {
    return this.message
  }
}

const why = ({ reason, message }: PlatformError.PlatformError): string => {
  switch (reason._tag) {
    case "NotFound":
      return "there is no such file"
    case "PermissionDenied":
      return "permission denied"
    case "BadResource":
      return "it is no file"
    default:
      return message
  }
}

/** The chunks up to the one that makes it more than `most` bytes: endless input ends too. */
const readSome = <E, R>(chunks: Stream.Stream<Uint8Array, E, R>, most: number) =>
  Effect.suspend(() => {
    let size = 0
    const some = Stream.takeUntil(chunks, ({ length }) => {
      size += length
      return size > most
    })
    return Effect.map(Stream.runCollect(some), (parts) => Buffer.concat(parts))
  })

/** A file's bytes, or, of `-`, standard input's; of more than `most`, only so many that it shows. */
export const readInput = Effect.fnUntraced(function* (file: string, most: number) {
  const files = yield* FileSystem.FileSystem
  const { stdin } = yield* Stdio.Stdio
  const chunks = file === "-" ? stdin : files.stream(file)
  return yield* Effect.mapError(readSome(chunks, most), (error) => new Unreadable({ file, why: why(error) }))
})
