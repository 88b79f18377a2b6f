/**
 * A shifted alias: this version and the next work side by side on the same queues and tables, on what either of them has stored and sent,
 * and one after the other is killed. Every delivery is carried out once, and shown once.
 */
import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { nth, type ScriptedFault } from "../../../src/testing/FaultScript.ts"
import * as Bundles from "./Bundles.ts"
import { Cloud, cloud } from "./Cloud.ts"
import * as Emulators from "./Emulators.ts"
import { ifJava } from "./Java.ts"
import { carriedOut, counted, github } from "./Twenty.ts"
import { type nextVersions, type Shifted, shifted } from "./Versions.ts"

const kills =
  (kill: () => void): ScriptedFault =>
  (act, { input }) =>
    Effect.tap(act(...input), () => Effect.sync(kill))

/** While the runs are carried out, one version is killed as GitHub starts the 13th, and the other as it starts the 26th. */
const survives = ({ kill }: Shifted) =>
  Effect.gen(function* () {
    const { faults } = yield* Cloud
    const starts = /^POST .*\/dispatches$/
    yield* faults.on(
      starts,
      nth(
        13,
        kills(() => kill("next"))
      )
    )
    yield* faults.on(
      starts,
      nth(
        26,
        kills(() => kill("this"))
      )
    )
    yield* carriedOut
    yield* counted
  })

/** What one version has done with the messages of a queue that the other one sent. */
const crossed = ({ work }: Shifted, queue: string) => {
  const { this: ours, next } = work.get(queue) ?? assert.fail(`nothing was in the queue ${queue}`)
  return { byThis: ours.done.next, byNext: next.done.this }
}
const queues = ["plan", "order", "report", "fact"]

const beside = (next: keyof typeof nextVersions) =>
  Effect.map(shifted(next), (both) => ({ both, world: cloud(github, 4, { deploy: both.deploy, batchesAtOnce: 2 }) }))

ifJava("two versions behind an alias", () => {
  layer(Layer.merge(Bundles.layerQuick, Emulators.layer), { excludeTestServices: true, timeout: "10 minutes" })(
    (it) => {
      it.effect("work on what either has sent and stored, where the next one adds a field everywhere", () =>
        Effect.gen(function* () {
          const { both, world } = yield* beside("anotherField")
          yield* Effect.provide(survives(both), world)
          for (const queue of queues) {
            const { byThis, byNext } = crossed(both, queue)
            assert.isAbove(byThis, 0, `${queue}: this version, of what the next one sent`)
            assert.isAbove(byNext, 0, `${queue}: the next version, of what this one sent`)
          }
          for (const name of ["ingress", ...queues]) {
            const { this: ours, next } = both.work.get(name) ?? assert.fail(name)
            assert.isAbove(Math.min(ours.answered, next.answered), 0, name)
          }
        })
      )

      it.effect("leave to the next one what only that can read", () =>
        Effect.gen(function* () {
          const { both, world } = yield* beside("anotherMessage")
          yield* Effect.provide(survives(both), world)
          for (const queue of queues) {
            const { byThis, byNext } = crossed(both, queue)
            assert.strictEqual(byThis, 0, `${queue}: this version, of what it cannot read`)
            assert.isAbove(byNext, 0, `${queue}: the next version, of what this one sent`)
            assert.isAbove(both.work.get(queue)?.this.answered ?? 0, 0)
          }
        })
      )
    }
  )
})
