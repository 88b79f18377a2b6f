/**
 * What bodies the API takes: JSON, and no more of it than 16 files of a `dispatching.yml`'s greatest size, whether its sender says so or not.
 */
import { ByteSize, Cause, Effect } from "effect"
import { HttpIncomingMessage, HttpRouter, HttpServerError, HttpServerRequest, HttpServerResponse } from "effect/http"

/** 1 MiB. */
const maxApiBodyBytes = 16 * 64 * 1024

const tooLarge = HttpServerResponse.jsonUnsafe(
  { _tag: "TooLarge", message: `the body exceeds ${maxApiBodyBytes} bytes` },
  { status: 413 }
)

const notJson = HttpServerResponse.jsonUnsafe(
  { _tag: "UnsupportedMediaType", message: "the body must be application/json, and its Content-Type must say so" },
  { status: 415 }
)

/** The contract's layer reads bodies as if they could always be read, so one that is too large is a defect there. */
const isTooLarge = (cause: Cause.Cause<unknown>): boolean => {
  const error = Cause.squash(cause)
  return (
    HttpServerError.isHttpServerError(error) &&
    error.reason._tag === "RequestParseError" &&
    error.reason.reason === "BodyTooLarge"
  )
}

/** Answers 413 to a larger body, without reading one that says its size, and 415 to one of another type, where the contract's layer has plain text. */
export const limitBodies = HttpRouter.middleware((inner) =>
  Effect.gen(function* () {
    const { headers } = yield* HttpServerRequest.HttpServerRequest
    if (Number(headers["content-length"] ?? 0) > maxApiBodyBytes) return tooLarge
    return yield* inner.pipe(
      Effect.map((response) => (response.status === 415 ? notJson : response)),
      Effect.provideService(HttpIncomingMessage.MaxBodySize, ByteSize.bytes(maxApiBodyBytes)),
      Effect.catchCause((cause) => (isTooLarge(cause) ? Effect.succeed(tooLarge) : Effect.failCause(cause)))
    )
  })
)
