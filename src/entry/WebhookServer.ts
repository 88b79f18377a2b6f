/**
 * Node's HTTP server with the webhook's route in front: GitHub's deliveries are answered here, everything else by the HTTP layer.
 *
 * Effect's HTTP layer takes two to three times what verifying, parsing and storing a delivery takes (`npm run bench accept`), which is more
 * than a service may spend that has to stand what GitHub sends after an outage. What is answered is the same (`routes/Webhook.ts`).
 */
import { type IncomingMessage, Server, type ServerOptions, type ServerResponse } from "node:http"
import { Clock, Effect, identity } from "effect"
import type { SignatureWatch } from "../flow/SignatureWatch.ts"
import { steadyMillisOf } from "../queue/SteadyTime.ts"
import { spanOf } from "../queue/TraceContext.ts"
import { ProcessTraffic } from "../queue/Traffic.ts"
import { webhookPath } from "./routes/Addresses.ts"
import { makeBodies } from "./routes/Bodies.ts"
import {
  type Answer,
  answerWebhook,
  type Headers,
  maxBodyBytes,
  refuseBody,
  refuseByHeaders
} from "./routes/Webhook.ts"

/** Answers a delivery. */
export type Answering = (request: IncomingMessage, response: ServerResponse) => void

/** A server that hands deliveries to `answer`, and emits requests for all others. */
export class WebhookServer extends Server {
  readonly #answer: Answering

  constructor(options: ServerOptions, answer: Answering) {
    super(options)
    this.#answer = answer
  }

  override emit(event: string, ...args: Array<unknown>): boolean {
    if (event !== "request") return super.emit(event, ...args)
    const [request, response] = args as [IncomingMessage, ServerResponse]
    if (!isDelivery(request)) return super.emit(event, ...args)
    // A connection that is used while the server closes ends with its answer.
    response.shouldKeepAlive &&= this.listening
    this.#answer(request, response)
    return true
  }
}

const isDelivery = ({ method, url = "" }: IncomingMessage): boolean =>
  method === "POST" && (url === webhookPath || url.startsWith(`${webhookPath}?`))

const send = (response: ServerResponse, { status, body, headers = {} }: Answer): void => {
  const text = JSON.stringify(body)
  // What is left of a body that was not taken is thrown away as it comes, for as long as Node lets a request last.
  if (!response.req.complete) response.req.resume()
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...headers
  })
  response.end(text)
}

/** A span of the kind that the HTTP layer makes: it begins the delivery's trace. */
const traced = (headers: Headers) => {
  const parent = spanOf(headers.traceparent)
  return <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    effect.pipe(
      Effect.withSpan("POST", {
        kind: "server",
        attributes: { "http.request.method": "POST", "url.path": webhookPath }
      }),
      parent === undefined ? identity : Effect.withParentSpan(parent)
    )
}

/** What answers deliveries, with the services of the flow. */
export const answering = Effect.gen(function* () {
  const readBody = yield* makeBodies
  const traffic = yield* ProcessTraffic
  const clock = yield* Clock.clockWith(Effect.succeed)
  const services = yield* Effect.context<Effect.Services<ReturnType<typeof answerWebhook>> | SignatureWatch>()
  const run = Effect.runForkWith(services)

  const answer = (
    response: ServerResponse,
    headers: Headers,
    made: ReturnType<typeof answerWebhook>,
    then?: () => void
  ) =>
    run(
      made.pipe(
        traced(headers),
        Effect.catchCause((cause) =>
          Effect.as(Effect.logError("a delivery was not answered", cause), {
            status: 500,
            body: { status: "failed", reason: "the service failed; redeliver it" }
          })
        ),
        Effect.flatMap((answer) =>
          Effect.sync(() => {
            then?.()
            send(response, answer)
          })
        )
      )
    )

  return ((request, response) => {
    const headers = request.headers as Headers
    const refused = refuseByHeaders(headers)
    if (refused !== undefined) {
      answer(response, headers, refused)
      return
    }
    traffic.arrived(steadyMillisOf(clock))
    readBody(request, maxBodyBytes, ({ bytes, release }) => {
      answer(response, headers, typeof bytes === "string" ? refuseBody(bytes) : answerWebhook(headers, bytes), release)
    })
  }) satisfies Answering
})
