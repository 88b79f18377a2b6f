/** Deliveries are counted by the time that stages ask with whether there is a flood; what is not signed with the secret is no delivery. */
import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { steadyMillis } from "../../src/queue/SteadyTime.ts"
import { ProcessTraffic, Traffic } from "../../src/queue/Traffic.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { postInPieces } from "./Bytes.ts"
import { fleet } from "./Scenarios.ts"
import { Service, world } from "./World.ts"

const times: Array<number> = []
class Counted extends Traffic {
  override arrived(now: number): void {
    times.push(now)
    super.arrived(now)
  }
}

layer(world(fleet(["acme/deploy"])).pipe(Layer.provide(Layer.succeed(ProcessTraffic, new Counted()))), {
  excludeTestServices: true
})("what arrives", (it) => {
  it.effect("is counted by the queues' time, if its signature matches", () =>
    Effect.gen(function* () {
      const { url } = yield* Service
      const sandbox = yield* Sandbox
      yield* Effect.promise(() => fetch(`${url}/webhooks/github`, { method: "POST", body: "{}" }))
      assert.lengthOf(times, 0)
      yield* postInPieces([new Uint8Array(2)])
      assert.lengthOf(times, 0, "a signature of the right form is not enough")
      const before = yield* steadyMillis
      yield* sandbox.deliver({})
      assert.lengthOf(times, 1)
      assert.isAtLeast(times[0] ?? 0, before)
      assert.isAtMost(times[0] ?? 0, yield* steadyMillis)
    })
  )
})
