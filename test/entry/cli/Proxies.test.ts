/** The command line goes through the proxies of the environment and of `.env`: to GitHub, and to the collector of telemetry. */
import { generateKeyPairSync } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { convert } from "../../../src/entry/cli/Setup.ts"
import { proxyTo, secure } from "../../adapters/Proxying.ts"
import { dispatcher, folder } from "./support.ts"

const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" })

const asFile = (values: Readonly<Record<string, string>>) =>
  Object.entries(values)
    .map(([name, value]) => `${name}="${value.replaceAll("\n", "\\n")}"\n`)
    .join("")

describe("dispatcher doctor", () => {
  for (const place of ["the environment", ".env"]) {
    it.live(`goes through the proxy that ${place} names, and trusts its certificates`, () =>
      Effect.gen(function* () {
        const target = yield* secure
        const proxy = yield* proxyTo(target)
        const { origin } = new URL(target.url)
        const values = {
          GITHUB_APP_ID: "1",
          GITHUB_APP_PRIVATE_KEY: String(key),
          GITHUB_WEBHOOK_SECRET: "hush-hush",
          GITHUB_API_URL: `${origin}/api/v3`,
          OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${origin}/traces`,
          HTTPS_PROXY: proxy.address,
          NODE_EXTRA_CA_CERTS: target.caFile
        }
        const inFile = place === ".env"
        const cwd = yield* folder(inFile ? { ".env": asFile(values) } : {})
        const { stdout } = yield* dispatcher(["doctor"], { cwd, env: inFile ? {} : values })
        assert.match(stdout, /traces +\S+\/traces takes them/)
        assert.include(target.seen, "/traces")
        assert.isTrue(target.seen.some((path) => path.startsWith("/api/v3/")))
        assert.isAtLeast(proxy.seen.length, 2)
        assert.isTrue(proxy.seen.every((request) => request.startsWith(`CONNECT 127.0.0.1:${target.port}`)))
      }).pipe(Effect.scoped)
    )
  }
})

describe("dispatcher setup", () => {
  it.live("goes through the proxy to exchange GitHub's code for the App", () =>
    Effect.gen(function* () {
      const target = yield* secure
      const proxy = yield* proxyTo(target)
      const { origin } = new URL(target.url)
      const proxies = { httpsProxy: proxy.address, ca: target.ca }
      // The server answers with no App.
      const answer = yield* Effect.result(convert({ apiUrl: origin, proxies }, "code"))
      assert.isTrue(Result.isFailure(answer))
      assert.deepStrictEqual(target.seen, ["/app-manifests/code/conversions"])
      assert.lengthOf(proxy.seen, 1)
    }).pipe(Effect.scoped)
  )
})
