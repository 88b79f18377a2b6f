/** Deliveries that arrive together share a write, and each sender gets its own answer. */
import { createHmac } from "node:crypto"
import { EventEmitter } from "node:events"
import type { IncomingMessage, ServerResponse } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, References } from "effect"
import { answering } from "../../src/entry/WebhookServer.ts"
import { PlanQueue } from "../../src/flow/Queues.ts"
import { layerSettings, WebhookSecrets } from "../../src/flow/Settings.ts"
import * as SignatureWatch from "../../src/flow/SignatureWatch.ts"
import { fixed } from "../../src/ports/Renewed.ts"
import * as FakeQueues from "../../src/testing/fakes/Queues.ts"
import { workflowRunPayload } from "../fixtures/Payloads.ts"

const secret = "secret"
const body = Buffer.from(JSON.stringify(workflowRunPayload()))
const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`

/** A request whose body has arrived, and its response's text once there is one. */
const delivery = (id: string) => {
  const headers = { "x-github-event": "workflow_run", "x-github-delivery": id, "x-hub-signature-256": signature }
  const request = Object.assign(new EventEmitter(), { headers, complete: true })
  const answered = Promise.withResolvers<string>()
  const response = { req: request, writeHead: () => undefined, end: answered.resolve }
  return { request, response, answered: answered.promise }
}

const services = Layer.mergeAll(
  layerSettings(),
  Layer.succeed(WebhookSecrets, fixed({ current: Redacted.make(secret), previous: undefined })),
  SignatureWatch.layerLogged,
  FakeQueues.layerMemory,
  Layer.succeed(References.TracerEnabled, false),
  Layer.succeed(References.MinimumLogLevel, "None")
)

describe("deliveries that arrive within one turn of the event loop", () => {
  it.live("share one write, and each gets its own answer", () =>
    Effect.gen(function* () {
      const queue = yield* PlanQueue
      const writes: Array<number> = []
      const counting: typeof queue = {
        ...queue,
        offer: (offers) => {
          writes.push(offers.length)
          return queue.offer(offers)
        }
      }
      const answer = yield* Effect.provideService(answering, PlanQueue, counting)
      const deliveries = Array.from({ length: 20 }, (_, index) => delivery(`delivery-${index}`))
      for (const { request, response } of deliveries) {
        answer(request as unknown as IncomingMessage, response as unknown as ServerResponse, false)
        request.emit("data", body)
        request.emit("end")
      }
      const answers = yield* Effect.promise(() => Promise.all(deliveries.map(({ answered }) => answered)))
      assert.deepStrictEqual(
        answers.map((text) => JSON.parse(text).delivery),
        deliveries.map((_, index) => `delivery-${index}`)
      )
      assert.deepStrictEqual(writes, [20])
    }).pipe(Effect.provide(services))
  )
})
