/**
 * Logs: one JSON object per line for machines, coloured lines for a terminal; every line of a journey carries its ids, and those of its
 * trace where traces are exported.
 */
import { type Fiber, Formatter, Layer, Logger, type LogLevel, References } from "effect"
import { traceparentOf } from "../queue/TraceContext.ts"

/** By the names that OpenTelemetry gives them in logs. */
const traceOf = ({ cache: { span } }: Fiber.Fiber<unknown, unknown>) =>
  span === undefined || traceparentOf(span) === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId }

const json = Logger.withConsoleLog(
  Logger.make<unknown, string>((options) =>
    Formatter.formatJson({ ...Logger.formatStructured.log(options), ...traceOf(options.fiber) })
  )
)

/** The logger for where the logs go, from the given level up. */
export const layer = (level: LogLevel.LogLevel): Layer.Layer<never> =>
  Layer.mergeAll(
    Logger.layer([process.stdout.isTTY ? Logger.consolePretty() : json]),
    Layer.succeed(References.MinimumLogLevel, level)
  )
