/**
 * Every stage by several invocations at once, on the same plans, orders, journeys and figures, while DynamoDB, SQS and EventBridge throttle,
 * lose answers and call off transactions: each delivery is carried out once and counted once.
 */
import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { each, failsBefore, inTurn, none, type Script } from "../../../src/testing/FaultScript.ts"
import { lostAfter } from "../Proxy.ts"
import * as Bundles from "./Bundles.ts"
import { Cloud, cloud, type Deployment } from "./Cloud.ts"
import * as Emulators from "./Emulators.ts"
import { lambda } from "./Functions.ts"
import { ifJava } from "./Java.ts"
import { refusal } from "./Refusal.ts"
import { carriedOut, counted, github } from "./Twenty.ts"
import { queueOf } from "./Versions.ts"

/** How many batches of each queue were in hand at once, at most. */
class Overlaps {
  readonly most = new Map<string, number>()
  readonly #now = new Map<string, number>()

  readonly deploy: Deployment["deploy"] = (bundle, environment) =>
    Effect.map(lambda(bundle, environment), (deployed) => ({
      ...deployed,
      invoke: (event, remaining) =>
        Effect.suspend(() => {
          const queue = queueOf(event) ?? ""
          this.#count(queue, 1)
          return Effect.ensuring(
            deployed.invoke(event, remaining),
            Effect.sync(() => this.#count(queue, -1))
          )
        })
    }))

  #count(queue: string, change: number): void {
    const now = (this.#now.get(queue) ?? 0) + change
    this.#now.set(queue, now)
    this.most.set(queue, Math.max(this.most.get(queue) ?? 0, now))
  }
}

const ofDynamo = (type: string, more = {}) => refusal(`com.amazonaws.dynamodb.v20120810#${type}`, more)
const throttled = failsBefore(ofDynamo("ThrottlingException"))
const exceeded = failsBefore(ofDynamo("ProvisionedThroughputExceededException"))
const conflict = failsBefore(
  ofDynamo("TransactionCanceledException", {
    CancellationReasons: [{ Code: "TransactionConflict", Message: "conflict" }]
  })
)
const inTransaction = failsBefore(ofDynamo("TransactionConflictException"))
const slowDown = failsBefore(refusal("ThrottlingException"))

/** Of every few requests one goes wrong, in each way in its turn. */
const trouble = (faults: Script) =>
  Effect.all([
    faults.on("TransactWriteItems", inTurn(none, throttled, none, conflict, none, lostAfter, none, none)),
    faults.on(/^(PutItem|UpdateItem|DeleteItem)$/, inTurn(none, inTransaction, none, none, exceeded, none, lostAfter)),
    faults.on(/^(GetItem|Query|BatchWriteItem)$/, each(7, throttled)),
    faults.on(/^(SendMessageBatch|PutEvents)$/, inTurn(none, none, slowDown, none, lostAfter))
  ])

ifJava("two invocations of each stage at once", () => {
  const overlaps = new Overlaps()
  const world = cloud(github, 4, { deploy: overlaps.deploy, batchesAtOnce: 2 }).pipe(
    Layer.provideMerge(Layer.merge(Bundles.layerQuick, Emulators.layer))
  )
  layer(world, { excludeTestServices: true, timeout: "10 minutes" })((it) => {
    it.effect("carry out and count each delivery once, under throttling and conflicts", () =>
      Effect.gen(function* () {
        yield* trouble((yield* Cloud).faults)
        yield* carriedOut
        for (const queue of ["plan", "order", "report", "fact"]) {
          assert.isAtLeast(overlaps.most.get(queue) ?? 0, 2, `${queue}: at once`)
        }
        yield* counted
      })
    )
  })
})
