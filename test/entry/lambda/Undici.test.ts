/** What the functions' bundles keep of undici sends as all of it does. */

import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { build } from "esbuild"
import { bundling } from "../../../scripts/build-lambda.ts"
import { onlyRequestsOfUndici } from "../../../scripts/lambda/Plugins.ts"
import type { Proxies } from "../../../src/adapters/Proxies.ts"
import { proxyTo, secure } from "../../adapters/Proxying.ts"

/** Sends one request by what is left of undici, as telemetry goes out and as GitHub is asked; its status. */
const contents = `
import { Effect } from "effect"
import * as GitHubFetch from "./src/adapters/github/Fetch.ts"
import { fetchThrough } from "./src/adapters/Outbound.ts"
export const ways = {
  fetch: (url, proxies) =>
    Effect.flatMap(fetchThrough(proxies), (fetch) => Effect.promise(async () => (await fetch(url, {})).status)).pipe(
      Effect.scoped,
      Effect.runPromise
    ),
  request: (url, proxies) =>
    Effect.flatMap(GitHubFetch.Fetch, (send) => Effect.promise(async () => (await send(url, {}, () => true)).status)).pipe(
      Effect.provide(GitHubFetch.layer(proxies)),
      Effect.runPromise
    )
}`

for (const way of ["fetch", "request"] as const)
  it.live(`an https address is reached straight and through a proxy, by ${way}`, () =>
    Effect.gen(function* () {
      const outfile = join(mkdtempSync(join(tmpdir(), "dispatcher-undici-")), "bundle.cjs")
      const stdin = { contents, resolveDir: bundling.absWorkingDir }
      yield* Effect.promise(() =>
        build({ ...bundling, stdin, outfile, format: "cjs", plugins: [onlyRequestsOfUndici] })
      )
      const { ways } = (yield* Effect.promise(() => import(outfile))) as {
        readonly ways: Record<"fetch" | "request", (url: string, proxies: Proxies) => Promise<number>>
      }
      const statusOf = ways[way]
      const target = yield* secure
      const proxy = yield* proxyTo(target)
      assert.strictEqual(yield* Effect.promise(() => statusOf(target.url, { ca: target.ca })), 200)
      assert.deepStrictEqual(proxy.seen, [])
      const proxies = { httpsProxy: proxy.address, ca: target.ca }
      assert.strictEqual(yield* Effect.promise(() => statusOf(target.url, proxies)), 200)
      assert.match(proxy.seen.join(), /^CONNECT 127\.0\.0\.1:\d+ Basic /)
    }).pipe(Effect.scoped)
  )
