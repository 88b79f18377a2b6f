/**
 * The admin token and the sessions that it opens. The token may change while the process runs (`ports/Renewed.ts`).
 *
 * A session is a signed cookie; nothing is stored. It is signed with a key that is derived from the admin token, so another token ends all
 * sessions, and every process that knows the token knows its sessions. Secrets are compared by their hashes, in constant time.
 */
import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto"
import { Clock, Config, Context, Effect, Layer, Option, Redacted, Schema } from "effect"
import type { Renewed } from "../ports/Renewed.ts"

/** The secret that lets people and tools in, with its changes. */
export class AdminToken extends Context.Service<AdminToken, Renewed<Redacted.Redacted>>()(
  "dispatcher/dashboard/Session/AdminToken"
) {}

const expected = "at least 16 characters, all of printable ASCII"

const TokenText = Schema.String.check(Schema.isPattern(/^[ -~]{16,}$/, { expected }))

/** `ADMIN_TOKEN`: at least 16 characters, of those that a header can carry: tools send the token in one. */
export const adminToken: Config.Config<Redacted.Redacted> = Config.schema(Schema.Redacted(TokenText), "ADMIN_TOKEN")

/** A token that was read from elsewhere, if it can be one. */
export const checkedToken = (token: Redacted.Redacted): Effect.Effect<Redacted.Redacted, Schema.SchemaError> =>
  Effect.as(Schema.decodeUnknownEffect(TokenText)(Redacted.value(token)), token)

/** A token for a server that was given none: 256 random bits, as text that a terminal selects with a double click. */
export const generateToken: Effect.Effect<Redacted.Redacted> = Effect.sync(() =>
  Redacted.make(randomBytes(32).toString("hex"), { label: "ADMIN_TOKEN" })
)

/** An open session. */
export interface Session {
  /** Identifies sessions, in logs and in the facts of what was done; of no use to open one. */
  readonly id: string
  /** Whole seconds since the epoch. */
  readonly expiresAt: number
}

/** How long a session lasts: a working day. */
export const sessionSeconds = 12 * 60 * 60

/** Whether this is the admin token. */
type IsToken = (presented: Redacted.Redacted) => boolean

/** Checks tokens, opens sessions and recognises them. */
export class Sessions extends Context.Service<
  Sessions,
  {
    /** Whether a text is the admin token; takes as long for any text of the same length. */
    readonly isToken: Effect.Effect<IsToken>
    /** The same after a token was found wrong, since it may be a newer one. */
    readonly isLatestToken: Effect.Effect<IsToken>
    /** A new session, and the value of its cookie. */
    readonly open: Effect.Effect<Session & { readonly cookie: Redacted.Redacted }>
    /** The session of a cookie; none if it was not signed by us, or has expired. */
    readonly recognise: (cookie: Redacted.Redacted) => Effect.Effect<Option.Option<Session>>
  }
>()("dispatcher/dashboard/Session/Sessions") {}

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest()

/** Compares hashes, which are of one length whatever was presented, so that time discloses nothing about the secret. */
const same = (secret: string, presented: string): boolean => timingSafeEqual(sha256(secret), sha256(presented))

/** `id.expiresAt`, which is what is signed, and `.signature` */
const cookiePattern = /^(([\w-]{12})\.(\d{1,12}))\.([\w-]{43})$/

const now = Effect.map(Clock.currentTimeMillis, (millis) => Math.floor(millis / 1000))

/** What is made of one token. */
const keysOf = (token: Redacted.Redacted) => {
  const secret = Redacted.value(token).trim()
  const key = new Uint8Array(hkdfSync("sha256", secret, "", "dispatcher dashboard session v1", 32))
  const isToken: IsToken = (presented) => same(secret, Redacted.value(presented).trim())
  const sign = (text: string) => createHmac("sha256", key).update(text).digest("base64url")
  return { token, isToken, sign }
}

const make = ({ get, renew }: AdminToken["Service"]): Sessions["Service"] => {
  let keys: ReturnType<typeof keysOf> | undefined
  const keysFor = (token: Redacted.Redacted) => {
    if (keys?.token !== token) keys = keysOf(token)
    return keys
  }
  const atHand = Effect.map(get, keysFor)
  const latest = Effect.map(renew, keysFor)
  const find = (cookie: Redacted.Redacted, { sign }: ReturnType<typeof keysOf>, seconds: number) => {
    const [, signed = "", id = "", expiry = "", signature = ""] = cookiePattern.exec(Redacted.value(cookie)) ?? []
    const expiresAt = Number(expiry)
    return same(sign(signed), signature) && expiresAt > seconds ? Option.some({ id, expiresAt }) : Option.none()
  }
  return {
    isToken: Effect.map(atHand, ({ isToken }) => isToken),
    isLatestToken: Effect.map(latest, ({ isToken }) => isToken),
    open: Effect.gen(function* () {
      const session = { id: randomBytes(9).toString("base64url"), expiresAt: (yield* now) + sessionSeconds }
      const signed = `${session.id}.${session.expiresAt}`
      return { ...session, cookie: Redacted.make(`${signed}.${(yield* atHand).sign(signed)}`) }
    }),
    recognise: Effect.fnUntraced(function* (cookie) {
      const seconds = yield* now
      const found = find(cookie, yield* atHand, seconds)
      // Another process may have opened it with a newer token.
      return Option.isSome(found) ? found : find(cookie, yield* latest, seconds)
    })
  }
}

/** Sessions of the admin token that is there. */
export const layer: Layer.Layer<Sessions, never, AdminToken> = Layer.effect(Sessions, Effect.map(AdminToken, make))
