/**
 * The client of the dashboard's API. It never throws: every question ends in an answer or in a {@link ApiFailure}.
 *
 * Requests go to the page's own origin with the session's cookie. Those that change something carry a header that no form and no
 * foreign page can send.
 */
import type { SentAnswers } from "./Answers.ts"
import type { Decoding } from "./Decode.ts"
import { decoders } from "./Decoders.ts"
import { type ApiFailure, apiFailureOf, misunderstood, unreachable } from "./Failure.ts"
import type { ApiQuestion, ExplainBody } from "./Questions.ts"

export type ApiAnswer<A> =
  | { readonly _tag: "Answered"; readonly value: A }
  | { readonly _tag: "Failed"; readonly failure: ApiFailure }

const answered = <A>(value: A): ApiAnswer<A> => ({ _tag: "Answered", value })
const failed = (failure: ApiFailure): ApiAnswer<never> => ({ _tag: "Failed", failure })

export interface ApiClient {
  /** `fresh` asks the server even where the browser still has an answer (it may say that nothing changed). */
  readonly ask: <A>(question: ApiQuestion<A>, options?: { readonly fresh?: boolean }) => Promise<ApiAnswer<A>>
  /** Has a delivery planned again. */
  readonly replay: (deliveryId: string) => Promise<ApiAnswer<SentAnswers["replayed"]>>
  /** What a run would start, and why; changes nothing. */
  readonly explain: (request: ExplainBody) => Promise<ApiAnswer<SentAnswers["explanation"]>>
  readonly signOut: () => Promise<ApiAnswer<undefined>>
}

export interface ClientOptions {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Where the API is: `/admin`, with an origin only outside a browser. */
  readonly base: string
  /** Milliseconds after which a question has no answer. */
  readonly patience: number
  /** The session has ended. */
  readonly onSignedOut: () => void
}

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

const read = <A>(status: number, body: string, decode: Decoding<A>): ApiAnswer<A> => {
  if (status < 200 || status > 299) return failed(apiFailureOf(status, parsed(body)))
  const decoded = decode(parsed(body), "answer")
  return decoded._tag === "Decoded" ? answered(decoded.value) : failed(misunderstood(decoded))
}

/** Nothing is made of the answer, whatever page it is. */
const anything: Decoding<undefined> = () => ({ _tag: "Decoded", value: undefined })

const changing = { method: "POST", headers: { "X-Requested-With": "dispatcher" } } as const

export const makeApiClient = ({ fetch, base, patience, onSignedOut }: ClientOptions): ApiClient => {
  const request = async <A>(path: string, init: RequestInit, decode: Decoding<A>): Promise<ApiAnswer<A>> => {
    const signal = AbortSignal.timeout(patience)
    try {
      const response = await fetch(`${base}${path}`, { credentials: "same-origin", signal, ...init })
      if (response.status === 401) onSignedOut()
      return read(response.status, await response.text(), decode)
    } catch {
      const seconds = Math.round(patience / 1_000)
      return failed(
        unreachable(
          signal.aborted ? `The server did not answer within ${seconds} seconds.` : "The server cannot be reached."
        )
      )
    }
  }
  return {
    ask: (question, { fresh = false } = {}) =>
      request(`/api${question.path}`, { cache: fresh ? "no-cache" : "default" }, question.decode),
    replay: (deliveryId) =>
      request(`/api/deliveries/${encodeURIComponent(deliveryId)}/replay`, changing, decoders.replayed),
    explain: (asked) =>
      request(
        "/api/explain",
        {
          ...changing,
          headers: { ...changing.headers, "Content-Type": "application/json" },
          body: JSON.stringify(asked)
        },
        decoders.explanation
      ),
    signOut: () => request("/sign-out", changing, anything)
  }
}
