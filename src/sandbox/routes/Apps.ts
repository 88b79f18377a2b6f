/**
 * Endpoints of the App itself, with its JWT: the App, its installations, and the access tokens of an installation.
 * https://docs.github.com/en/rest/apps/apps
 */
import { randomBytes } from "node:crypto"
import type { RestEndpointMethodTypes } from "@octokit/rest"
import { Clock, Effect, Option, Schema } from "effect"
import { HttpRouter } from "effect/http"
import { json, notFound, Refusal, unprocessable } from "../Answer.ts"
import { asApp, asInstallation, Caller } from "../Caller.ts"
import {
  bodyObject,
  checkBody,
  endpoint,
  idParam,
  paginate,
  pathParam,
  query,
  reaches,
  timestamp
} from "../Endpoint.ts"
import { Permissions, permits } from "../Permissions.ts"
import { bucketOf } from "../RateLimits.ts"
import { account, fullRepository, nodeId } from "../RepositoryViews.ts"
import {
  covers,
  findRepository,
  type Installation,
  type Repository,
  type SandboxState,
  State,
  type Token
} from "../State.ts"
import { installation as installationView } from "../Views.ts"

type AppView = RestEndpointMethodTypes["apps"]["getAuthenticated"]["response"]["data"]

const appView = (state: SandboxState) =>
  ({
    id: state.app.id,
    slug: state.app.slug,
    node_id: nodeId("A", state.app.id),
    client_id: `Iv23${state.app.id}`,
    owner: account(state, state.app.owner),
    name: state.app.slug,
    description: null,
    external_url: state.url,
    html_url: `${state.url}/apps/${state.app.slug}`,
    created_at: timestamp(0),
    updated_at: timestamp(0),
    permissions: state.installations[0]?.permissions ?? {},
    events: ["workflow_run"],
    installations_count: state.installations.length
  }) satisfies AppView

const getApp = endpoint(
  "GET",
  "/app",
  Effect.gen(function* () {
    yield* asApp
    return json(appView(yield* State))
  })
)

const listInstallations = endpoint(
  "GET",
  "/app/installations",
  Effect.gen(function* () {
    yield* asApp
    const state = yield* State
    const { page, headers } = paginate(state.installations, yield* query, `${state.url}/app/installations`)
    return json(
      page.map((item) => installationView(state, item)),
      { headers }
    )
  })
)

const installationPage = "apps/apps#get-an-installation-for-the-authenticated-app"

const installationById = Effect.gen(function* () {
  yield* asApp
  const id = yield* idParam("installation")
  const { installations } = yield* State
  return installations.find((item) => item.id === id) ?? (yield* notFound(installationPage))
})

const getInstallation = endpoint(
  "GET",
  "/app/installations/:installation",
  Effect.gen(function* () {
    return json(installationView(yield* State, yield* installationById))
  })
)

/** `GET …/installation` of a repository, an organisation or a user: the installation that satisfies the predicate. */
const lookup = <R>(
  path: HttpRouter.PathInput,
  select: Effect.Effect<(state: SandboxState) => Installation | undefined, never, R>
) =>
  endpoint(
    "GET",
    path,
    Effect.gen(function* () {
      yield* asApp
      const state = yield* State
      const found = (yield* select)(state)
      return found === undefined ? yield* notFound("apps/apps") : json(installationView(state, found))
    })
  )

const ofAccount = (parameter: string, type: Installation["accountType"]) =>
  Effect.map(
    pathParam(parameter),
    (name) => (state: SandboxState) =>
      state.installations.find(
        ({ account, accountType }) => accountType === type && account.toLowerCase() === name.toLowerCase()
      )
  )

const ofRepository = Effect.gen(function* () {
  const owner = yield* pathParam("owner")
  const name = yield* pathParam("repo")
  return (state: SandboxState) => {
    const repository = findRepository(state, owner, name)
    return repository && state.installations.find((item) => covers(item, repository))
  }
})

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
): Effect.Effect<ReadonlyArray<Repository> | undefined, Refusal> => {
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

const narrowedPermissions = (installation: Installation, asked: unknown): Effect.Effect<Permissions, Refusal> => {
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
      return yield* new Refusal({ status: 403, message: "This installation has been suspended", page: tokenPage })
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
    const token: Token = {
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

const installationRepositories = endpoint(
  "GET",
  "/installation/repositories",
  Effect.gen(function* () {
    const { token } = yield* asInstallation
    const state = yield* State
    const reached = [...state.repositories.values()].filter((repository) => reaches(token, repository))
    const { page, headers } = paginate(reached, yield* query, `${state.url}/installation/repositories`)
    return json(
      {
        total_count: reached.length,
        repository_selection: token.installation.selected === "all" ? "all" : "selected",
        repositories: page.map((repository) => fullRepository(state, repository))
      },
      { headers }
    )
  })
)

const getRateLimit = endpoint(
  "GET",
  "/rate_limit",
  Effect.gen(function* () {
    const state = yield* State
    const caller = yield* Caller
    const now = yield* Clock.currentTimeMillis
    const view = (resource: "core" | "graphql") => {
      const { limit, remaining, resetAt } = bucketOf(state, caller, resource, now)
      return { limit, used: limit - remaining, remaining, reset: resetAt, resource }
    }
    const core = view("core")
    return json({ resources: { core, graphql: view("graphql") }, rate: core })
  })
)

/** The routes of this file. */
export const layer = HttpRouter.addAll([
  getApp,
  listInstallations,
  getInstallation,
  lookup("/repos/:owner/:repo/installation", ofRepository),
  lookup("/orgs/:org/installation", ofAccount("org", "Organization")),
  lookup("/users/:user/installation", ofAccount("user", "User")),
  createToken,
  installationRepositories,
  getRateLimit
])
