/** Telemetry by OpenTelemetry's standard variables: to which addresses it goes, with what headers, and as what. */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Logger, Redacted, Result } from "effect"
import { readConfiguration, type Values } from "../../src/entry/Configuration.ts"
import { destinationOf as found, type OtlpSettings, variables } from "../../src/entry/Otlp.ts"
import { variables as proxyVariables } from "../../src/entry/Proxies.ts"
import * as Telemetry from "../../src/entry/Telemetry.ts"
import { proxyTo, secure } from "../adapters/Proxying.ts"
import { collector } from "../e2e/Collector.ts"

type Environment = Readonly<Record<string, string>>
/** Only what is set, as the server reads it. */
const settingsOf = (environment: Environment) => {
  const all = { ...variables, ...proxyVariables }
  const present = Object.fromEntries(Object.entries(all).filter(([name]) => name in environment))
  return Effect.map(
    readConfiguration(present).pipe(Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(environment)))),
    (values) => values as Partial<Values<typeof variables & typeof proxyVariables>>
  )
}
const problemsOf = (environment: Environment) =>
  Effect.map(Effect.flip(settingsOf(environment)), ({ problems }) => problems)

const destinationOf = (settings: Partial<OtlpSettings>, version: string) =>
  Result.getOrUndefined(found(settings, version))

const base = "OTEL_EXPORTER_OTLP_ENDPOINT"
const traces = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
const headers = "OTEL_EXPORTER_OTLP_HEADERS"

describe("the address of telemetry", () => {
  const tracesGoTo: ReadonlyArray<readonly [Environment, string | undefined]> = [
    [{ [base]: "http://collector:4318" }, "http://collector:4318/v1/traces"],
    [{ [base]: "http://collector:4318/" }, "http://collector:4318/v1/traces"],
    [{ [base]: "https://otlp.example/otlp" }, "https://otlp.example/otlp/v1/traces"],
    [{ [base]: "https://otlp.example/otlp/" }, "https://otlp.example/otlp/v1/traces"],
    [{ [base]: "https://otlp.example/otlp?key=1" }, "https://otlp.example/otlp/v1/traces?key=1"],
    [{ [traces]: "https://otlp.example/mine" }, "https://otlp.example/mine"],
    [{ [traces]: "https://otlp.example" }, "https://otlp.example/"],
    [{ [base]: "http://collector:4318", [traces]: "https://otlp.example/mine" }, "https://otlp.example/mine"],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "https://otlp.example/metrics" }, undefined],
    [{ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "https://otlp.example/logs" }, undefined],
    [{ [base]: "http://collector:4318", OTEL_SDK_DISABLED: "false" }, "http://collector:4318/v1/traces"]
  ]
  for (const [environment, expected] of tracesGoTo) {
    it.effect(`by ${JSON.stringify(environment)} is ${expected ?? "none for traces"}`, () =>
      Effect.gen(function* () {
        const destination = destinationOf(yield* settingsOf(environment), "1.0.0")
        assert.strictEqual(destination?.endpoints.traces?.url.href, expected)
        const all = Object.keys(destination?.endpoints ?? {})
        assert.deepStrictEqual(all, base in environment ? ["traces", "metrics", "logs"] : all.slice(0, 1))
      })
    )
  }

  const wrong: ReadonlyArray<readonly [string, string]> = [
    [base, "localhost:4318"],
    [base, "grpc://collector:4317"],
    [base, "http://"],
    [traces, "https://me:pass-phrase@otlp.example"],
    [headers, "pass-phrase"],
    [headers, "a=1,=pass-phrase"],
    [headers, "authorization=pass-phrase%zz"],
    [headers, "authorization=pass-phrase%0A"],
    ["OTEL_EXPORTER_OTLP_METRICS_HEADERS", "pass-phrase"],
    ["OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"],
    ["OTEL_SDK_DISABLED", "1"],
    ["OTEL_RESOURCE_ATTRIBUTES", "service.name"]
  ]
  for (const [variable, value] of wrong) {
    it.effect(`and ${variable}=${value} is a problem that does not show the value`, () =>
      Effect.gen(function* () {
        const problems = yield* problemsOf({ [variable]: value })
        assert.deepStrictEqual(
          problems.map((problem) => problem.variable),
          [variable]
        )
        assert.notInclude(JSON.stringify(problems), "pass-phrase")
      })
    )
  }

  it.effect("comes with the headers of its signal, or else with those of all", () =>
    Effect.gen(function* () {
      const destination = destinationOf(
        yield* settingsOf({
          [base]: "http://collector:4318",
          [headers]: "for=all,extra=1",
          OTEL_EXPORTER_OTLP_TRACES_HEADERS: "for=traces",
          OTEL_EXPORTER_OTLP_METRICS_HEADERS: "for=metrics"
        }),
        "1"
      )
      const given = Object.entries(destination?.endpoints ?? {}).map(([signal, endpoint]) => [
        signal,
        Redacted.value(endpoint.headers)
      ])
      assert.deepStrictEqual(Object.fromEntries(given), {
        traces: { for: "traces" },
        metrics: { for: "metrics" },
        logs: { for: "all", extra: "1" }
      })
      const logs = "OTEL_EXPORTER_OTLP_LOGS_HEADERS"
      const alone = destinationOf(yield* settingsOf({ [base]: "http://collector:4318", [logs]: "for=logs" }), "1")
      assert.deepStrictEqual(alone && Redacted.value(alone.endpoints.logs?.headers ?? Redacted.make({})), {
        for: "logs"
      })
      assert.deepStrictEqual(alone && Redacted.value(alone.endpoints.traces?.headers ?? Redacted.make({})), {})
    })
  )

  it.effect("comes with the service's name: OTEL_SERVICE_NAME, or service.name of the attributes", () =>
    Effect.gen(function* () {
      const nameBy = (environment: Environment) =>
        Effect.map(settingsOf({ [base]: "http://c", ...environment }), (settings) => destinationOf(settings, "1"))
      const attributes = { OTEL_RESOURCE_ATTRIBUTES: "service.name=of%20attributes, team = x=y ,service.version=9" }
      assert.strictEqual((yield* nameBy({}))?.serviceName, "dispatcher")
      assert.deepInclude(yield* nameBy(attributes), { serviceName: "of attributes", serviceVersion: "9" })
      const both = yield* nameBy({ ...attributes, OTEL_SERVICE_NAME: "mine" })
      assert.strictEqual(both?.serviceName, "mine")
      assert.strictEqual(both?.attributes.team, "x=y")
    })
  )
})

/** Makes a span and a line of the log under these settings; what was logged locally. */
const work = Effect.fnUntraced(function* (environment: Environment) {
  const lines: Array<string> = []
  const logger = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
  const settings = yield* settingsOf(environment)
  yield* Effect.logInfo("done").pipe(
    Effect.withSpan("work"),
    Effect.provide(Layer.provideMerge(Telemetry.layer({ ...settings, APP_VERSION: "1.2.3" }), logger))
  )
  return lines
})

describe("telemetry", () => {
  it.live("goes where it is said to go, with its headers, as the service that is named", () =>
    Effect.gen(function* () {
      const { url, sent, collected } = yield* collector
      const lines = yield* work({
        [base]: `${url}/otlp`,
        OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${url}/logs?key=hidden`,
        [headers]: "Authorization=Basic%20c2VjcmV0==, x-tenant = a%2Cb",
        OTEL_SERVICE_NAME: "our dispatcher",
        OTEL_RESOURCE_ATTRIBUTES: "team=platform"
      })
      assert.deepStrictEqual(lines, [
        `telemetry of our dispatcher goes by OTLP (http/json): traces to ${url}/otlp/v1/traces, metrics to ${url}/otlp/v1/metrics, logs to ${url}/logs`,
        "done"
      ])
      const requests = yield* sent
      assert.deepStrictEqual([...new Set(requests.map(({ path }) => path))].toSorted(), [
        "/logs?key=hidden",
        "/otlp/v1/metrics",
        "/otlp/v1/traces"
      ])
      for (const request of requests) {
        assert.deepInclude(request.headers, { authorization: "Basic c2VjcmV0==", "x-tenant": "a,b" })
      }
      const { text, spans } = yield* collected
      assert.deepStrictEqual(
        spans.map(({ name }) => name),
        ["work"]
      )
      for (const word of ["our dispatcher", "platform", "1.2.3"]) assert.include(text, word)
      assert.notInclude(text, "c2VjcmV0")
    }).pipe(Effect.scoped)
  )

  it.live("of one kind goes alone, and nothing without an address", () =>
    Effect.gen(function* () {
      const { url, sent } = yield* collector
      const lines = yield* work({ [traces]: `${url}/mine` })
      assert.include(lines[0], `traces to ${url}/mine, metrics nowhere, logs nowhere`)
      assert.deepStrictEqual(
        (yield* sent).map(({ path }) => path),
        ["/mine"]
      )
      assert.deepStrictEqual(yield* work({ [headers]: "a=b" }), [
        "telemetry goes nowhere: OTEL_EXPORTER_OTLP_ENDPOINT is not set",
        "done"
      ])
      assert.deepStrictEqual(yield* work({ [base]: url, OTEL_SDK_DISABLED: "TRUE" }), [
        "telemetry goes nowhere: OTEL_SDK_DISABLED is true",
        "done"
      ])
      assert.lengthOf(yield* sent, 1)
    }).pipe(Effect.scoped)
  )

  it.live("goes by way of the proxy, to a collector of the operator's own authority", () =>
    Effect.gen(function* () {
      const target = yield* secure
      const proxy = yield* proxyTo(target)
      const { origin } = new URL(target.url)
      yield* work({ [traces]: `${origin}/traces`, HTTPS_PROXY: proxy.address, NODE_EXTRA_CA_CERTS: target.caFile })
      assert.deepStrictEqual(target.seen, ["/traces"])
      assert.lengthOf(proxy.seen, 1)
      assert.include(proxy.seen[0], `CONNECT 127.0.0.1:${target.port}`)
    }).pipe(Effect.scoped)
  )
})
