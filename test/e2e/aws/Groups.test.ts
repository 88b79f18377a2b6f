/**
 * Orders of one target workflow on SQS FIFO: started one after the other, in the order of the offers, whatever happens to the function, and
 * beside them other targets, reports, and messages that make no sense.
 */
import { SendMessageCommand } from "@aws-sdk/client-sqs"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { type DispatchMessage, OrderQueue, ReportQueue } from "../../../src/flow/Queues.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import { always, type ScriptedFault } from "../../../src/testing/FaultScript.ts"
import { completeAndDeliver, outcomesOf, startedIds, startedIn, until } from "../Journeys.ts"
import { lostAfter, type Passing } from "../Proxy.ts"
import { scenario, shop, source, startPath, target } from "../Scenarios.ts"
import * as Bundles from "./Bundles.ts"
import { adminToken, Cloud, cloud } from "./Cloud.ts"
import * as Emulators from "./Emulators.ts"
import { ifJava } from "./Java.ts"

const targets = ["acme/deploy", "acme/docs", "acme/portal"]
/** Seconds for which a message stays hidden whose function was killed. */
const visibilityTimeout = 4
/** On a busy machine, processes take long to start. */

/** GitHub takes its time to start one target, and refuses to start another one, once. */
const world = cloud(
  scenario([source(shop.repository, targets), ...targets.map((name) => target(name))], {
    faults: [
      { method: "POST", path: startPath("acme/deploy"), delayMillis: 300, times: "always" },
      { method: "POST", path: startPath("acme/portal"), answer: { status: 422 }, times: 1 }
    ]
  }),
  visibilityTimeout
).pipe(Layer.provideMerge(Layer.merge(Bundles.layerQuick, Emulators.layer)))

/** What is sent to the order queue. */
interface Entry {
  readonly MessageBody: string
  readonly MessageGroupId: string
  readonly MessageDeduplicationId: string
}

/** Notes the orders that are offered and the starts of one target; kills the function when GitHub has carried out the second of them. */
class Watch {
  readonly offered: Array<Entry> = []
  readonly starts: Array<string> = []
  #inFlight = 0
  mostInFlight = 0
  #killed = false
  readonly #kill: () => void
  constructor(kill: () => void) {
    this.#kill = kill
  }

  /** An offer that SQS has taken. */
  readonly offer: ScriptedFault = (act, { input }) =>
    Effect.tap(act(...input), () => Effect.sync(() => this.#note(input[0] as Passing)))

  /** A start of the target. */
  readonly start: ScriptedFault = (act, call) =>
    Effect.suspend(() => {
      this.#begin(call.input[0] as Passing)
      return Effect.flatMap(act(...call.input), (answer) => {
        this.#inFlight -= 1
        if (this.starts.length !== 2 || this.#killed) return Effect.succeed(answer)
        this.#killed = true
        this.#kill()
        return lostAfter(() => Effect.succeed(answer), call)
      })
    })

  #note({ body }: Passing) {
    const { QueueUrl, Entries } = JSON.parse(body.toString()) as {
      readonly QueueUrl: string
      readonly Entries: ReadonlyArray<Entry>
    }
    if (QueueUrl.endsWith(".fifo") && !QueueUrl.includes("-dead")) this.offered.push(...Entries)
  }

  #begin({ body }: Passing) {
    this.#inFlight += 1
    this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight)
    this.starts.push((JSON.parse(body.toString()) as { readonly inputs: { readonly run: string } }).inputs.run)
  }

  offersTo(repository: string): ReadonlyArray<Entry> {
    return this.offered.filter(({ MessageBody }) => MessageBody.includes(`/${repository}`))
  }
}

ifJava("orders on SQS FIFO", () => {
  layer(world, { excludeTestServices: true, timeout: "10 minutes" })((it) => {
    it.effect("are started once, one at a time for each target, in the order of the offers", () =>
      Effect.gen(function* () {
        const { faults, functions, said, permissions, environment, url } = yield* Cloud
        const { sqs } = yield* Emulators.Emulators
        const sandbox = yield* Sandbox
        const orders = yield* OrderQueue
        const watch = new Watch(functions.dispatcher.kill)
        yield* faults.on("SendMessageBatch", always(watch.offer))
        yield* faults.on(`POST ${startPath("acme/deploy")}`, always(watch.start))

        const sources = []
        for (let count = 1; count <= 4; count++) {
          sources.push(yield* completeAndDeliver())
          yield* until(
            Effect.sync(() => watch.offersTo("acme/deploy").length),
            (offered) => offered === count
          )
          if (count > 1) continue
          const [{ MessageGroupId } = assert.fail("nothing was offered")] = watch.offersTo("acme/deploy")
          const poison = { MessageBody: '{"version":1}', MessageGroupId, MessageDeduplicationId: "poison" }
          const message = new SendMessageCommand({ QueueUrl: environment.ORDER_QUEUE_URL, ...poison })
          yield* Effect.promise(() => sqs.send(message))
        }
        const payloads = sources.map(({ payload }) => payload)
        const settled = Effect.map(orders.depth, ({ waiting, inFlight }) => waiting + inFlight)
        yield* until(settled, (left) => left === 0)

        const runs = payloads.map(({ workflow_run: { id, run_attempt } }) => `${id}/${run_attempt}`)
        assert.deepStrictEqual(watch.starts, runs, yield* said)
        assert.strictEqual(watch.mostInFlight, 1)
        assert.strictEqual(new Set(watch.offersTo("acme/deploy").map((entry) => entry.MessageGroupId)).size, 1)
        assert.strictEqual(new Set(watch.offered.map((entry) => entry.MessageGroupId)).size, targets.length)
        const [letter, ...others] = yield* orders.deadLetters(10)
        assert.deepStrictEqual([letter?.body, others], [{ version: 1 }, []])

        const ends = yield* Effect.forEach(payloads, outcomesOf)
        const failed = ends.findIndex((outcomes) => outcomes["acme/portal"] === "Failed")
        const { payload, delivery } = sources[failed] ?? assert.fail("GitHub refused none")
        yield* Effect.promise(() =>
          fetch(`${url}/admin/api/deliveries/${delivery.guid}/replay`, {
            method: "POST",
            headers: { authorization: `Bearer ${adminToken}` }
          })
        )
        yield* until(startedIn(payload), ({ length }) => length === targets.length)
        const again = watch.offersTo("acme/portal").filter(({ MessageBody }) => {
          const { order } = JSON.parse(MessageBody) as typeof DispatchMessage.Encoded
          return order.startsWith(`${payload.repository.id}/${payload.workflow_run.id}/`)
        })
        assert.strictEqual(new Set(again.map((entry) => entry.MessageDeduplicationId)).size, 2)

        const reports = yield* ReportQueue
        yield* until(reports.depth, ({ waiting, inFlight }) => waiting + inFlight === 0)
        for (const each of payloads) {
          assert.deepStrictEqual(yield* startedIn(each), targets)
          yield* until(outcomesOf(each), (outcomes) => !Object.values(outcomes).includes("open"))
          assert.deepStrictEqual(yield* outcomesOf(each), yield* startedIds(each))
        }
        assert.strictEqual((yield* sandbox.issues(shop.repository)).length, 1)
        assert.deepStrictEqual([...permissions.refused], [])
      })
    )
  })
})
