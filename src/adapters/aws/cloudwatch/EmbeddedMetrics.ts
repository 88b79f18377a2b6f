/**
 * Metrics as lines of the log, in CloudWatch's Embedded Metric Format: CloudWatch makes metrics of them by itself, without a request and
 * without a right. One line for all that an invocation has recorded, and none where it has recorded nothing.
 *
 * A line is written past `console`, which Lambda's runtime puts a time and a request's id in front of; CloudWatch wants JSON and nothing else.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import { Clock, Effect, Layer } from "effect"
import { type AlarmMetric, AlarmMetrics, type AlarmMetricsSink, alarmMetrics } from "../../../ports/AlarmMetrics.ts"

/** The namespace of all metrics. */
export const namespace = "Dispatcher"
/** The dimension that says of which deployment they are. */
export const dimension = "Deployment"

/** The line that makes metrics of these values, without its end. `now`: milliseconds since the epoch. */
const metricLine = (deployment: string, values: ReadonlyMap<AlarmMetric, number>, now: number): string =>
  JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [[dimension]],
          Metrics: [...values.keys()].map((Name) => ({ Name, Unit: alarmMetrics[Name] }))
        }
      ]
    },
    [dimension]: deployment,
    ...Object.fromEntries(values)
  })

const make = (deployment: string, write: (line: string) => void): AlarmMetricsSink => {
  let values = new Map<AlarmMetric, number>()
  return {
    set: (given) =>
      Effect.sync(() => {
        for (const [name, value] of Object.entries(given)) values.set(name as AlarmMetric, value)
      }),
    count: (metric) => Effect.sync(() => void values.set(metric, (values.get(metric) ?? 0) + 1)),
    publish: Clock.clockWith((clock) =>
      Effect.sync(() => {
        if (values.size === 0) return
        const recorded = values
        values = new Map()
        write(`${metricLine(deployment, recorded, clock.currentTimeMillisUnsafe())}\n`)
      })
    )
  }
}

/** Metrics of a deployment, on standard output unless `write` says otherwise. */
export const layer = (
  deployment: string,
  write: (line: string) => void = (line) => process.stdout.write(line)
): Layer.Layer<never> => Layer.succeed(AlarmMetrics, make(deployment, write))
