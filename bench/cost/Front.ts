/** What GitHub's requests make of `ingress`: those that are accepted, and those that are ignored, as API Gateway hands them over, counted. */
import { createHmac } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { APIGatewayProxyEventV2 } from "aws-lambda"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import * as HttpFunction from "../../src/entry/lambda/HttpFunction.ts"
import * as Webhook from "../../src/entry/routes/Webhook.ts"
import { layerSettings, WebhookSecrets } from "../../src/flow/Settings.ts"
import { layerLogged } from "../../src/flow/SignatureWatch.ts"
import { fixed } from "../../src/ports/Renewed.ts"
import { layerMemory as layerQueues } from "../../src/testing/fakes/Queues.ts"
import { nextDelivery, secret } from "../accept/Payload.ts"
import { layerOffers } from "./Requests.ts"
import { Invocation, layerLog, noWork, typicalOf, type Work } from "./Work.ts"

/** What an invocation does for a request of each kind. */
export interface FrontUnits {
  readonly accepted: Work
  readonly ignored: Work
}

const event = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../test/entry/lambda/fixtures/webhook.json"), "utf8")
) as APIGatewayProxyEventV2

/** The text of an event with a request about a run, of about 19 KB: one that has completed, or one that was only requested. */
const eventOf = (action: "completed" | "requested"): string => {
  const next = nextDelivery()
  const body = next.body.replace('"action":"completed"', `"action":"${action}"`)
  const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`
  return JSON.stringify({
    ...event,
    headers: { ...event.headers, ...next.headers, "x-hub-signature-256": signature },
    body,
    isBase64Encoded: false
  })
}

/** Counts requests after the first ones. */
export const countFront = async (): Promise<FrontUnits> => {
  const counts = noWork()
  const layers = HttpFunction.layer(Webhook.layer).pipe(
    Layer.provide(layerOffers),
    Layer.provide([
      layerQueues,
      layerSettings(),
      layerLogged,
      Layer.succeed(WebhookSecrets, fixed({ current: Redacted.make(secret), previous: undefined }))
    ]),
    Layer.provideMerge([layerLog, Layer.succeed(Invocation, counts)])
  )
  const runtime = ManagedRuntime.make(layers)
  const handler = HttpFunction.httpHandler({
    context: await runtime.context(),
    run: (work) => runtime.runPromise(work)
  })
  const rounds = 200
  const typical = async (action: "completed" | "requested", expected: string): Promise<Work> => {
    const all: Array<Work> = []
    for (let round = 0; round < 2 * rounds; round++) {
      const text = eventOf(action)
      Object.assign(counts, noWork())
      const before = process.cpuUsage()
      const answer = await handler(JSON.parse(text), { awsRequestId: "bench", getRemainingTimeInMillis: () => 10_000 })
      const { user, system } = process.cpuUsage(before)
      if (!answer.body?.includes(expected)) throw new Error(`not ${expected}: ${answer.body}`)
      if (round >= rounds) all.push({ ...counts, cpuMillis: (user + system) / 1000 })
    }
    return typicalOf(all)
  }
  const units = {
    accepted: await typical("completed", "accepted"),
    ignored: await typical("requested", "ignored")
  }
  await Effect.runPromise(runtime.disposeEffect)
  return units
}
