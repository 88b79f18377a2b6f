/**
 * Bodies under way: how many there may be, how many bytes of them altogether, and how long one may take to arrive, whatever its sender does.
 * A body counts from the moment that it is read until its request is answered.
 */
import type { IncomingMessage } from "node:http"
import { Context, Effect } from "effect"
import type { BodyRefusal } from "./Webhook.ts"

/** The limits of a server. */
export interface BodyLimitValues {
  /** Most bodies under way. */
  readonly bodies: number
  /** Most bytes of all bodies under way. */
  readonly bytes: number
  /** Longest time in which a body arrives, in milliseconds; GitHub itself gives up after 10 seconds. */
  readonly deadline: number
}

/** 1000 bodies and 128 MiB: five deliveries of GitHub's greatest size, or thousands of ordinary ones, about 20 KB each. */
export const BodyLimits = Context.Reference<BodyLimitValues>("dispatcher/entry/routes/BodyLimits", {
  defaultValue: () => ({ bodies: 1000, bytes: 128 * 1024 * 1024, deadline: 10_000 })
})

/** What of a request is read. */
export type BodySource = Pick<IncomingMessage, "on" | "off" | "resume">

/** A body that was read, or why it was not taken. `release` gives its place back, once its request is answered. */
export interface ReceivedBody {
  readonly bytes: Uint8Array | BodyRefusal
  readonly release: () => void
}

/** One server's count of bodies under way: reads a request's body of at most `most` bytes. */
export const makeBodies = Effect.map(BodyLimits, (limits) => {
  const underWay = { bodies: 0, bytes: 0 }

  return (request: BodySource, most: number, read: (body: ReceivedBody) => void): void => {
    if (underWay.bodies >= limits.bodies) {
      read({ bytes: "Busy", release: () => undefined })
      return
    }
    underWay.bodies++
    const chunks: Array<Uint8Array> = []
    let length = 0
    const release = () => {
      underWay.bodies--
      underWay.bytes -= length
    }
    const end = (bytes: ReceivedBody["bytes"]) => {
      clearTimeout(deadline)
      request.off("data", take).off("end", whole).off("error", broken).off("close", broken)
      read({ bytes, release })
    }
    const take = (chunk: Uint8Array) => {
      length += chunk.length
      underWay.bytes += chunk.length
      if (length > most) return end("TooLarge")
      if (underWay.bytes > limits.bytes) return end("Busy")
      chunks.push(chunk)
    }
    const whole = () => end(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length))
    const broken = () => end("Unreadable")
    const deadline = setTimeout(() => end("Late"), limits.deadline)
    request.on("data", take).on("end", whole).on("error", broken).on("close", broken)
  }
})
