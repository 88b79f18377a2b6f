/**
 * How a command ends other than well, and what the process's exit code makes of it: 0 all well, 1 problems were found or the command failed,
 * 2 it was called wrongly.
 */
import { Cause, Console, Effect, type Exit, Runtime, Schema } from "effect"
import { CliError, CliOutput } from "effect/cli"

/** The command did its work and found problems; it has printed them, so nothing more is said. */
export class ProblemsFound extends Schema.TaggedError<ProblemsFound>()("ProblemsFound", { count: Schema.Int }) {
  override readonly [Runtime.errorReported] = false
  override get message() {
    return `${this.count} found`
  }
}

/** The lines that follow the first stand under it. */
const indented = (message: string): string => message.replaceAll("\n", "\n  ")

/** The command could not do its work; `message` is shown. */
export class CommandFailed extends Schema.TaggedError<CommandFailed>()("CommandFailed", { message: Schema.String }) {
  override get [CliError.userMessage]() {
    return indented(this.message)
  }
}

/** The command was called in a way that its flags alone do not forbid; `message` is shown. */
export class WrongUsage extends Schema.TaggedError<WrongUsage>()("WrongUsage", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 2
  override get [CliError.userMessage]() {
    return indented(this.message)
  }
}

/** Any error, as the reason why a command could not do its work. */
export const failed = ({ message }: { readonly message: string }): CommandFailed => new CommandFailed({ message })

/** What is behind an error: an HTTP client's keeps its cause in its reason, and one of several addresses stands for all. */
const behind = (error: Error): unknown => {
  if ("reason" in error && error.reason instanceof Error) return error.reason.cause
  return error instanceof AggregateError ? error.errors[0] : error.cause
}

/** What answers a TLS handshake without TLS, to OpenSSL: as a server of plain HTTP does. */
const withoutTls = /wrong version number|packet length too long|http request/

/** An error of OpenSSL in words: it names its own routines and source files. */
const inWords = (error: Error): string => {
  if (!("library" in error && error.library === "SSL routines" && "reason" in error)) return error.message
  const reason = String(error.reason)
  return withoutTls.test(reason) ? "it does not speak TLS; is http:// meant?" : `TLS fails: ${reason}`
}

/** The innermost message: "connect ECONNREFUSED …", where the outer ones say that a fetch failed. */
export const innermost = (error: Error): string => {
  const cause = behind(error)
  return cause instanceof Error ? innermost(cause) : inWords(error)
}

/** The help that is shown instead of a command; without errors it was asked for by giving no command. */
const isMisuse = (error: unknown): boolean => CliError.isCliError(error) && error._tag === "ShowHelp"

/** Gives each end its exit code. */
export const teardown: Runtime.Teardown = <E, A>(exit: Exit.Exit<E, A>, onExit: (code: number) => void) =>
  exit._tag === "Failure" && isMisuse(Cause.squash(exit.cause)) ? onExit(2) : Runtime.defaultTeardown(exit, onExit)

/** Without the parser's own words before those of the check. */
const inPlainWords = (text: string): string =>
  text
    .replaceAll("Expected: Schema validation failed: Expected", "Expected")
    .replaceAll("Expected: Path is", "It is")
    .replaceAll("Expected: Path does not exist:", "There is no")

/**
 * What is shown to who calls a command wrongly: what is wrong and how it is called, in a few lines on standard error. The whole help is for who
 * asks; it and the version look as everywhere.
 */
export const layerPresenter = CliOutput.layerPresenter({
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Effect.gen(function* () {
          const formatter = yield* CliOutput.Formatter
          yield* Console.error(inPlainWords(formatter.formatErrors(event.errors)))
          yield* Console.error(
            `\nUsage: ${event.helpDoc.usage}\n${event.commandPath.join(" ")} --help shows all options.`
          )
        })
      : CliOutput.defaultPresenter.present(event)
})
