/**
 * How requests to GitHub leave the process: by undici, over HTTP/1.1, through the proxy of the environment where there is one.
 *
 * A request passes a {@link SendGate} in the moment in which its first byte is written to a connection that is open. So whether a request was
 * sent is never guessed from an error, and what has become too late while the connection was made, or while the process was stopped, is
 * not sent. What remains: the instructions between the gate and the kernel's write, and the way through the network after that.
 */
import { Context, Effect, Layer } from "effect"
import { type Dispatcher, fetch as undiciFetch } from "undici"
import { agentOf } from "../Outbound.ts"
import type { Proxies } from "../Proxies.ts"

/** Asked without delay right before a request is written; where it says false, nothing is written and the request fails. */
export type SendGate = () => boolean

/** Sends a request. A `fetch` that is no undici's asks the gate before it is called: see {@link fromFetch}. */
export type Send = (url: string, init: RequestInit, gate: SendGate) => Promise<Response>

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

const sendBy =
  (agent: Dispatcher): Send =>
  (url, init, gate) => {
    const dispatcher = agent.compose((dispatch) => (options, handler) => dispatch(options, gated(handler, gate)))
    return undiciFetch(url, { ...init, dispatcher } as Parameters<
      typeof undiciFetch
    >[1]) as Promise<unknown> as Promise<Response>
  }

/** A `fetch` of another kind, which cannot say when it writes: the request counts as sent from the call on. */
export const fromFetch =
  (fetch: typeof globalThis.fetch): Send =>
  (url, init, gate) =>
    gate() ? fetch(url, init) : Promise.reject(new Withheld(tooLate))

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
