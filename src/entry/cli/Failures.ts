/**
 * How a command ends other than well, and what the process's exit code makes of it: 0 all well, 1 problems were found or the command failed,
 * 2 it was called wrongly.
 */
import { Cause, type Exit, Runtime, Schema } from "effect"
import { CliError } from "effect/cli"

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

/** The help that is shown instead of a command; without errors it was asked for by giving no command. */
const isMisuse = (error: unknown): boolean => CliError.isCliError(error) && error._tag === "ShowHelp"

/** Gives each end its exit code. */
export const teardown: Runtime.Teardown = <E, A>(exit: Exit.Exit<E, A>, onExit: (code: number) => void) =>
  exit._tag === "Failure" && isMisuse(Cause.squash(exit.cause)) ? onExit(2) : Runtime.defaultTeardown(exit, onExit)
