/** Why a question has no answer, as far as the page treats reasons differently; each has a message for people. */
import { type Decoding, struct, text, type UnexpectedAnswer } from "./Decode.ts"
import { decoders } from "./Decoders.ts"

export type ApiFailure =
  /** There is no session (any more). */
  | { readonly _tag: "SignedOut"; readonly message: string }
  /** No index serves these filters together; `supported` are the combinations that one does. */
  | { readonly _tag: "Unsupported"; readonly message: string; readonly supported: ReadonlyArray<ReadonlyArray<string>> }
  /** There is no such thing (any more). */
  | { readonly _tag: "Missing"; readonly message: string }
  /** The server, or the store behind it, does not answer; asking again may help. */
  | { readonly _tag: "Unreachable"; readonly message: string }
  /** The server refused, or answered something that this page does not understand. */
  | { readonly _tag: "Refused"; readonly message: string }

export const unreachable = (message: string): ApiFailure => ({ _tag: "Unreachable", message })

/** The failure of an answer that could not be decoded: mostly a page that is older than its server. */
export const misunderstood = ({ message }: UnexpectedAnswer): ApiFailure => ({
  _tag: "Refused",
  message: `The server's answer is not what this page expects (${message}). Reloading the page may help.`
})

/** What every error of the API has. */
const explained = struct({ message: text })

const decodedOr = <A>(decode: Decoding<A>, body: unknown): A | undefined => {
  const decoded = decode(body, "error")
  return decoded._tag === "Decoded" ? decoded.value : undefined
}

/** The failure that an HTTP status and its body (already parsed, undefined if it was no JSON) stand for. */
export const apiFailureOf = (status: number, body: unknown): ApiFailure => {
  const message = decodedOr(explained, body)?.message
  if (status === 401) return { _tag: "SignedOut", message: message ?? "Sign in to go on." }
  if (status === 404) return { _tag: "Missing", message: message ?? "There is no such thing." }
  if (status === 400) {
    const search = decodedOr(decoders.unsupported, body)
    if (search !== undefined) return { _tag: "Unsupported", message: search.message, supported: search.supported }
  }
  if (status === 429 || status >= 500) return unreachable(message ?? `The server answered with status ${status}.`)
  return { _tag: "Refused", message: message ?? `The server refused with status ${status}.` }
}
