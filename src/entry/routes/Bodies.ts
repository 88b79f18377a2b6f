/**
 * Bodies under way: how many there may be, how many bytes of them altogether, and how long one may take to arrive, whatever its sender does.
 * A body counts from the moment that it is read until its request is answered.
 */
import { Context, Effect, Schema, Stream } from "effect"
import type { HttpServerRequest } from "effect/http"

/** Why a body is not taken. */
export class BodyRefused extends Schema.TaggedError<BodyRefused>()("BodyRefused", {
  reason: Schema.Literals(["TooLarge", "Busy", "Late", "Unreadable"])
}) {}

/** The limits of a server. */
export interface Limits {
  /** Most bodies under way. */
  readonly bodies: number
  /** Most bytes of all bodies under way. */
  readonly bytes: number
  /** Longest time in which a body arrives, in milliseconds; GitHub itself gives up after 10 seconds. */
  readonly deadline: number
}

/** 1000 bodies and 128 MiB: five deliveries of GitHub's greatest size, or thousands of ordinary ones, about 20 KB each. */
export const BodyLimits = Context.Reference<Limits>("dispatcher/entry/routes/BodyLimits", {
  defaultValue: () => ({ bodies: 1000, bytes: 128 * 1024 * 1024, deadline: 10_000 })
})

const joined = (chunks: ReadonlyArray<Uint8Array>, length: number): Uint8Array => {
  const [only] = chunks
  if (only !== undefined && chunks.length === 1) return only
  const body = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  return body
}

/** One server's count of bodies under way. */
export const makeBodies = Effect.map(BodyLimits, (limits) => {
  const underWay = { bodies: 0, bytes: 0 }

  const enter = Effect.suspend(() => {
    if (underWay.bodies >= limits.bodies) return Effect.fail(new BodyRefused({ reason: "Busy" }))
    underWay.bodies++
    return Effect.succeed({ chunks: [] as Uint8Array[], bytes: 0 })
  })
  type Body = Effect.Success<typeof enter>
  const leave = ({ bytes }: Body) =>
    Effect.sync(() => {
      underWay.bodies--
      underWay.bytes -= bytes
    })

  const take = (body: Body, chunk: Uint8Array, most: number) => {
    body.bytes += chunk.length
    underWay.bytes += chunk.length
    if (body.bytes > most) return Effect.fail(new BodyRefused({ reason: "TooLarge" }))
    if (underWay.bytes > limits.bytes) return Effect.fail(new BodyRefused({ reason: "Busy" }))
    body.chunks.push(chunk)
    return Effect.void
  }

  const read = (request: HttpServerRequest.HttpServerRequest, body: Body, most: number) =>
    request.stream.pipe(
      Stream.mapError(() => new BodyRefused({ reason: "Unreadable" })),
      Stream.runForEach((chunk) => take(body, chunk, most)),
      Effect.timeoutOrElse({
        duration: limits.deadline,
        orElse: () => Effect.fail(new BodyRefused({ reason: "Late" }))
      })
    )

  return {
    /** Reads a request's body of at most `most` bytes, and holds its place until `use` is over. */
    withBody: <A, E, R>(
      request: HttpServerRequest.HttpServerRequest,
      most: number,
      use: (body: Uint8Array) => Effect.Effect<A, E, R>
    ): Effect.Effect<A, E | BodyRefused, R> =>
      Effect.acquireUseRelease(
        enter,
        (body) => Effect.flatMap(read(request, body, most), () => use(joined(body.chunks, body.bytes))),
        leave
      )
  }
})
