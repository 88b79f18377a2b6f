/**
 * The GraphQL endpoint: the query that reads many repositories' configuration, and what it refuses.
 */
import { assert, describe, layer, it as plain } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { parse } from "../../src/sandbox/graphql/Parser.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { appClient, bearer, installationClient, rawRequest, scenario } from "./support.ts"

const ask = (query: unknown, variables?: object, installation = 101) =>
  Effect.gen(function* () {
    const authorization = yield* bearer(installation)
    const answer = yield* rawRequest("/graphql", {
      method: "POST",
      headers: { authorization, "user-agent": "test" },
      body: JSON.stringify({ query, variables })
    })
    return {
      ...answer,
      body: answer.body as { data?: Record<string, unknown>; errors?: Array<Record<string, unknown>> }
    }
  })

const configQuery = `
  query Configs($owner: String!, $first: String!) {
    a: repository(owner: $owner, name: $first) { ...Config }
    b: repository(owner: "acme", name: "absent") { ...Config }
    c: repository(owner: "globex", name: "open") { nameWithOwner }
    d: repository(owner: "ACME", name: "TARGET") { nameWithOwner databaseId isArchived defaultBranchRef { name } }
    rateLimit { cost remaining resetAt limit }
  }
  fragment Config on Repository {
    nameWithOwner
    isArchived # a comment
    defaultBranchRef { name }
    root: object(expression: "HEAD:dispatching.yml") { ... on Blob { text byteSize isTruncated isBinary } }
    nested: object(expression: "HEAD:.github/dispatching.yml") { ... on Blob { text } }
  }`

layer(Sandbox.layer({ scenario }), { excludeTestServices: true })("GraphQL", (it) => {
  it.effect("reads many repositories in one query; what is out of reach is null with an error at its path", () =>
    Effect.gen(function* () {
      const { status, body, headers } = yield* ask(configQuery, { owner: "acme", first: "source" })
      assert.strictEqual(status, 200)
      const { rateLimit, ...repositories } = body.data ?? {}
      assert.deepStrictEqual(repositories, {
        a: {
          nameWithOwner: "acme/source",
          isArchived: false,
          defaultBranchRef: { name: "main" },
          root: { text: "outbound: []\n", byteSize: 13, isTruncated: false, isBinary: false },
          nested: null
        },
        b: null,
        c: null,
        d: { nameWithOwner: "acme/target", databaseId: 424242, isArchived: false, defaultBranchRef: { name: "main" } }
      })
      assert.deepStrictEqual(
        body.errors?.map(({ type, path, message }) => [type, path, message]),
        [
          ["NOT_FOUND", ["b"], "Could not resolve to a Repository with the name 'acme/absent'."],
          ["NOT_FOUND", ["c"], "Could not resolve to a Repository with the name 'globex/open'."]
        ]
      )
      assert.deepInclude(rateLimit as object, {
        cost: 1,
        limit: 5000,
        remaining: Number(headers.get("x-ratelimit-remaining"))
      })
      assert.strictEqual(headers.get("x-ratelimit-resource"), "graphql")
    })
  )

  it.effect("answers Octokit's client", () =>
    Effect.gen(function* () {
      const client = yield* installationClient(101)
      const query = 'query ($n: String!) { repository(owner: "acme", name: $n) { databaseId } }'
      const answer = yield* Effect.promise(() => client.graphql(query, { n: "target" }))
      assert.deepStrictEqual(answer, { repository: { databaseId: 424242 } })
    })
  )

  it.effect("cuts large blobs off, hides binary ones, and distinguishes files from folders", () =>
    Effect.gen(function* () {
      const { body } = yield* ask(`{ repository(owner: "acme", name: "source") {
        big: object(expression: "HEAD:big.txt") { __typename ... on Blob { text byteSize isTruncated } }
        binary: object(expression: "main:picture.bin") { ... on Blob { text isBinary isTruncated } }
        folder: object(expression: "refs/heads/main:docs") { __typename ... on Blob { text } }
        commit: object(expression: "HEAD") { __typename }
        elsewhere: object(expression: "gone:docs/guide.md") { __typename }
      } }`)
      const found = body.data?.repository as Record<string, Record<string, unknown>>
      assert.deepInclude(found.big, { __typename: "Blob", byteSize: 600_000, isTruncated: true })
      assert.strictEqual(String(found.big?.text).length, 512_000)
      assert.deepStrictEqual(found.binary, { text: null, isBinary: true, isTruncated: false })
      assert.deepStrictEqual(found.folder, { __typename: "Tree" })
      assert.deepStrictEqual(found.commit, { __typename: "Commit" })
      assert.isNull(found.elsewhere)
    })
  )

  it.effect("knows a repository without a commit", () =>
    Effect.gen(function* () {
      const { body } = yield* ask(
        `{ repository(owner: "acme", name: "empty") { defaultBranchRef { name } object(expression: "HEAD:x") { oid } } }`
      )
      assert.deepStrictEqual(body.data, { repository: { defaultBranchRef: null, object: null } })
    })
  )

  it.effect("says FORBIDDEN where the token may not read contents", () =>
    Effect.gen(function* () {
      const client = yield* appClient
      const { data } = yield* Effect.promise(() =>
        client.rest.apps.createInstallationAccessToken({ installation_id: 101, permissions: { metadata: "read" } })
      )
      const query = `{ r: repository(owner: "acme", name: "source") { name o: object(expression: "HEAD:big.txt") { oid } } }`
      const { body } = yield* rawRequest("/graphql", {
        method: "POST",
        headers: { authorization: `token ${data.token}`, "user-agent": "test" },
        body: JSON.stringify({ query })
      })
      assert.deepStrictEqual(body.data, { r: { name: "source", o: null } })
      assert.deepInclude(body.errors, {
        type: "FORBIDDEN",
        path: ["r", "o"],
        locations: [{ line: 1, column: 55 }],
        message: "Resource not accessible by integration"
      })
    })
  )

  it.effect.each([
    [
      "unknown field",
      '{ repository(owner: "a", name: "b") { stars } }',
      "Field 'stars' doesn't exist on type 'Repository'"
    ],
    [
      "field of the wrong type",
      '{ repository(owner: "a", name: "b") { object(expression: "HEAD") { text } } }',
      "Field 'text' doesn't exist on type 'GitObject'"
    ],
    [
      "missing argument",
      '{ repository(owner: "a") { name } }',
      "Field 'repository' is missing required arguments: name"
    ],
    [
      "unknown argument",
      '{ repository(owner: "a", name: "b", x: 1) { name } }',
      "Field 'repository' doesn't accept argument 'x'"
    ],
    [
      "object without selections",
      "{ rateLimit }",
      "Field must have selections (field 'rateLimit' returns RateLimit but has no selections.)"
    ],
    ["selections on a scalar", "{ rateLimit { cost { x } } }", "Selections can't be made on scalars (field 'cost')"],
    ["undeclared variable", '{ repository(owner: $o, name: "b") { name } }', "Variable $o is used but not declared"],
    [
      "missing variable",
      'query ($o: String!) { repository(owner: $o, name: "b") { name } }',
      "Variable $o of type String! was provided invalid value"
    ],
    [
      "conflicting alias",
      '{ x: rateLimit { cost } x: repository(owner: "a", name: "b") { name } }',
      "Field 'x' has a field conflict: rateLimit or repository?"
    ],
    ["unknown fragment", "{ ...Nothing }", "Fragment Nothing was used, but not defined"],
    ["circular fragment", "{ ...F } fragment F on Query { ...F }", "Fragment F was used, but not defined"],
    ["unknown type", "{ ... on Starship { x } }", "No such type Starship, so it can't be a fragment condition"],
    ["mutation", "mutation { x }", 'Parse error on "mutation" (NAME) at [1, 1]'],
    ["directive", "{ rateLimit @skip(if: true) { cost } }", 'Parse error on "@" (PUNCTUATION) at [1, 13]'],
    ["open end", "{ rateLimit {", "Unexpected end of document"],
    ["nothing", "", "Unexpected end of document"],
    ["foreign character", "{\n  rate^Limit }", 'Parse error on "^" (error) at [2, 7]']
  ] as const)("refuses the whole query: %s", ([, query, message]) =>
    Effect.gen(function* () {
      const { status, body } = yield* ask(query)
      assert.strictEqual(status, 200)
      assert.isUndefined(body.data)
      assert.strictEqual(body.errors?.[0]?.message, message)
    })
  )

  it.effect("refuses requests that are no query, and those without a token", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* ask(5)).status, 400)
      const answer = yield* rawRequest("/graphql", { method: "POST", headers: { "user-agent": "test" }, body: "{}" })
      assert.strictEqual(answer.status, 401)
    })
  )
})

describe("the GraphQL parser", () => {
  const word = Schema.Literals([
    "{",
    "}",
    "(",
    ")",
    ":",
    "...",
    "$",
    "!",
    "=",
    '"',
    '"""',
    "on",
    "query",
    "fragment",
    "a",
    "1",
    "#",
    "\n"
  ])

  plain.effect.prop("never throws, whatever the text", [Schema.Array(Schema.Union([word, Schema.String]))], ([words]) =>
    Effect.sync(() => {
      parse(words.join(" "))
    })
  )

  plain("refuses what is nested without end", () => {
    assert.propertyVal(parse("{a".repeat(10_000)), "_tag", "GraphQlSyntaxError")
  })
})
