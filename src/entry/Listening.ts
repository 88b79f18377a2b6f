/**
 * The HTTP server of one machine. Its routes are built before it listens, and what arrives before its handler is attached is held until
 * then, so every request on a connection that was accepted is answered.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Effect, Layer } from "effect"
import { HttpMiddleware, HttpServer, type HttpServerRequest } from "effect/http"
import * as SignatureWatch from "../flow/SignatureWatch.ts"
import type { Configuration } from "./Configuration.ts"
import * as Addresses from "./routes/Addresses.ts"
import { type Answering, answering, WebhookServer } from "./WebhookServer.ts"

/** Holds requests until another listener is attached, which happens some turns of the event loop after the port is open. */
const holdEarly = (server: Server): Server => {
  const held: Array<readonly [IncomingMessage, ServerResponse]> = []
  const hold = (...request: readonly [IncomingMessage, ServerResponse]) => held.push(request)
  const attached = (event: string | symbol) => {
    if (event !== "request") return
    server.off("newListener", attached).off("request", hold)
    // The event comes before the listener is added.
    queueMicrotask(() => {
      for (const request of held) server.emit("request", ...request)
    })
  }
  return server.on("request", hold).on("newListener", attached)
}

/** A connection that is used while the server closes ends with its answer; otherwise it would keep the server open. */
const closeAfterLast = (server: Server): Server =>
  server.prependListener("request", (_: IncomingMessage, response: ServerResponse) => {
    response.shouldKeepAlive &&= server.listening
  })

/** Node's own limits for one request: headers within 10 seconds, all of it within 30, looked at every 5. */
const limits = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 5000 }
/**
 * An offer of another protocol is ignored, as RFC 9110 (7.8) allows, and the request is answered as any other: a connection that Node hands
 * over for an upgrade is under none of these limits, nor of those of bodies.
 */
const shouldUpgradeCallback = (): boolean => false
const makeServer = (answer: Answering) => () =>
  closeAfterLast(holdEarly(new WebhookServer({ ...limits, shouldUpgradeCallback }, answer)))

/** The target in Node's words: Effect's `url` has been resolved where a client sends an absolute one. */
const targetOf = (request: HttpServerRequest.HttpServerRequest): string =>
  NodeHttpServerRequest.toIncomingMessage(request).url ?? ""

/** The HTTP server with these routes; closing the scope stops accepting and lets requests in hand finish, for at most 5 seconds. */
export const layerServer = <A, E, R>(
  { HOST, PORT }: Pick<Configuration, "HOST" | "PORT">,
  routes: Layer.Layer<A, E, R>
) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const app = yield* Addresses.toApp(routes, targetOf)
      const server = makeServer(yield* answering)
      return HttpServer.serve(app).pipe(
        Layer.provide(HttpMiddleware.layerTracerDisabledForUrls(["/health", "/ready", "/metrics"])),
        Layer.provideMerge(
          NodeHttpServer.layerServer(server, { host: HOST, port: PORT, gracefulShutdownTimeout: "5 seconds" })
        )
      )
    })
  ).pipe(Layer.provide(SignatureWatch.layer))
