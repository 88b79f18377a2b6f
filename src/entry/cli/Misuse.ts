/** What is shown to who calls a command wrongly: what is wrong and how it is called, on standard error. The whole help is for who asks. */
import { Console, Effect } from "effect"
import { CliOutput } from "effect/cli"

/** Without the parser's own words before those of the check. */
const plain = (text: string): string =>
  text.replaceAll("Expected: Schema validation failed: Expected", "Expected").replaceAll("Expected: Path is", "It is")

/** Help and version as everywhere; misuse in a few lines. */
export const layerPresenter = CliOutput.layerPresenter({
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Effect.gen(function* () {
          const formatter = yield* CliOutput.Formatter
          yield* Console.error(plain(formatter.formatErrors(event.errors)))
          yield* Console.error(
            `\nUsage: ${event.helpDoc.usage}\n${event.commandPath.join(" ")} --help shows all options.`
          )
        })
      : CliOutput.defaultPresenter.present(event)
})
