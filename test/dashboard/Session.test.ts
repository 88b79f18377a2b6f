/** The admin token and the sessions it opens. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Option, Redacted } from "effect"
import { TestClock } from "effect/testing"
import {
  AdminToken,
  adminToken,
  generateToken,
  layer,
  type Session,
  Sessions,
  sessionSeconds
} from "../../src/dashboard/Session.ts"
import { fixed } from "../../src/ports/Renewed.ts"

const secret = "correct horse battery staple"
const withToken = (token: string) => layer.pipe(Layer.provide(Layer.succeed(AdminToken, fixed(Redacted.make(token)))))

const idOf = Option.map(({ id }: Session) => id)
const recognise = (cookie: string) => Sessions.use((sessions) => sessions.recognise(Redacted.make(cookie)))
const open = Sessions.use((sessions) => sessions.open)

describe("the admin token", () => {
  it.effect.each([
    ["itself", secret, true],
    ["with what copying adds around it", ` ${secret}\n`, true],
    ["with another last character", `${secret.slice(0, -1)}f`, false],
    ["with another first character", `C${secret.slice(1)}`, false],
    ["its beginning", secret.slice(0, -1), false],
    ["something longer", `${secret}${secret}`, false],
    ["nothing", "", false],
    ["a text of another size in UTF-8", "ü".repeat(secret.length), false]
  ] as const)("%s", ([, presented, right]) =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      assert.strictEqual((yield* sessions.isToken)(Redacted.make(presented)), right)
      assert.strictEqual((yield* sessions.isLatestToken)(Redacted.make(presented)), right)
    }).pipe(Effect.provide(withToken(secret)))
  )

  it("is compared in one place, by hashes and in constant time", () => {
    const folder = join(import.meta.dirname, "../../src/dashboard")
    const sources = readdirSync(folder)
      .filter((name) => name.endsWith(".ts"))
      .map((name) => [name, readFileSync(join(folder, name), "utf8")] as const)
    const comparing = sources.filter(([, text]) => text.includes("timingSafeEqual(")).map(([name]) => name)
    const reading = sources.filter(([, text]) => /AdminToken\b(?!,)/.test(text)).map(([name]) => name)
    assert.deepStrictEqual(comparing, ["Session.ts"])
    assert.deepStrictEqual(reading, ["Session.ts"])
  })

  const read = (variables: Record<string, string>) =>
    Effect.result(adminToken).pipe(Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(variables))))

  it.effect("needs 16 characters, and its value is in no message", () =>
    Effect.gen(function* () {
      const right = yield* read({ ADMIN_TOKEN: "0123456789abcdef" })
      assert.strictEqual(right._tag === "Success" ? Redacted.value(right.success) : "", "0123456789abcdef")
      const short = yield* read({ ADMIN_TOKEN: "0123456789abcde" })
      assert.strictEqual(short._tag, "Failure")
      const message = short._tag === "Failure" ? String(short.failure) : ""
      assert.include(message, "at least 16 characters")
      assert.notInclude(message, "0123456789")
    })
  )

  it.effect("is made up where there is none: long, different each time, and not shown by mistake", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* generateToken, yield* generateToken]
      assert.match(Redacted.value(one), /^[0-9a-f]{64}$/)
      assert.notStrictEqual(Redacted.value(one), Redacted.value(other))
      assert.notInclude(`${one} ${JSON.stringify(one)}`, Redacted.value(one))
    })
  )
})

describe("sessions", () => {
  it.effect("are recognised until they expire", () =>
    Effect.gen(function* () {
      const { id, cookie } = yield* open
      assert.deepStrictEqual(idOf(yield* recognise(Redacted.value(cookie))), Option.some(id))
      yield* TestClock.adjust(`${sessionSeconds - 1} seconds`)
      assert.deepStrictEqual(idOf(yield* recognise(Redacted.value(cookie))), Option.some(id))
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(idOf(yield* recognise(Redacted.value(cookie))), Option.none())
    }).pipe(Effect.provide(withToken(secret)))
  )

  it.effect("each have a name, and a value that a cookie can hold", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* open, yield* open]
      assert.notStrictEqual(one.id, other.id)
      assert.match(Redacted.value(one.cookie), /^[\w.-]+$/)
    }).pipe(Effect.provide(withToken(secret)))
  )

  it.effect("end when any character of the cookie is changed, removed or added", () =>
    Effect.gen(function* () {
      const cookie = Redacted.value((yield* open).cookie)
      const changed = [...cookie].flatMap((character, index) => [
        `${cookie.slice(0, index)}${character === "1" ? "2" : "1"}${cookie.slice(index + 1)}`,
        `${cookie.slice(0, index)}${cookie.slice(index + 1)}`,
        `${cookie.slice(0, index)}0${cookie.slice(index)}`
      ])
      for (const other of [...changed, "", ".", "..", `${cookie}.`, cookie.toUpperCase(), ` ${cookie}`]) {
        assert.deepStrictEqual(idOf(yield* recognise(other)), Option.none(), other)
      }
    }).pipe(Effect.provide(withToken(secret)))
  )

  it.effect("are known to every process with the same token, and to none with another", () =>
    Effect.gen(function* () {
      const { id, cookie } = yield* open.pipe(Effect.provide(withToken(secret)))
      const seen = (token: string) => recognise(Redacted.value(cookie)).pipe(Effect.provide(withToken(token)))
      assert.deepStrictEqual(idOf(yield* seen(secret)), Option.some(id))
      assert.deepStrictEqual(idOf(yield* seen(`${secret}!`)), Option.none())
    })
  )
})

describe("a token that changes", () => {
  const rotated = `${secret} 2`
  /** A token that is another one once it seems to be wrong. */
  const changing = layer.pipe(
    Layer.provide(
      Layer.sync(AdminToken, () => {
        let token = Redacted.make(secret)
        const get = Effect.sync(() => token)
        const renew = Effect.sync(() => {
          token = Redacted.make(rotated)
          return token
        })
        return { get, renew }
      })
    )
  )

  it.effect("is known once it was read again, and the old one no more, nor its sessions", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { id, cookie } = yield* open
      assert.deepStrictEqual(idOf(yield* sessions.recognise(cookie)), Option.some(id))
      assert.isFalse((yield* sessions.isToken)(Redacted.make(rotated)))
      assert.isTrue((yield* sessions.isLatestToken)(Redacted.make(rotated)))
      assert.isTrue((yield* sessions.isToken)(Redacted.make(rotated)))
      assert.isFalse((yield* sessions.isToken)(Redacted.make(secret)))
      assert.deepStrictEqual(yield* sessions.recognise(cookie), Option.none())
    }).pipe(Effect.provide(changing))
  )

  it.effect("opens sessions that a process with the old one recognises", () =>
    Effect.gen(function* () {
      const { id, cookie } = yield* open.pipe(Effect.provide(withToken(rotated)))
      assert.deepStrictEqual(idOf(yield* recognise(Redacted.value(cookie))), Option.some(id))
    }).pipe(Effect.provide(changing))
  )
})
