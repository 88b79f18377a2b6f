/** How many bodies are taken, how many bytes of them, and for how long. */
import { EventEmitter } from "node:events"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { BodyLimits, type BodySource, makeBodies, type ReceivedBody } from "../../../src/entry/routes/Bodies.ts"

const limits = { bodies: 2, bytes: 100, deadline: 10_000 }
const bodies = (more: Partial<typeof limits> = {}) =>
  Effect.provideService(makeBodies, BodyLimits, { ...limits, ...more })

/** A request whose body arrives piece by piece. */
class Arriving extends EventEmitter {
  resume(): this {
    return this
  }
  arrive(...pieces: ReadonlyArray<number>): this {
    for (const length of pieces) this.emit("data", new Uint8Array(length).fill(length))
    return this
  }
}
type Read = (request: BodySource, most: number, read: (body: ReceivedBody) => void) => void

/** Begins to read a body; what is read of it is in `body` from then on. */
const begin = (read: Read, most = 10) => {
  const request = new Arriving()
  const begun: { request: Arriving; body: ReceivedBody | undefined } = { request, body: undefined }
  read(request as unknown as BodySource, most, (body) => {
    assert.isUndefined(begun.body, "a body is read once")
    begun.body = body
  })
  return begun
}
const bytesOf = ({ body }: { readonly body: ReceivedBody | undefined }) =>
  body === undefined || typeof body.bytes === "string" ? body?.bytes : [...body.bytes]

describe("bodies under way", () => {
  it.effect("arrive whole, in the order of their pieces", () =>
    Effect.gen(function* () {
      const read = yield* bodies()
      const whole = begin(read)
      whole.request.arrive(1, 2, 3).emit("end")
      assert.deepStrictEqual(bytesOf(whole), [1, 2, 2, 3, 3, 3])
      const empty = begin(read)
      empty.request.emit("end")
      assert.deepStrictEqual(bytesOf(empty), [])
    })
  )

  it.effect("are refused above the size that the caller names", () =>
    Effect.gen(function* () {
      const read = yield* bodies()
      const fits = begin(read)
      fits.request.arrive(5, 5).emit("end")
      assert.lengthOf(bytesOf(fits) ?? [], 10)
      const large = begin(read)
      large.request.arrive(5, 6)
      assert.strictEqual(bytesOf(large), "TooLarge")
      large.request.arrive(5).emit("end")
    })
  )

  it.effect("are refused beyond their number, until one is answered", () =>
    Effect.gen(function* () {
      const read = yield* bodies()
      const held = [begin(read), begin(read)]
      for (const { request } of held) request.emit("end")
      assert.strictEqual(bytesOf(begin(read)), "Busy")
      held[0]?.body?.release()
      const next = begin(read)
      next.request.arrive(1).emit("end")
      assert.deepStrictEqual(bytesOf(next), [1])
    })
  )

  it.effect("are refused beyond their bytes altogether, which are given back whatever becomes of them", () =>
    Effect.gen(function* () {
      const read = yield* bodies()
      const held = begin(read, 100)
      held.request.arrive(60)
      const refused = begin(read, 100)
      refused.request.arrive(41)
      assert.strictEqual(bytesOf(refused), "Busy")
      refused.body?.release()
      held.request.emit("close")
      assert.strictEqual(bytesOf(held), "Unreadable")
      held.body?.release()
      const large = begin(read, 100)
      large.request.arrive(101)
      assert.strictEqual(bytesOf(large), "TooLarge")
      large.body?.release()
      const all = begin(read, 100)
      all.request.arrive(100).emit("end")
      assert.lengthOf(bytesOf(all) ?? [], 100)
    })
  )

  it.effect("have a deadline, however slowly they come", () =>
    Effect.gen(function* () {
      const read = yield* bodies({ deadline: 1 })
      const slow = begin(read)
      slow.request.arrive(1)
      while (slow.body === undefined) yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 1)))
      assert.strictEqual(bytesOf(slow), "Late")
    })
  )
})
