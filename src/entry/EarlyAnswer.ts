/**
 * An answer that is given before the request's body has ended, as to a body that is refused. It is the last of its connection, as RFC 9112
 * (9.6) describes: what the sender still writes is read and thrown away for a moment, since a connection that is closed with unread bytes
 * is reset, which can cost the sender the answer.
 */
import type { ServerResponse } from "node:http"

/** What is thrown away at most before the connection is closed, in bytes and milliseconds. */
const limits = { bytes: 1024 * 1024, millis: 1000 }

/** Writes the rest of an answer whose head says `Connection: close` and how long it is; the connection closes within a second. */
export const endEarly = (response: ServerResponse, text: string): void => {
  const { req: request } = response
  let bytes = 0
  const count = (chunk: Uint8Array) => {
    bytes += chunk.length
    if (bytes > limits.bytes) end()
  }
  const end = () => {
    clearTimeout(timer)
    request.off("data", count).off("end", end).off("close", end).pause()
    response.end()
  }
  const timer = setTimeout(end, limits.millis)
  response.write(text)
  request.on("data", count).on("end", end).on("close", end).resume()
}
