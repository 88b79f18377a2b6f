/** A deployment asks new versions whether they start (infrastructure/deploy/starts.sh), with one event for all: the built functions answer it, and do nothing. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { scenario, shop, source } from "../Scenarios.ts"
import * as Bundles from "./Bundles.ts"
import { Cloud, cloud } from "./Cloud.ts"
import * as Emulators from "./Emulators.ts"
import { ifJava } from "./Java.ts"

const event: unknown = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../infrastructure/deploy/start-event.json"), "utf8")
)
const Answer = Schema.Struct({ statusCode: Schema.Number, body: Schema.fromJsonString(Schema.Unknown) })
const world = cloud(scenario([source(shop.repository, [])])).pipe(
  Layer.provideMerge(Layer.merge(Bundles.layerQuick, Emulators.layer))
)

ifJava("the event with which a deployment tries new versions", () => {
  layer(world, { excludeTestServices: true, timeout: "10 minutes" })((it) => {
    it.effect("is answered with the version by functions behind API Gateway", () =>
      Effect.gen(function* () {
        const { functions, environment } = yield* Cloud
        for (const name of ["ingress", "admin"] as const) {
          const answer = yield* Schema.decodeUnknownEffect(Answer)(yield* functions[name].invoke(event))
          assert.deepStrictEqual(answer, { statusCode: 200, body: { status: "ok", version: environment.APP_VERSION } })
        }
      })
    )

    it.effect("is an empty batch to functions behind queues and to the rollup, and no error", () =>
      Effect.gen(function* () {
        const { functions } = yield* Cloud
        for (const name of ["planner", "dispatcher", "facts", "rollup"] as const) {
          assert.deepStrictEqual(yield* functions[name].invoke(event), { batchItemFailures: [] })
          assert.notInclude(functions[name].said(), "nothing consumes this queue")
        }
      })
    )
  })
})
