/**
 * How requests to GitHub leave the process: by undici, over HTTP/1.1, through the proxy of the environment where there is one.
 *
 * A request passes a {@link SendGate} in the moment in which its first byte is written to a connection that is open. So whether a request was
 * sent is never guessed from an error, and what has become too late while the connection was made, or while the process was stopped, is
 * not sent. What remains: the instructions between the gate and the kernel's write, and the way through the network after that.
 */
import { promisify } from "node:util"
import { gunzip } from "node:zlib"
import { Context, Effect, Layer } from "effect"
import type { Dispatcher } from "undici"
import { agentOf, mostBytes } from "../Outbound.ts"
import type { Proxies } from "../Proxies.ts"

/** Asked without delay right before a request is written; where it says false, nothing is written and the request fails. */
export type SendGate = () => boolean

/** What is read of an answer; a `Response` is one. */
export interface FetchAnswer {
  readonly status: number
  readonly statusText: string
  readonly url: string
  readonly headers: Iterable<[string, string]> & {
    /** The text of a header, by its name in small letters. */
    readonly get: (name: string) => string | null | undefined
    /** Whether there is such a header. */
    readonly has: (name: string) => boolean
  }
  /** The body as UTF-8. */
  readonly text: () => Promise<string>
  /** The body. */
  readonly arrayBuffer: () => Promise<ArrayBufferLike>
}

/** What is asked for. Redirections are answers, whatever `redirect` says. */
export interface FetchRequest extends Pick<RequestInit, "method" | "redirect" | "signal"> {
  readonly headers?: Record<string, string>
  readonly body?: string | null
}

/** Sends a request. A `fetch` asks the gate before it is called: see {@link fromFetch}. */
export type Send = (url: string, asked: FetchRequest, gate: SendGate) => Promise<FetchAnswer>

const tooLate = "the request was not to be sent any more"

/** The gate did not let the request out. */
class Withheld extends Error {
  override readonly name = "Withheld"
}

// undici calls `onRequestStart` once the connection is open, and writes the request right after it, unless it is aborted there.
const gated = (handler: Dispatcher.DispatchHandler, gate: SendGate): Dispatcher.DispatchHandler => ({
  onRequestStart: (controller, context) => {
    handler.onRequestStart?.(controller, context)
    if (!controller.aborted && !gate()) controller.abort(new Withheld(tooLate))
  },
  onRequestUpgrade: (...about) => handler.onRequestUpgrade?.(...about),
  onResponseStart: (...about) => handler.onResponseStart?.(...about),
  onResponseData: (...about) => handler.onResponseData?.(...about),
  onResponseEnd: (...about) => handler.onResponseEnd?.(...about),
  onResponseError: (...about) => handler.onResponseError?.(...about)
})

const unzip = promisify(gunzip)
/** Names of codings have no case, and `x-gzip` is `gzip` (RFC 9110, 8.4.1). */
const isGzip = (coding: unknown): boolean => typeof coding === "string" && /^(?:x-)?gzip$/i.test(coding)
const asText = new TextDecoder()

// undici's `fetch` does the same at three times the cost.
const sendBy =
  (agent: Dispatcher): Send =>
  async (url, { method = "GET", headers, body, signal }, gate) => {
    const dispatcher = agent.compose((dispatch) => (options, handler) => dispatch(options, gated(handler, gate)))
    const { origin, pathname, search } = new URL(url)
    const answer = await dispatcher.request({
      origin,
      path: `${pathname}${search}`,
      method: method as Dispatcher.HttpMethod,
      headers: { ...headers, "accept-encoding": "gzip" },
      body: body ?? null,
      signal: signal ?? null
    })
    const sent = new Uint8Array(await answer.body.arrayBuffer())
    const isZipped = isGzip(answer.headers["content-encoding"]) && sent.byteLength > 0
    const bytes = isZipped ? new Uint8Array(await unzip(sent, { maxOutputLength: mostBytes })) : sent
    return {
      status: answer.statusCode,
      statusText: "",
      url,
      headers: new Map(Object.entries(answer.headers).map(([name, value]) => [name, [value].flat().join(", ")])),
      text: async () => asText.decode(bytes),
      arrayBuffer: async () => bytes.buffer
    }
  }

/** A `fetch` of another kind, which cannot say when it writes: the request counts as sent from the call on. */
export const fromFetch =
  (fetch: typeof globalThis.fetch): Send =>
  (url, asked, gate) =>
    gate() ? fetch(url, asked) : Promise.reject(new Withheld(tooLate))

/** What requests go out by; without a layer of its own, straight to GitHub. */
export const Fetch = Context.Reference<Send>("dispatcher/adapters/github/Fetch", {
  defaultValue: () => sendBy(agentOf({}))
})

/** Sends through proxies, and trusts what they are signed by; connections end with the scope. */
export const layer = (proxies: Proxies): Layer.Layer<never> =>
  Layer.effect(
    Fetch,
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => agentOf(proxies)),
        (agent) => Effect.promise(() => agent.destroy())
      ),
      sendBy
    )
  )
