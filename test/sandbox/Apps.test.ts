/**
 * The App's JWT, its installations, and the tokens that installations get.
 */
import { createSign, generateKeyPairSync } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { Clock, Effect } from "effect"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { appClient, bearer, installationClient, rawRequest, refusal, scenario, token } from "./support.ts"

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")

interface Claims {
  readonly iat?: unknown
  readonly exp?: unknown
  readonly iss?: unknown
}

/** A JWT with claims relative to now (seconds); what is given replaces what would be right. */
const jwt = (claims: Claims = {}, options: { readonly pem?: string; readonly alg?: string } = {}) =>
  Effect.gen(function* () {
    const { app } = yield* Sandbox.Sandbox
    const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
    const relative = Object.fromEntries(
      Object.entries({ iat: -30, exp: 540, ...claims }).map(([name, value]) => [
        name,
        typeof value === "number" && name !== "iss" ? now + value : value
      ])
    )
    const signed = `${encode({ alg: options.alg ?? "RS256", typ: "JWT" })}.${encode({ iss: app.id, ...relative })}`
    return `${signed}.${createSign("RSA-SHA256")
      .update(signed)
      .sign(options.pem ?? app.privateKeyPem, "base64url")}`
  })

const getApp = (authorization: string) => rawRequest("/app", { headers: { authorization, "user-agent": "test" } })

const strangerPem = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 1024,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" }
  }).privateKey

const undecodable = "A JSON web token could not be decoded"
const badIssuedAt = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
const badExpiration =
  "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"

layer(Sandbox.layer({ scenario }), { excludeTestServices: true })("the App", (it) => {
  it.effect("is known by its JWT, the issuer being its id as number or text, or its client id", () =>
    Effect.gen(function* () {
      for (const iss of [4711, "4711", "Iv23sandbox4711"]) {
        const answer = yield* getApp(`Bearer ${yield* jwt({ iss })}`)
        assert.deepInclude(answer.body, { id: 4711, slug: "dispatcher-app", installations_count: 4 })
      }
    })
  )

  it.effect.each([
    ["too far ahead", { exp: 660 }, 401, "'Expiration time' claim ('exp') is too far in the future"],
    ["expired", { exp: -1 }, 401, badExpiration],
    ["no expiration", { exp: undefined }, 401, badExpiration],
    ["issued in the future", { iat: 120 }, 401, badIssuedAt],
    ["issued at no time", { iat: "now" }, 401, badIssuedAt],
    ["another App", { iss: 1 }, 404, "Integration not found"]
  ] as const)("is refused: %s", ([, claims, status, message]) =>
    Effect.gen(function* () {
      const answer = yield* getApp(`Bearer ${yield* jwt(claims)}`)
      assert.deepStrictEqual([answer.status, answer.body.message], [status, message])
    })
  )

  it.effect("tolerates a clock that is a little ahead", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* getApp(`Bearer ${yield* jwt({ iat: 45 })}`)).status, 200)
    })
  )

  it.effect("is refused with another key, another algorithm, or no JWT", () =>
    Effect.gen(function* () {
      const attempts = [
        `Bearer ${yield* jwt({}, { pem: strangerPem() })}`,
        `Bearer ${yield* jwt({}, { alg: "none" })}`,
        "Bearer a.b.c",
        yield* bearer(101)
      ]
      for (const authorization of attempts) {
        const answer = yield* getApp(authorization)
        assert.deepStrictEqual([answer.status, answer.body.message], [401, undecodable])
      }
      const unknown = yield* getApp("Bearer ghs_unknown")
      assert.deepStrictEqual([unknown.status, unknown.body.message], [401, "Bad credentials"])
    })
  )

  it.effect("lists its installations", () =>
    Effect.gen(function* () {
      const client = yield* appClient
      const { data } = yield* Effect.promise(() => client.rest.apps.listInstallations())
      assert.deepStrictEqual(
        data.map(({ id, repository_selection, suspended_at }) => [id, repository_selection, suspended_at !== null]),
        [
          [101, "all", false],
          [102, "selected", false],
          [103, "all", true],
          [104, "all", false]
        ]
      )
    })
  )

  it.effect("finds the installation of a repository, an organisation and a user", () =>
    Effect.gen(function* () {
      const { rest } = yield* appClient
      const { apps } = rest
      const ids = yield* Effect.promise(async () => [
        (await apps.getRepoInstallation({ owner: "ACME", repo: "Source" })).data.id,
        (await apps.getRepoInstallation({ owner: "globex", repo: "open" })).data.id,
        (await apps.getOrgInstallation({ org: "globex" })).data.id,
        (await apps.getUserInstallation({ username: "hooli" })).data.id
      ])
      assert.deepStrictEqual(ids, [101, 102, 102, 104])
      const missing = [
        () => apps.getRepoInstallation({ owner: "globex", repo: "closed" }),
        () => apps.getRepoInstallation({ owner: "absent", repo: "home" }),
        () => apps.getRepoInstallation({ owner: "acme", repo: "absent" }),
        () => apps.getOrgInstallation({ org: "hooli" })
      ]
      for (const call of missing) assert.deepStrictEqual(yield* refusal(call), { status: 404, message: "Not Found" })
    })
  )
})

layer(Sandbox.layer({ scenario }), { excludeTestServices: true })("an installation token", (it) => {
  const create = (installationId: number, options: object = {}) =>
    Effect.flatMap(appClient, (client) =>
      Effect.promise(() =>
        client.rest.apps.createInstallationAccessToken({ installation_id: installationId, ...options })
      )
    )

  it.effect("is long, lives an hour and carries the installation's permissions", () =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const { status, data } = yield* create(101)
      assert.strictEqual(status, 201)
      assert.match(data.token, /^ghs_[\w-]{516}$/)
      assert.closeTo(Date.parse(data.expires_at), now + 3_600_000, 5000)
      assert.deepInclude(data.permissions, { actions: "write", issues: "write", metadata: "read" })
      assert.strictEqual(data.repository_selection, "all")
    })
  )

  it.effect("can be narrowed to repositories and permissions", () =>
    Effect.gen(function* () {
      const { data } = yield* create(101, { repositories: ["target"], permissions: { contents: "read" } })
      assert.strictEqual(data.repository_selection, "selected")
      assert.deepStrictEqual(
        data.repositories?.map(({ full_name }) => full_name),
        ["acme/target"]
      )
      const get = (path: string) =>
        rawRequest(path, { headers: { authorization: `token ${data.token}`, "user-agent": "test" } })
      assert.strictEqual((yield* get("/repos/acme/target")).status, 200)
      assert.strictEqual((yield* get("/repos/acme/source")).status, 404)
      assert.strictEqual((yield* get("/repos/acme/target/issues")).status, 403)
      const listed = yield* get("/installation/repositories")
      assert.strictEqual(listed.body.total_count, 1)
      const byId = yield* create(101, { repository_ids: [424242] })
      assert.strictEqual(byId.data.repositories?.length, 1)
    })
  )

  it.effect("is not given for what the installation does not have", () =>
    Effect.gen(function* () {
      const client = yield* appClient
      const narrowed = (options: object) =>
        refusal(() => client.rest.apps.createInstallationAccessToken({ installation_id: 102, ...options }))
      const unreachable =
        "There is at least one repository that does not exist or is not accessible to the parent installation."
      assert.deepStrictEqual(yield* narrowed({ repositories: ["closed"] }), { status: 422, message: unreachable })
      assert.deepStrictEqual(yield* narrowed({ repository_ids: [424242] }), { status: 422, message: unreachable })
      assert.deepStrictEqual(yield* narrowed({ permissions: { administration: "write" } }), {
        status: 422,
        message: "The permissions requested are not granted to this installation."
      })
      assert.deepStrictEqual(yield* narrowed({ installation_id: 103 }), {
        status: 403,
        message: "This installation has been suspended"
      })
      assert.deepStrictEqual(yield* narrowed({ installation_id: 999 }), { status: 404, message: "Not Found" })
    })
  )

  it.effect("reaches its own installation only", () =>
    Effect.gen(function* () {
      const client = yield* installationClient(102)
      const get = (owner: string, repo: string) => refusal(() => client.rest.repos.get({ owner, repo }))
      assert.strictEqual((yield* get("globex", "open")).status, 0)
      for (const [owner, repo] of [
        ["globex", "closed"],
        ["acme", "source"],
        ["globex", "absent"]
      ] as const) {
        assert.deepStrictEqual(yield* get(owner, repo), { status: 404, message: "Not Found" })
      }
    })
  )

  it.effect("ends when its installation is suspended or it is revoked", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const authorization = yield* bearer(102)
      const get = rawRequest("/repos/globex/open", { headers: { authorization, "user-agent": "test" } })
      yield* sandbox.suspend(102, true)
      assert.strictEqual((yield* get).status, 403)
      yield* sandbox.suspend(102, false)
      assert.strictEqual((yield* get).status, 200)
      yield* sandbox.revokeTokens
      const answer = yield* get
      assert.deepStrictEqual([answer.status, answer.body.message], [401, "Bad credentials"])
    })
  )

  it.effect("is refused while its organisation shuts the App out, in the shapes of REST and GraphQL", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const authorization = yield* bearer(102)
      const headers = { authorization, "user-agent": "test" }
      const query = '{ repository(owner: "globex", name: "open") { name } }'
      const get = rawRequest("/repos/globex/open", { headers })
      const ask = rawRequest("/graphql", { method: "POST", headers, body: JSON.stringify({ query }) })
      for (const [by, words] of [
        ["ip_allow_list", "the `globex` organization has an IP allow list enabled"],
        ["saml", "organization SAML enforcement"]
      ] as const) {
        yield* sandbox.shutOut(102, by)
        const [rest, graphql] = [yield* get, yield* ask]
        assert.deepStrictEqual([rest.status, graphql.status], [403, 200])
        assert.include(rest.body.message, words)
        assert.include(JSON.stringify(graphql.body), '"type":"FORBIDDEN"')
        assert.include(JSON.stringify(graphql.body), words)
      }
      yield* sandbox.shutOut(102, undefined)
      assert.strictEqual((yield* get).status, 200)
    })
  )

  it.effect("is distinguished from the App's JWT and from nothing", () =>
    Effect.gen(function* () {
      const get = (headers: Record<string, string>) =>
        rawRequest("/repos/acme/source", { headers: { "user-agent": "test", ...headers } })
      assert.strictEqual((yield* get({ authorization: `Bearer ${yield* jwt()}` })).status, 403)
      assert.strictEqual((yield* get({})).status, 401)
      assert.strictEqual((yield* get({ authorization: "Basic abc" })).status, 401)
    })
  )
})

layer(Sandbox.layer({ scenario: { ...scenario, tokenLifetimeSeconds: 0 } }), { excludeTestServices: true })(
  "an expired token",
  (it) => {
    it.effect("is refused", () =>
      Effect.gen(function* () {
        const authorization = `token ${yield* token(101)}`
        const answer = yield* rawRequest("/repos/acme/source", { headers: { authorization, "user-agent": "test" } })
        assert.deepStrictEqual([answer.status, answer.body.message], [401, "Bad credentials"])
      })
    )
  }
)
