/**
 * What a command shows beside the words of its results: colours, what it waits for, and warnings. The latter two go to standard error, so that
 * standard output holds results only.
 */
import { styleText } from "node:util"
import { Cause, Context, Effect, Fiber, Logger, References, Schedule } from "effect"

type Style = Parameters<typeof styleText>[0]

/** Text in a style, if standard output shows styles: on a terminal (`NO_COLOR` and `FORCE_COLOR` are obeyed). */
export const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout })

/** ✔ for yes, ✘ for no. */
export const mark = (yes: boolean): string => (yes ? paint("green", "✔") : paint("red", "✘"))

/** What strangers wrote, so that it cannot move the cursor, change colours, or begin a line of its own. */
export const plain = (text: string): string => text.replaceAll(/\p{Cc}/gu, " ")

/** Takes what is drawn; undefined where there is no terminal. */
export type Screen = ((text: string) => void) | undefined

const isWatched = (): boolean =>
  process.stdout.isTTY === true &&
  process.stderr.isTTY === true &&
  ["NO_COLOR", "CI"].every((name) => (process.env[name] ?? "") === "") &&
  process.env.TERM !== "dumb"

/** Where progress is drawn: a terminal that shows both outputs, and colours. */
export const ProgressScreen = Context.Reference<Screen>("dispatcher/entry/cli/ProgressScreen", {
  defaultValue: () => (isWatched() ? (text) => void process.stderr.write(text) : undefined)
})

/** Shorter waits are not worth a word. */
const unnoticed = "1 second"
const eraseLine = "\r\u001b[2K"
const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]

const spin = (draw: (text: string) => void, what: string) => {
  let drawn = 0
  return Effect.sync(() => draw(`${eraseLine}${frames[drawn++ % frames.length]} ${what}…`)).pipe(
    Effect.repeat(Schedule.spaced("100 millis")),
    Effect.delay(unnoticed),
    Effect.ensuring(Effect.sync(() => drawn > 0 && draw(eraseLine)))
  )
}

/**
 * Says what is waited for while the work takes longer than a second, and takes it back when it ends. The work must print nothing; of results
 * for tools nothing is said.
 */
export const during =
  (what: string, format: "text" | "json" = "text") =>
  <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.gen(function* () {
      const draw = yield* ProgressScreen
      if (draw === undefined || format === "json") return yield* work
      const spinner = yield* Effect.forkChild(spin(draw, what))
      return yield* Effect.ensuring(work, Fiber.interrupt(spinner))
    })

/** Warnings of the parts that a command uses (GitHub is asked again, say), one line each. */
export const layerLog = Logger.layer([
  Logger.make(({ cause, fiber, logLevel, message }) => {
    const notes = Object.entries(fiber.getRef(References.CurrentLogAnnotations)).map(
      ([name, value]) => `${name} ${String(value)}`
    )
    const said = (Array.isArray(message) ? message : [message]).map(String)
    const causes = cause.reasons.length === 0 ? [] : [Cause.pretty(cause)]
    const erased = fiber.getRef(ProgressScreen) === undefined ? "" : eraseLine
    const line = [...said, notes.length === 0 ? "" : `(${notes.join(", ")})`, ...causes]
    process.stderr.write(`${erased}${logLevel.toLowerCase()}: ${line.filter((part) => part !== "").join(" ")}\n`)
  })
])
