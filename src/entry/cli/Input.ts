/** What commands read: files as they are named on the command line, and standard input. */
import { Effect, FileSystem, type PlatformError, Stdio, Stream } from "effect"
import { failed } from "./Failures.ts"

const why = ({ reason, message }: PlatformError.PlatformError): string => {
  switch (reason._tag) {
    case "NotFound":
      return "there is no such file"
    case "PermissionDenied":
      return "permission denied"
    default:
      return message
  }
}

/** All of standard input as text. */
const standardInput = Effect.gen(function* () {
  const { stdin } = yield* Stdio.Stdio
  return yield* Stream.mkString(Stream.decodeText(stdin))
})

/** A file's text, or, of `-`, standard input's; fails with a sentence for whoever named it. */
export const readInput = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  return yield* Effect.mapError(file === "-" ? standardInput : files.readFileString(file), (error) =>
    failed({ message: `${file} cannot be read: ${why(error)}` })
  )
})
