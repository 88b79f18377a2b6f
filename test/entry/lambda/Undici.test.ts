/** What the functions' bundles keep of undici sends as all of it does. */

import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { build } from "esbuild"
import { bundling } from "../../../scripts/build-lambda.ts"
import { onlyFetchOfUndici } from "../../../scripts/lambda/Plugins.ts"
import type { Proxies } from "../../../src/adapters/Proxies.ts"
import { proxyTo, secure } from "../../adapters/Proxying.ts"

/** Sends one request by what is left of undici; its status. */
const contents = `
import { Effect } from "effect"
import { fetchThrough } from "./src/adapters/Outbound.ts"
export const statusOf = (url, proxies) =>
  Effect.flatMap(fetchThrough(proxies), (fetch) => Effect.promise(async () => (await fetch(url, {})).status)).pipe(
    Effect.scoped,
    Effect.runPromise
  )`

it.live("an https address is reached straight and through a proxy", () =>
  Effect.gen(function* () {
    const outfile = join(mkdtempSync(join(tmpdir(), "dispatcher-undici-")), "bundle.cjs")
    const stdin = { contents, resolveDir: bundling.absWorkingDir }
    yield* Effect.promise(() => build({ ...bundling, stdin, outfile, format: "cjs", plugins: [onlyFetchOfUndici] }))
    const { statusOf } = (yield* Effect.promise(() => import(outfile))) as {
      readonly statusOf: (url: string, proxies: Proxies) => Promise<number>
    }
    const target = yield* secure
    const proxy = yield* proxyTo(target)
    assert.strictEqual(yield* Effect.promise(() => statusOf(target.url, { ca: target.ca })), 200)
    assert.deepStrictEqual(proxy.seen, [])
    const proxies = { httpsProxy: proxy.address, ca: target.ca }
    assert.strictEqual(yield* Effect.promise(() => statusOf(target.url, proxies)), 200)
    assert.match(proxy.seen.join(), /^CONNECT 127\.0\.0\.1:\d+ Basic /)
  }).pipe(Effect.scoped)
)
