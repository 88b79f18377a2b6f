/** The SDK's requests leave by way of the proxies, too. */
import { ListSecretsCommand } from "@aws-sdk/client-secrets-manager"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { AwsEndpoint } from "../../../src/adapters/aws/AwsClient.ts"
import * as SecretsClient from "../../../src/adapters/aws/secrets/SecretsClient.ts"
import { Proxies } from "../../../src/adapters/Proxies.ts"
import { proxyTo, secure } from "../Proxying.ts"

/** One request of a client that goes out this way. */
const ask = (endpoint: string, proxies: Proxies) =>
  SecretsClient.SecretsClient.use((client) => Effect.tryPromise(() => client.send(new ListSecretsCommand({})))).pipe(
    Effect.provide(SecretsClient.layer),
    Effect.provide(
      Layer.mergeAll(
        Layer.succeed(Proxies, proxies),
        Layer.succeed(AwsEndpoint, {
          endpoint,
          region: "eu-central-1",
          credentials: { accessKeyId: "one", secretAccessKey: "two" }
        })
      )
    )
  )

describe("requests to AWS", () => {
  for (const kind of ["httpsProxy", "httpProxy"] as const) {
    it.live(`go by CONNECT through ${kind}, to a server of the operator's own authority`, () =>
      Effect.gen(function* () {
        const target = yield* secure
        const proxy = yield* proxyTo(target)
        yield* ask(new URL(target.url).origin, { [kind]: proxy.address, ca: target.ca })
        assert.deepStrictEqual(proxy.seen, [
          `CONNECT 127.0.0.1:${target.port} Basic ${Buffer.from("me:secret").toString("base64")}`
        ])
        assert.deepStrictEqual(target.seen, ["/"])
      }).pipe(Effect.scoped)
    )
  }

  it.live("go straight to hosts that need no proxy", () =>
    Effect.gen(function* () {
      const target = yield* secure
      const proxy = yield* proxyTo(target)
      const { origin } = new URL(target.url)
      yield* ask(origin, { httpsProxy: proxy.address, noProxy: "example.com,127.0.0.1", ca: target.ca })
      assert.deepStrictEqual(proxy.seen, [])
      assert.deepStrictEqual(target.seen, ["/"])
    }).pipe(Effect.scoped)
  )
})
