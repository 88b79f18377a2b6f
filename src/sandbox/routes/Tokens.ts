/**
 * Access tokens of an installation: what it may do, or less when the request says so.
 * https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
 */
import { randomBytes } from "node:crypto"
import { Clock, Effect, Option, Schema } from "effect"
import { HttpRouter } from "effect/http"
import { json, SandboxRefusal, unprocessable } from "../Answer.ts"
import { bodyObject, checkBody } from "../Body.ts"
import { endpoint } from "../Endpoint.ts"
import { timestamp } from "../Formats.ts"
import { Permissions, permits } from "../Permissions.ts"
import { covers, findRepository } from "../Repositories.ts"
import { fullRepository } from "../RepositoryViews.ts"
import {
  type Installation,
  type InstallationToken,
  type SandboxRepository,
  type SandboxState,
  State
} from "../State.ts"
import { installationById } from "./Apps.ts"

const decodePermissions = Schema.decodeUnknownOption(Permissions)
const Narrowing = Schema.Struct({
  repositories: Schema.optionalKey(Schema.Array(Schema.String)),
  repository_ids: Schema.optionalKey(Schema.Array(Schema.Int))
})
const decodeNarrowing = Schema.decodeUnknownOption(Narrowing)
/** Stands for a request that names nothing sensible: no repository is called so. */
const nonsense: typeof Narrowing.Type = { repositories: [""] }

const tokenPage = "apps/apps#create-an-installation-access-token-for-an-app"

/** The repositories that a token is narrowed to, if the request names any. */
const narrowedRepositories = (
  state: SandboxState,
  installation: Installation,
  body: Readonly<Record<string, unknown>>
): Effect.Effect<ReadonlyArray<SandboxRepository> | undefined, SandboxRefusal> => {
  const { repositories = [], repository_ids: ids = [] } = Option.getOrElse(decodeNarrowing(body), () => nonsense)
  if (repositories.length + ids.length === 0) return Effect.succeed(undefined)
  const byId = ids.map((id) => [...state.repositories.values()].find((repository) => repository.id === id))
  const byName = repositories.map((name) => findRepository(state, installation.account, name))
  const found = [...byName, ...byId].filter((item) => item !== undefined && covers(installation, item))
  return found.length === repositories.length + ids.length
    ? Effect.succeed(found.filter((item) => item !== undefined))
    : Effect.fail(
        unprocessable(
          "There is at least one repository that does not exist or is not accessible to the parent installation.",
          tokenPage
        )
      )
}

const narrowedPermissions = (
  installation: Installation,
  asked: unknown
): Effect.Effect<Permissions, SandboxRefusal> => {
  if (asked === undefined) return Effect.succeed({ metadata: "read", ...installation.permissions })
  const permissions = Option.getOrElse(decodePermissions(asked), (): Permissions => ({ "": "admin" }))
  const granted = Object.entries(permissions).every(([name, access]) => permits(installation.permissions, name, access))
  return granted
    ? Effect.succeed({ metadata: "read", ...permissions })
    : Effect.fail(unprocessable("The permissions requested are not granted to this installation.", tokenPage))
}

/** Since 2026 GitHub's installation tokens are about this long. */
const tokenLength = 520

const newToken = (): string => `ghs_${randomBytes(tokenLength).toString("base64url")}`.slice(0, tokenLength)

const createToken = endpoint(
  "POST",
  "/app/installations/:installation/access_tokens",
  Effect.gen(function* () {
    const installation = yield* installationById
    const state = yield* State
    if (installation.suspendedAt !== undefined) {
      return yield* new SandboxRefusal({
        status: 403,
        message: "This installation has been suspended",
        page: tokenPage
      })
    }
    const body = yield* bodyObject
    yield* checkBody(
      body,
      { repositories: { type: "array" }, repository_ids: { type: "array" }, permissions: { type: "object" } },
      { page: tokenPage, open: true }
    )
    const repositories = yield* narrowedRepositories(state, installation, body)
    const permissions = yield* narrowedPermissions(installation, body.permissions)
    const expiresAt = (yield* Clock.currentTimeMillis) + state.settings.tokenLifetimeSeconds * 1000
    const token: InstallationToken = {
      installation,
      permissions,
      expiresAt,
      repositoryIds: repositories && new Set(repositories.map(({ id }) => id))
    }
    const text = newToken()
    state.tokens.set(text, token)
    const answer = {
      token: text,
      expires_at: timestamp(expiresAt),
      permissions,
      repository_selection: repositories === undefined && installation.selected === "all" ? "all" : "selected",
      ...(repositories === undefined ? {} : { repositories: repositories.map((item) => fullRepository(state, item)) })
    }
    return json(answer, { status: 201 })
  })
)

/** The routes of this file. */
export const layer = HttpRouter.addAll([createToken])
