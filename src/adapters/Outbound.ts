/** Requests of undici, over HTTP/1.1 and by way of proxies. Node's own `fetch` reads the environment once when it starts, which is too early for `.env`. */
import { Effect, Layer } from "effect"
import { FetchHttpClient, type HttpClient } from "effect/http"
import { Agent, type Dispatcher, EnvHttpProxyAgent, fetch } from "undici"
import type { Proxies } from "./Proxies.ts"

/** Node gives up connecting after this long, too. */
const connectTimeout = 10_000

/** An answer has at most so many bytes; the largest that is read is a delivery as GitHub keeps it, with a payload of up to 25 MB. @internal */
export const mostBytes = 64 * 1024 * 1024

/** Makes connections by way of the proxies. The caller destroys it. @internal */
export const agentOf = ({ httpProxy, httpsProxy, noProxy, ca }: Proxies): Dispatcher => {
  const tls = { timeout: connectTimeout, ...(ca === undefined ? {} : { ca: [...ca] }) }
  // One request at a time on a connection: an answer is always that of the request before it.
  const common = {
    ...{ allowH2: false, pipelining: 1, maxResponseSize: mostBytes },
    ...{ connect: tls, requestTls: tls, proxyTls: tls }
  }
  return httpProxy === undefined && httpsProxy === undefined
    ? new Agent(common)
    : new EnvHttpProxyAgent({
        ...common,
        // What is left out would be read from the process's environment.
        httpProxy: httpProxy ?? "",
        httpsProxy: httpsProxy ?? "",
        noProxy: noProxy ?? ""
      })
}

/** A `fetch` by way of the proxies; its connections end with the scope. @internal */
export const fetchThrough = (proxies: Proxies) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => agentOf(proxies)),
      (agent) => Effect.promise(() => agent.destroy())
    ),
    (dispatcher) =>
      ((url: string | URL, init: RequestInit) =>
        fetch(url, { ...init, dispatcher } as Parameters<typeof fetch>[1])) as unknown as typeof globalThis.fetch
  )

/** A client whose requests go by way of the proxies. @internal */
export const layerHttpClient = (proxies: Proxies): Layer.Layer<HttpClient.HttpClient> =>
  FetchHttpClient.layer.pipe(Layer.provideMerge(Layer.effect(FetchHttpClient.Fetch, fetchThrough(proxies))))
