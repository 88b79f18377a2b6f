import { it } from "@effect/vitest"
import { Effect } from "effect"
import { complete, idle } from "/work/main/test/e2e/Journeys.ts"
import { postSigned } from "/work/main/test/e2e/Bytes.ts"
import { fleet } from "/work/main/test/e2e/Scenarios.ts"
import { world } from "/work/main/test/e2e/World.ts"
it.live("x", { timeout: 100000 }, () => Effect.gen(function* () {
  const payload = yield* complete()
  const places = (v: unknown): number => typeof v === "object" && v !== null ? Object.values(v).reduce((s: number, x) => s + 1 + places(x), 0) : 0
  console.log(places(payload), JSON.stringify(payload).length)
  for (const c of [1, 8]) {
  let t = performance.now()
  yield* Effect.forEach(Array(300).keys(), () => postSigned(JSON.stringify(payload)), { concurrency: c })
  console.log(c, (performance.now() - t)/300)
  t = performance.now()
  yield* idle
  console.log("idle", (performance.now() - t)/300)
  t = performance.now()
  yield* Effect.forEach(Array(300).keys(), () => postSigned('{"action":"completed","installation":1}'), { concurrency: c })
  console.log("bad", c, (performance.now() - t)/300)
  }
}).pipe(Effect.provide(world(fleet(["acme/deploy"])))))
