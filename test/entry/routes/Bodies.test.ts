/** How many bodies are taken, how many bytes of them, and for how long. */
import { EventEmitter } from "node:events"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  BodyLimits,
  type BodySource,
  makeBodies,
  type TakeBody,
  type WholeBody
} from "../../../src/entry/routes/Bodies.ts"
import type { BodyRefusal } from "../../../src/entry/routes/Webhook.ts"

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
type Read = (request: BodySource, most: number, take: TakeBody) => void

/** Begins to read a body; what is read of it is in `body` from then on. */
const begin = (read: Read, most = 10) => {
  const request = new Arriving()
  const begun: { request: Arriving; body: WholeBody | BodyRefusal | undefined } = { request, body: undefined }
  read(request as unknown as BodySource, most, (body) => {
    assert.isUndefined(begun.body, "a body is read once")
    begun.body = body
  })
  return begun
}
type Begun = ReturnType<typeof begin>
const bytesOf = ({ body }: Begun) => (typeof body === "object" ? [...body.bytes] : body)
const release = ({ body }: Begun) => {
  if (typeof body === "object") body.release()
}

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

  it.effect("are 64 MiB at most by default, whole ones included", () =>
    Effect.gen(function* () {
      const read = yield* makeBodies
      const large = 20 * 1024 * 1024
      const [first, second, third, fourth] = [
        begin(read, large),
        begin(read, large),
        begin(read, large),
        begin(read, large)
      ]
      for (const { request } of [first, second, third]) request.arrive(large).emit("end")
      assert.isObject(third.body)
      fourth.request.arrive(large)
      assert.strictEqual(fourth.body, "Busy")
      release(first)
      const fifth = begin(read, large)
      fifth.request.arrive(large).emit("end")
      assert.isObject(fifth.body)
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

  it.effect("that are whole keep their place until they are answered", () =>
    Effect.gen(function* () {
      const read = yield* bodies()
      const held = [begin(read), begin(read)]
      for (const { request } of held) request.emit("end")
      assert.strictEqual(bytesOf(begin(read)), "Busy")
      held.slice(0, 1).forEach(release)
      const next = begin(read)
      next.request.arrive(1).emit("end")
      assert.deepStrictEqual(bytesOf(next), [1])
    })
  )

  it.effect("that are unfinished give their place to newer ones, the oldest first", () =>
    Effect.gen(function* () {
      const read = yield* bodies({ bodies: 3 })
      const whole = begin(read)
      const [first, second] = [begin(read), begin(read)]
      whole.request.emit("end")
      const third = begin(read)
      assert.deepStrictEqual([first, second, third].map(bytesOf), ["Displaced", undefined, undefined])
      const fourth = begin(read)
      assert.deepStrictEqual([second, third, fourth].map(bytesOf), ["Displaced", undefined, undefined])
      for (const { request } of [first, third, fourth]) request.arrive(2).emit("end")
      assert.deepStrictEqual([first, third, fourth].map(bytesOf), ["Displaced", [2, 2], [2, 2]])
      assert.strictEqual(bytesOf(begin(read)), "Busy", "all places are those of whole bodies")
    })
  )

  it.effect("that are unfinished give up their bytes to others, the oldest first", () =>
    Effect.gen(function* () {
      const read = yield* bodies({ bodies: 9 })
      const [first, second, third] = [begin(read, 100), begin(read, 100), begin(read, 100)]
      first.request.arrive(10)
      second.request.arrive(60)
      third.request.arrive(30)
      assert.deepStrictEqual([first, second, third].map(bytesOf), [undefined, undefined, undefined])
      third.request.arrive(50)
      assert.deepStrictEqual([first, second, third].map(bytesOf), ["Displaced", "Displaced", undefined])
      third.request.emit("end")
      assert.lengthOf(bytesOf(third) ?? [], 80)
      const busy = begin(read, 100)
      busy.request.arrive(21)
      assert.strictEqual(bytesOf(busy), "Busy", "only whole bodies hold the others")
      release(third)
      const all = begin(read, 100)
      all.request.arrive(100).emit("end")
      assert.lengthOf(bytesOf(all) ?? [], 100)
    })
  )

  it.effect("give their place and bytes back, whatever becomes of them", () =>
    Effect.gen(function* () {
      const read = yield* bodies({ bodies: 1 })
      const broken = begin(read, 100)
      broken.request.arrive(60).emit("close")
      assert.strictEqual(bytesOf(broken), "Unreadable")
      const large = begin(read, 100)
      large.request.arrive(101)
      assert.strictEqual(bytesOf(large), "TooLarge")
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
