/**
 * Cache headers and conditional requests (RFC 9110, section 13): an answer has an ETag made of its bytes, and who already has these bytes
 * gets a 304 instead of them.
 */
import { createHash } from "node:crypto"
import { Effect } from "effect"
import { Headers, HttpServerRequest, HttpServerResponse } from "effect/http"

type Response = HttpServerResponse.HttpServerResponse

/** Figures are rewritten each minute; this only spares widgets of one page, and hasty people, the same question. */
export const answers = { "cache-control": "private, max-age=5, must-revalidate", vary: "authorization, cookie" }
/** The page itself: kept, but never shown without asking. */
export const page = { "cache-control": "private, no-cache", vary: "authorization, cookie" }
/** What is the same for everybody, under names that stay the same. */
export const files = { "cache-control": "public, no-cache" }

/** A response's ETag, by which it is known that it has not changed. */
export const etagOf = (body: Uint8Array): string => `"${createHash("sha256").update(body).digest("base64url")}"`

const opaque = (etag: string): string => etag.trim().replace(/^W\//, "")

/** Whether the client has this already; weak comparison, as RFC 9110 has it for `If-None-Match`. */
const has = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch !== undefined && (ifNoneMatch.trim() === "*" || ifNoneMatch.split(",").map(opaque).includes(opaque(etag)))

/** All headers but those of the body: browsers put the headers of a 304 over those they kept (RFC 9111, section 3.2). */
const notModified = ({ headers }: Response): Response =>
  HttpServerResponse.empty({ status: 304, headers: Headers.removeMany(headers, ["content-type", "content-length"]) })

/** Lets successful answers be kept as `policy` says and revalidated, and nothing else. */
export const cached =
  (policy: Readonly<Record<string, string>>) =>
  <E, R>(inner: Effect.Effect<Response, E, R>): Effect.Effect<Response, E, R | HttpServerRequest.HttpServerRequest> =>
    Effect.gen(function* () {
      const { method, headers } = yield* HttpServerRequest.HttpServerRequest
      const response = yield* inner
      const mayKeep = response.status === 200 && ["GET", "HEAD"].includes(method)
      if (!mayKeep || response.body._tag !== "Uint8Array") return response
      const etag = response.headers.etag ?? etagOf(response.body.body)
      const tagged = HttpServerResponse.setHeaders(response, { ...policy, etag })
      return has(headers["if-none-match"], etag) ? notModified(tagged) : tagged
    })
