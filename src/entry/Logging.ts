/** Logs: one JSON object per line for machines, coloured lines for a terminal; every line of a journey carries its ids. */
import { Layer, Logger, type LogLevel, References } from "effect"

/** The logger for where the logs go, from the given level up. */
export const layer = (level: LogLevel.LogLevel): Layer.Layer<never> =>
  Layer.mergeAll(
    Logger.layer([process.stdout.isTTY ? Logger.consolePretty() : Logger.consoleJson]),
    Layer.succeed(References.MinimumLogLevel, level)
  )
