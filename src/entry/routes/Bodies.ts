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

/**
 * 1000 bodies and 64 MiB: two deliveries of GitHub's greatest size, or thousands of ordinary ones, about 20 KB each. Verifying takes a few times
 * that memory, and a millisecond a MiB in which nothing else is answered.
 */
export const BodyLimits = Context.Reference<BodyLimitValues>("dispatcher/entry/routes/BodyLimits", {
  defaultValue: () => ({ bodies: 1000, bytes: 64 * 1024 * 1024, deadline: 10_000 })
})

/** What of a request is read. */
export type BodySource = Pick<IncomingMessage, "on" | "off" | "resume">

/** A body that was read to its end. `release` gives its place back, once its request is answered. */
export interface WholeBody {
  readonly bytes: Uint8Array
  readonly release: () => void
}

/** Takes a body, or why it was not taken; a body that was not taken has no place any more. */
export type TakeBody = (body: WholeBody | BodyRefusal) => void

/** Ends a body that is being read. */
type Refuse = (refusal: BodyRefusal) => void

/**
 * One server's count of bodies under way: reads a request's body of at most `most` bytes.
 *
 * Room for a new body, or for more bytes, is taken from the oldest unfinished one. So bodies that are begun and not ended hold no room that a
 * delivery needs, from whatever addresses they come: a delivery is lost only where as many others as there is room for begin
 * between its headers and its end. Bodies that are whole keep their place until they are answered.
 */
export const makeBodies = Effect.map(BodyLimits, (limits) => {
  const underWay = { bodies: 0, bytes: 0 }
  /** Those that are not whole, oldest first. */
  const unfinished = new Set<Refuse>()

  /** Whether there was an unfinished body to take room from; `own` gives its own room last. */
  const makeRoom = (own?: Refuse): boolean => {
    const [oldest] = unfinished
    if (oldest === undefined || (oldest === own && unfinished.size === 1)) return false
    oldest("Displaced")
    return true
  }

  return (request: BodySource, most: number, take: TakeBody): void => {
    if (underWay.bodies >= limits.bodies && !makeRoom()) {
      take("Busy")
      return
    }
    underWay.bodies++
    const chunks: Array<Uint8Array> = []
    let length = 0
    const release = () => {
      underWay.bodies--
      underWay.bytes -= length
    }
    const stop = () => {
      clearTimeout(deadline)
      unfinished.delete(refuse)
      request.off("data", add).off("end", finish).off("error", breakOff).off("close", breakOff)
    }
    const refuse: Refuse = (refusal) => {
      stop()
      release()
      take(refusal)
    }
    const add = (chunk: Uint8Array) => {
      length += chunk.length
      underWay.bytes += chunk.length
      if (length > most) return refuse("TooLarge")
      chunks.push(chunk)
      while (underWay.bytes > limits.bytes && unfinished.has(refuse)) if (!makeRoom(refuse)) refuse("Busy")
    }
    const finish = () => {
      stop()
      const bytes = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length)
      // The body is there once, not in its pieces as well until it is answered.
      chunks.length = 0
      take({ bytes, release })
    }
    const breakOff = () => refuse("Unreadable")
    const deadline = setTimeout(() => refuse("Late"), limits.deadline)
    unfinished.add(refuse)
    request.on("data", add).on("end", finish).on("error", breakOff).on("close", breakOff)
  }
})
