/**
 * Answers that are the last of their connection, since what the sender writes after them is not read as a request: to a request whose body has
 * not ended, and to what is no HTTP at all.
 */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http"
import type { Socket } from "node:net"

/** What is thrown away at most before the connection is closed, in bytes and milliseconds. */
const limits = { bytes: 1024 * 1024, millis: 1000 }

/**
 * Writes the rest of an answer whose head says `Connection: close` and how long it is, as RFC 9112 (9.6) describes: what the sender still
 * writes is read and thrown away for a moment, since a connection that is closed with unread bytes is reset, which can cost the sender the
 * answer. The connection closes within a second.
 */
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

/** What Node's parser makes of a request that it cannot read, or that took too long: `HPE_…`, `ERR_HTTP_REQUEST_TIMEOUT`. */
interface ParserError extends Error {
  readonly code?: string
  /** What is wrong, in the parser's words. */
  readonly reason?: string
}

const malformed = (reason: string) => [400, "malformed", `this is no well-formed HTTP/1.1 request: ${reason}`] as const

/** Statuses as Node itself has them. */
const refusalOf = ({ code, reason, message }: ParserError): readonly [number, string, string] => {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return [408, "late", "the request did not arrive in time"]
    case "HPE_HEADER_OVERFLOW":
      return [431, "too large", "the headers are larger than the server reads"]
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return [413, "too large", "the chunk extensions of the body are larger than the server reads"]
    default:
      return malformed(reason ?? message)
  }
}

const answerOf = ([code, status, reason]: readonly [number, string, string]) => {
  const text = JSON.stringify({ status, reason })
  const length = Buffer.byteLength(text)
  return { code, text, headers: { connection: "close", "content-type": "application/json", "content-length": length } }
}

/**
 * Answers what is no request, in JSON as other bad requests are answered; Node's own answer has no body. `begun`: the connection's latest
 * response, which is not written into.
 */
export const refuseUnreadable = (error: ParserError, socket: Socket, begun: ServerResponse | undefined): void => {
  const isUnderWay = begun?.headersSent === true && !begun.writableEnded
  if (error.code !== "ECONNRESET" && socket.writable && !isUnderWay) {
    const { code, headers, text } = answerOf(refusalOf(error))
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    socket.write([`HTTP/1.1 ${code} ${STATUS_CODES[code]}`, ...lines, "", text].join("\r\n"))
  }
  socket.destroySoon()
}

/** Whether a request lacks its `Host`, which HTTP/1.1 demands (RFC 9112, 3.2). */
export const lacksHost = ({ headers, httpVersion }: IncomingMessage): boolean =>
  headers.host === undefined && httpVersion === "1.1"

/** Answers a request that lacks its `Host`. */
export const refuseWithoutHost = (response: ServerResponse): void => {
  const { code, headers, text } = answerOf(malformed("it has no Host header"))
  response.writeHead(code, headers).end(text)
}
