/**
 * Node's HTTP server with the webhook's route in front: GitHub's deliveries are answered here, everything else by the HTTP layer.
 *
 * Effect's HTTP layer takes two to three times what verifying, parsing and storing a delivery takes (`npm run bench accept`), which is more
 * than a service may spend that has to stand what GitHub sends after an outage. What is answered is the same (`routes/Webhook.ts`).
 */
import { type IncomingMessage, Server, type ServerOptions, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { type Cause, Effect, identity, References } from "effect"
import { countDelivery } from "../flow/Metrics.ts"
import type { WebhookRequest } from "../flow/Receive.ts"
import { spanOf } from "../queue/TraceContext.ts"
import { endEarly, lacksHost, refuseUnreadable, refuseWithoutHost } from "./LastAnswer.ts"
import { webhookPath } from "./routes/Addresses.ts"
import { makeBodies } from "./routes/Bodies.ts"
import {
  answerAll,
  maxBodyBytes,
  refuseBody,
  refuseByHeaders,
  type WebhookAnswer,
  type WebhookHeaders,
  webhookRequest
} from "./routes/Webhook.ts"

/** Answers a delivery; `isAsked` says whether its sender waits for `100 Continue` before it sends the body. */
export type Answering = (request: IncomingMessage, response: ServerResponse, isAsked: boolean) => void

/**
 * A server that hands deliveries to `answer`, those that ask whether to go on (`Expect: 100-continue`) too, and emits requests for all others.
 * What is malformed it refuses itself.
 */
export class WebhookServer extends Server {
  readonly #answer: Answering
  /** The latest response of each connection. */
  readonly #latest = new WeakMap<Socket, ServerResponse>()

  constructor(options: ServerOptions, answer: Answering) {
    super({ ...options, requireHostHeader: false })
    this.#answer = answer
    this.on("clientError", (error, socket) =>
      refuseUnreadable(error, socket as Socket, this.#latest.get(socket as Socket))
    )
  }

  override emit(event: string, ...args: Array<unknown>): boolean {
    if (event !== "request" && event !== "checkContinue") return super.emit(event, ...args)
    const [request, response] = args as [IncomingMessage, ServerResponse]
    this.#latest.set(request.socket, response)
    if (lacksHost(request)) {
      refuseWithoutHost(response)
      return true
    }
    if (!isDelivery(request)) return super.emit(event, ...args)
    // A connection that is used while the server closes ends with its answer.
    response.shouldKeepAlive &&= this.listening
    this.#answer(request, response, event === "checkContinue")
    return true
  }
}

const isDelivery = ({ method, url = "" }: IncomingMessage): boolean =>
  method === "POST" && (url === webhookPath || url.startsWith(`${webhookPath}?`))

const send = (response: ServerResponse, { status, body, headers = {} }: WebhookAnswer): void => {
  const text = JSON.stringify(body)
  const isEarly = !response.req.complete
  if (isEarly) response.shouldKeepAlive = false
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...headers
  })
  if (isEarly) endEarly(response, text)
  else response.end(text)
}

/** A span of the kind that the HTTP layer makes: it begins the delivery's trace. */
const traced = (headers: WebhookHeaders) => {
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

const failed: WebhookAnswer = { status: 500, body: { status: "failed", reason: "the service failed; redeliver it" } }
const onDefect = (cause: Cause.Cause<never>) =>
  Effect.logError("a delivery was not answered", cause).pipe(Effect.andThen(countDelivery("failed")), Effect.as(failed))

/** A delivery that has arrived whole, and what answers it. */
interface Arrival {
  readonly request: WebhookRequest
  readonly headers: WebhookHeaders
  readonly send: (answer: WebhookAnswer) => void
}

/** Answers one delivery in its own span. */
const answerOne = ({ request, headers, send }: Arrival) =>
  answerAll([request]).pipe(
    Effect.map(([answer = failed]) => answer),
    traced(headers),
    Effect.catchCause(onDefect),
    Effect.map(send)
  )

/** Answers deliveries together; where that meets a bug, one by one. */
const answerTogether = (arrivals: ReadonlyArray<Arrival>) =>
  answerAll(arrivals.map(({ request }) => request)).pipe(
    Effect.flatMap((answers) =>
      Effect.sync(() => {
        for (const [index, { send }] of arrivals.entries()) send(answers[index] ?? failed)
      })
    ),
    Effect.catchCause(() => Effect.forEach(arrivals, answerOne, { discard: true }))
  )

/** Hands what has arrived within one turn of the event loop to `take`. */
const gathered = <A>(take: (together: ReadonlyArray<A>) => void) => {
  let waiting: Array<A> = []
  const takeAll = () => {
    const together = waiting
    waiting = []
    take(together)
  }
  return (one: A): void => {
    if (waiting.push(one) === 1) setImmediate(takeAll)
  }
}

/**
 * What answers deliveries, with the services of the flow. Those of one turn of the event loop share a fiber, a write and the wake-up of the
 * client; where they are traced, each has a trace of its own.
 */
export const answering = Effect.gen(function* () {
  const readBody = yield* makeBodies
  const isTraced = yield* References.TracerEnabled
  const services = yield* Effect.context<Effect.Services<ReturnType<typeof answerAll>>>()
  const run = Effect.runForkWith(services)
  const arrive = gathered<Arrival>((arrivals) => {
    if (isTraced) for (const arrival of arrivals) run(answerOne(arrival))
    else run(answerTogether(arrivals))
  })
  const refuse = (response: ServerResponse, refusal: Effect.Effect<WebhookAnswer>) =>
    run(
      refusal.pipe(
        Effect.catchCause(onDefect),
        Effect.map((answer) => send(response, answer))
      )
    )

  return ((request, response, isAsked) => {
    const headers = request.headers as WebhookHeaders
    const refused = refuseByHeaders(headers)
    if (refused !== undefined) {
      refuse(response, refused)
      return
    }
    if (isAsked) response.writeContinue()
    readBody(request, maxBodyBytes, (body) => {
      if (typeof body === "string") {
        refuse(response, refuseBody(body))
        return
      }
      const { bytes, release } = body
      const answered = (answer: WebhookAnswer) => {
        release()
        send(response, answer)
      }
      arrive({ request: webhookRequest(headers, bytes), headers, send: answered })
    })
  }) satisfies Answering
})
