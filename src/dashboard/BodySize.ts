/** How large a body of the API may be, whether its sender says so or not: 16 files of a `dispatching.yml`'s greatest size. */
import { ByteSize, Cause, Effect } from "effect"
import { HttpIncomingMessage, HttpRouter, HttpServerError, HttpServerRequest, HttpServerResponse } from "effect/http"

/** 1 MiB. */
const maxApiBodyBytes = 16 * 64 * 1024

const tooLarge = HttpServerResponse.jsonUnsafe(
  { _tag: "TooLarge", message: `the body exceeds ${maxApiBodyBytes} bytes` },
  { status: 413 }
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

/** Answers 413 to a larger body; one that says its size is not read. */
export const limitBodySize = HttpRouter.middleware((inner) =>
  Effect.gen(function* () {
    const { headers } = yield* HttpServerRequest.HttpServerRequest
    if (Number(headers["content-length"] ?? 0) > maxApiBodyBytes) return tooLarge
    return yield* inner.pipe(
      Effect.provideService(HttpIncomingMessage.MaxBodySize, ByteSize.bytes(maxApiBodyBytes)),
      Effect.catchCause((cause) => (isTooLarge(cause) ? Effect.succeed(tooLarge) : Effect.failCause(cause)))
    )
  })
)
