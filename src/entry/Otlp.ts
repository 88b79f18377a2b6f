/**
 * Where telemetry goes, by OpenTelemetry's standard variables ("OpenTelemetry Protocol Exporter", "Environment Variable Specification").
 *
 * | variable | means |
 * | --- | --- |
 * | `OTEL_EXPORTER_OTLP_ENDPOINT` | a collector for all signals: `/v1/traces`, `/v1/metrics`, `/v1/logs` are appended to its path |
 * | `OTEL_EXPORTER_OTLP_<signal>_ENDPOINT` | the address for one signal, used as it is |
 * | `OTEL_EXPORTER_OTLP_HEADERS` | `name=value,…` with percent-encoded values; mostly credentials, so never shown |
 * | `OTEL_EXPORTER_OTLP_<signal>_HEADERS` | the headers for one signal, in place of those for all |
 * | `OTEL_SDK_DISABLED` | `true`: nothing is sent, whatever else is set |
 * | `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` | what sends it; the former wins over `service.name` in the latter |
 */
import { Config, Context, Effect, Option, Redacted, Result } from "effect"
import { variableProblem } from "./Typed.ts"

/** A variable's value as `read` takes it, or undefined where it is not set. `read` says what is wrong, never with the value. */
const optional = <A>(variable: string, read: (text: string) => Result.Result<A, string>) =>
  Config.option(Config.NonEmptyString(variable)).pipe(
    Config.mapEffect(
      Option.match({
        onNone: () => Effect.succeed(undefined),
        onSome: (text) =>
          Effect.fromResult(
            Result.mapError(read(text), (message) => variableProblem(variable, message))
          ) as Effect.Effect<A | undefined, Config.ConfigError>
      })
    )
  )

const address = (text: string): Result.Result<URL, string> => {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    return Result.fail("Expected the http(s) address of an OTLP/HTTP collector, such as http://localhost:4318")
  }
  const url = new URL(text)
  return url.username === "" && url.password === ""
    ? Result.succeed(url)
    : Result.fail("holds a name or password; they belong into OTEL_EXPORTER_OTLP_HEADERS")
}

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

type Pairs = Readonly<Record<string, string>>

/** `name=value,…`, as W3C Baggage without properties. */
const pairs = (text: string): Result.Result<Pairs, string> => {
  const found: Array<readonly [string, string]> = []
  for (const [index, member] of text.split(",").entries()) {
    if (member.trim() === "") continue
    const [, name, value] = /^\s*([^\s=]+)\s*=\s*(.*?)\s*$/.exec(member) ?? []
    const [plainName, plainValue] = [decoded(name ?? ""), decoded(value ?? "")]
    if (name === undefined || plainName === undefined || plainValue === undefined) {
      return Result.fail(`Expected name=value,… with percent-encoded values; number ${index + 1} is not`)
    }
    found.push([plainName, plainValue])
  }
  return Result.succeed(Object.fromEntries(found))
}

const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i
const headerValue = /^[\t\x20-\x7e]*$/

const headersOf = (text: string): Result.Result<Redacted.Redacted<Pairs>, string> =>
  Result.flatMap(pairs(text), (given) =>
    Object.entries(given).every(([name, value]) => headerName.test(name) && headerValue.test(value))
      ? Result.succeed(Redacted.make(given, { label: "headers of OTLP" }))
      : Result.fail("holds a name or value that no HTTP header can have")
  )
const headers = (variable: string) => optional(variable, headersOf)

const protocol = (text: string): Result.Result<"http/json" | "http/protobuf", string> =>
  text === "http/json" || text === "http/protobuf"
    ? Result.succeed(text)
    : Result.fail("Expected http/json or http/protobuf; grpc is not supported (collectors take HTTP at port 4318)")

/** The standard takes all but `true` for `false`; here a slip is named, as in every other variable. */
const disabled = (text: string): Result.Result<boolean, string> =>
  /^(true|false)$/i.test(text) ? Result.succeed(text.toLowerCase() === "true") : Result.fail("Expected true or false")

/** One `Config` for each variable. */
export const variables = {
  OTEL_EXPORTER_OTLP_ENDPOINT: optional("OTEL_EXPORTER_OTLP_ENDPOINT", address),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: optional("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", address),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: optional("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", address),
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: optional("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", address),
  OTEL_EXPORTER_OTLP_HEADERS: headers("OTEL_EXPORTER_OTLP_HEADERS"),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: headers("OTEL_EXPORTER_OTLP_TRACES_HEADERS"),
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: headers("OTEL_EXPORTER_OTLP_METRICS_HEADERS"),
  OTEL_EXPORTER_OTLP_LOGS_HEADERS: headers("OTEL_EXPORTER_OTLP_LOGS_HEADERS"),
  OTEL_EXPORTER_OTLP_PROTOCOL: optional("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
  OTEL_SERVICE_NAME: optional("OTEL_SERVICE_NAME", Result.succeed<string>),
  OTEL_RESOURCE_ATTRIBUTES: optional("OTEL_RESOURCE_ATTRIBUTES", pairs),
  OTEL_SDK_DISABLED: optional("OTEL_SDK_DISABLED", disabled)
} as const

/** Their values. */
export type OtlpSettings = { readonly [Name in keyof typeof variables]: Config.Success<(typeof variables)[Name]> }

/** What is exported, each to an address of its own. */
export const signals = ["traces", "metrics", "logs"] as const
type Signal = (typeof signals)[number]

/** Where one signal goes, and with what headers. */
export interface Endpoint {
  readonly url: URL
  readonly headers: Redacted.Redacted<Pairs>
}

/** Where telemetry goes, and as what. */
export interface Destination {
  /** A signal that goes nowhere is not there. */
  readonly endpoints: Readonly<Partial<Record<Signal, Endpoint>>>
  readonly protocol: "http/json" | "http/protobuf"
  readonly serviceName: string
  readonly serviceVersion: string
  readonly attributes: Pairs
}

const appended = (base: URL, signal: Signal): URL => {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/$/, "")}/v1/${signal}`
  return url
}

const capitals = { traces: "TRACES", metrics: "METRICS", logs: "LOGS" } as const

const endpointOf = (settings: Partial<OtlpSettings>, signal: Signal): Endpoint | undefined => {
  const own = `OTEL_EXPORTER_OTLP_${capitals[signal]}` as const
  const base = settings.OTEL_EXPORTER_OTLP_ENDPOINT
  const url = settings[`${own}_ENDPOINT`] ?? (base === undefined ? undefined : appended(base, signal))
  if (url === undefined) return undefined
  return { url, headers: settings[`${own}_HEADERS`] ?? settings.OTEL_EXPORTER_OTLP_HEADERS ?? Redacted.make({}) }
}

/** Where telemetry goes by these settings, or why it goes nowhere. */
export const destinationOf = (settings: Partial<OtlpSettings>, version: string): Result.Result<Destination, string> => {
  if (settings.OTEL_SDK_DISABLED === true) return Result.fail("OTEL_SDK_DISABLED is true")
  const endpoints = signals.flatMap((signal) => {
    const endpoint = endpointOf(settings, signal)
    return endpoint === undefined ? [] : [[signal, endpoint] as const]
  })
  if (endpoints.length === 0) return Result.fail("OTEL_EXPORTER_OTLP_ENDPOINT is not set")
  const attributes = settings.OTEL_RESOURCE_ATTRIBUTES ?? {}
  return Result.succeed({
    endpoints: Object.fromEntries(endpoints),
    protocol: settings.OTEL_EXPORTER_OTLP_PROTOCOL ?? "http/json",
    serviceName: settings.OTEL_SERVICE_NAME ?? attributes["service.name"] ?? "dispatcher",
    serviceVersion: attributes["service.version"] ?? version,
    attributes
  })
}

/** The destination in one line. A query may hold a key, so it is left out. */
export const describeDestination = (destination: Result.Result<Destination, string>): string => {
  if (Result.isFailure(destination)) return `telemetry goes nowhere: ${destination.failure}`
  const { endpoints, serviceName, protocol } = destination.success
  const parts = signals.map((signal) => {
    const url = endpoints[signal]?.url
    return `${signal} ${url === undefined ? "nowhere" : `to ${url.origin}${url.pathname}`}`
  })
  return `telemetry of ${serviceName} goes by OTLP (${protocol}): ${parts.join(", ")}`
}

/** Sends it. */
export const Flush = Context.Reference<Effect.Effect<void>>("dispatcher/entry/Flush", {
  defaultValue: () => Effect.void
})
