/**
 * Who makes a request: the App itself (a JWT signed with its key), one installation of it (an access token), or an anonymous client.
 * The front door identifies the caller once; handlers ask for the kind they need.
 */
import { createPublicKey, createVerify } from "node:crypto"
import { Context, Effect, Option, Schema } from "effect"
import { SandboxRefusal } from "./Answer.ts"
import { clientIdOf, type Installation, type InstallationToken, type SandboxState } from "./State.ts"

export type CallerKind =
  | { readonly _tag: "App" }
  | { readonly _tag: "Installation"; readonly installation: Installation; readonly token: InstallationToken }
  | { readonly _tag: "Anonymous" }

/** The caller of the request in hand. */
export class Caller extends Context.Service<Caller, CallerKind>()("dispatcher/sandbox/Caller") {}

const unauthorized = (message: string) => new SandboxRefusal({ status: 401, message })

const undecodable = unauthorized("A JSON web token could not be decoded")
const badIssuedAt = unauthorized(
  "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
)
const badExpiration = unauthorized(
  "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
)
const tooFarAhead = unauthorized("'Expiration time' claim ('exp') is too far in the future")

const decodeJson = <A>(schema: Schema.Codec<A, unknown>) => {
  const decode = Schema.decodeUnknownOption(Schema.fromJsonString(schema))
  return (part: string): Option.Option<A> => decode(Buffer.from(part, "base64url").toString("utf8"))
}

const decodeHeader = decodeJson(Schema.Struct({ alg: Schema.String }))
const decodeClaims = decodeJson(Schema.Record(Schema.String, Schema.Unknown))

/** GitHub refuses an `exp` more than ten minutes ahead. */
const maxLifetimeSeconds = 600
/** Clocks differ: an `iat` this far in the future still passes. */
const leewaySeconds = 60

const isSignedBy = (pem: string, signed: string, signature: string): boolean =>
  createVerify("RSA-SHA256").update(signed).verify(createPublicKey(pem), signature, "base64url")

/**
 * Checks an App's JWT: RS256 by its key, issued by it (id or client id), not in the future, at most ten minutes valid.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
const verifyAppJwt = (
  jwt: string,
  app: SandboxState["app"],
  nowSeconds: number
): Effect.Effect<void, SandboxRefusal> => {
  const [head = "", body = "", signature = "", ...rest] = jwt.split(".")
  const header = Option.getOrUndefined(decodeHeader(head))
  const claims = Option.getOrUndefined(decodeClaims(body))
  if (header?.alg !== "RS256" || claims === undefined || rest.length > 0) return Effect.fail(undecodable)
  if (![String(app.id), clientIdOf(app)].includes(String(claims.iss))) {
    return Effect.fail(new SandboxRefusal({ status: 404, message: "Integration not found" }))
  }
  if (!isSignedBy(app.privateKeyPem, `${head}.${body}`, signature)) return Effect.fail(undecodable)
  const { iat, exp } = claims
  if (!Number.isInteger(iat) || Number(iat) > nowSeconds + leewaySeconds) return Effect.fail(badIssuedAt)
  if (typeof exp !== "number" || exp <= nowSeconds) return Effect.fail(badExpiration)
  return exp > nowSeconds + maxLifetimeSeconds ? Effect.fail(tooFarAhead) : Effect.void
}

const identifyToken = (state: SandboxState, text: string, now: number): Effect.Effect<CallerKind, SandboxRefusal> => {
  const token = state.tokens.get(text)
  if (token === undefined || token.expiresAt <= now) return Effect.fail(unauthorized("Bad credentials"))
  const { installation } = token
  return installation.suspendedAt === undefined
    ? Effect.succeed({ _tag: "Installation", installation, token })
    : Effect.fail(new SandboxRefusal({ status: 403, message: "This installation has been suspended" }))
}

/** Identifies the caller from the Authorization header; `now` in epoch milliseconds. */
export const identify = (
  state: SandboxState,
  authorization: string | undefined,
  now: number
): Effect.Effect<CallerKind, SandboxRefusal> => {
  if (authorization === undefined) return Effect.succeed({ _tag: "Anonymous" })
  const [, scheme = "", credentials = ""] = /^(\S+)\s+(\S+)$/.exec(authorization) ?? []
  if (!/^(bearer|token)$/i.test(scheme)) return Effect.fail(unauthorized("Bad credentials"))
  return credentials.split(".").length === 3
    ? Effect.as(verifyAppJwt(credentials, state.app, Math.floor(now / 1000)), { _tag: "App" } as const)
    : identifyToken(state, credentials, now)
}

/** For endpoints of the App itself: anything but its JWT is refused as GitHub does. */
export const requireApp: Effect.Effect<void, SandboxRefusal, Caller> = Effect.flatMap(Caller, (caller) =>
  caller._tag === "App" ? Effect.void : Effect.fail(undecodable)
)

/** For endpoints of an installation. */
export const requireInstallation: Effect.Effect<
  Extract<CallerKind, { _tag: "Installation" }>,
  SandboxRefusal,
  Caller
> = Effect.flatMap(Caller, (caller) => {
  if (caller._tag === "Installation") return Effect.succeed(caller)
  return Effect.fail(
    caller._tag === "App"
      ? new SandboxRefusal({ status: 403, message: "Resource not accessible by integration" })
      : unauthorized("Requires authentication")
  )
})
