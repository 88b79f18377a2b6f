/**
 * Endpoints of the App itself, with its JWT: the App, its installations.
 * https://docs.github.com/en/rest/apps/apps
 */
import { Clock, Effect } from "effect"
import { HttpRouter } from "effect/http"
import { json, notFound } from "../Answer.ts"
import { Caller, requireApp, requireInstallation } from "../Caller.ts"
import { endpoint, idParam, pathParam, queryParameter, reaches } from "../Endpoint.ts"
import { paginate } from "../Paging.ts"
import { rateBucketOf } from "../RateLimits.ts"
import { covers, findRepository } from "../Repositories.ts"
import { fullRepository } from "../RepositoryViews.ts"
import { type Installation, type SandboxState, State } from "../State.ts"
import { appView, installation as installationView } from "../Views.ts"

const getApp = endpoint(
  "GET",
  "/app",
  Effect.gen(function* () {
    yield* requireApp
    return json(appView(yield* State))
  })
)

/** Without credentials only a public App is shown. https://docs.github.com/en/rest/apps/apps#get-an-app */
const getPublicApp = endpoint(
  "GET",
  "/apps/:slug",
  Effect.gen(function* () {
    const state = yield* State
    const caller = yield* Caller
    const isThere = (yield* pathParam("slug")) === state.app.slug
    const isShown = state.settings.publicApp || caller._tag !== "Anonymous"
    return isThere && isShown ? json(appView(state)) : yield* notFound("apps/apps#get-an-app")
  })
)

/** Where GitHub's redirections from former names lead. Not documented, but in the `url` of every such answer. */
const getRepositoryById = endpoint(
  "GET",
  "/repositories/:id",
  Effect.gen(function* () {
    const { token } = yield* requireInstallation
    const state = yield* State
    const id = yield* idParam("id")
    const found = [...state.repositories.values()].find((repository) => repository.id === id)
    return found !== undefined && reaches(token, found)
      ? json(fullRepository(state, found))
      : yield* notFound("repos/repos")
  })
)

const listInstallations = endpoint(
  "GET",
  "/app/installations",
  Effect.gen(function* () {
    yield* requireApp
    const state = yield* State
    const { page, headers } = paginate(state.installations, yield* queryParameter, `${state.url}/app/installations`)
    return json(
      page.map((item) => installationView(state, item)),
      { headers }
    )
  })
)

const installationPage = "apps/apps#get-an-installation-for-the-authenticated-app"

export const installationById = Effect.gen(function* () {
  yield* requireApp
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
      yield* requireApp
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

const installationRepositories = endpoint(
  "GET",
  "/installation/repositories",
  Effect.gen(function* () {
    const { token } = yield* requireInstallation
    const state = yield* State
    const reached = [...state.repositories.values()].filter((repository) => reaches(token, repository))
    const { page, headers } = paginate(reached, yield* queryParameter, `${state.url}/installation/repositories`)
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
      const { limit, remaining, resetAt } = rateBucketOf(state, caller, resource, now)
      return { limit, used: limit - remaining, remaining, reset: resetAt, resource }
    }
    const core = view("core")
    return json({ resources: { core, graphql: view("graphql") }, rate: core })
  })
)

/** The routes of this file. */
export const layer = HttpRouter.addAll([
  getApp,
  getPublicApp,
  getRepositoryById,
  listInstallations,
  getInstallation,
  lookup("/repos/:owner/:repo/installation", ofRepository),
  lookup("/orgs/:org/installation", ofAccount("org", "Organization")),
  lookup("/users/:user/installation", ofAccount("user", "User")),
  installationRepositories,
  getRateLimit
])
