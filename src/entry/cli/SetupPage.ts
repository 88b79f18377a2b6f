/**
 * The loopback page of `setup`: its first visit posts the manifest to GitHub, and GitHub sends the browser back here with a code.
 * The `state` is known to this page and to GitHub only, so no other site can hand us an App of its own.
 */
import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Deferred, Effect, Layer } from "effect"
import { HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)

const page = (body: string): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Dispatcher setup</title><body>${body}</body></html>`,
    {
      contentType: "text/html; charset=utf-8",
      headers: { "cache-control": "no-store", "referrer-policy": "no-referrer" }
    }
  )

const form = (action: string, manifest: object): string =>
  `<form method="post" action="${escaped(action)}">
<input type="hidden" name="manifest" value="${escaped(JSON.stringify(manifest))}">
<button>Register the GitHub App</button></form><script>document.forms[0].submit()</script>`

/** Another name for this address is another site's, which could read the `state` (DNS rebinding). */
const ifOurs = <E, R>(answer: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) =>
    /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? "")
      ? answer
      : Effect.succeed(HttpServerResponse.text("This page has another address.", { status: 421 }))
  )

/** What the page needs to know once it knows its own address. */
export interface Registration {
  readonly action: string
  readonly manifest: object
}

/** Serves the page until the scope closes: its address, and the code that will come. */
export const serve = Effect.fnUntraced(function* (state: string, registration: (address: string) => Registration) {
  const code = yield* Deferred.make<string>()
  const address = yield* Deferred.make<string>()

  const start = Effect.map(Deferred.await(address), (url) => {
    const { action, manifest } = registration(url)
    return page(form(action, manifest))
  })
  const callback = Effect.gen(function* () {
    const { url } = yield* HttpServerRequest.HttpServerRequest
    const query = new URL(url, "http://loopback").searchParams
    const given = query.get("code")
    if (query.get("state") !== state || given === null) {
      return HttpServerResponse.text("This is not the answer to our question.", { status: 400 })
    }
    yield* Deferred.succeed(code, given)
    return page("<p>Thank you. The terminal says how it goes on; this page may be closed.</p>")
  })

  const routes = HttpRouter.addAll([
    HttpRouter.route("GET", "/", ifOurs(start)),
    HttpRouter.route("GET", "/callback", ifOurs(callback))
  ])
  const listening = yield* Layer.build(
    HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
      Layer.provideMerge(NodeHttpServer.layerServer(() => createServer(), { host: "127.0.0.1", port: 0 }))
    )
  )
  const url = HttpServer.formatAddress((yield* Effect.provide(HttpServer.HttpServer, listening)).address)
  yield* Deferred.succeed(address, url)
  return { url, code: Deferred.await(code) }
})
