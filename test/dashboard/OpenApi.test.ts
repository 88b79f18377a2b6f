/** The description of the API: complete, consistent in itself, and true. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { OpenApi } from "effect/http-api"
import { Api } from "../../src/dashboard/Api.ts"
import { bearer, bodyOf, dashboard, endpoints, explainPath, letterPaths, redrivePath, replayPath } from "./support.ts"

const document = OpenApi.fromApi(Api)
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  (["get", "post", "put", "patch", "delete"] as const).flatMap((method) => {
    const operation = item[method]
    return operation === undefined ? [] : [{ path, method, operation }]
  })
)

/** An address as the document writes it. */
const described = (address: string): string | undefined =>
  Object.keys(document.paths).find((path) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(address))

const references = (value: unknown): ReadonlyArray<string> => {
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" && typeof inner === "string" ? [inner] : references(inner)
  )
}

describe("openapi.json", () => {
  it.effect("is served, behind the token", () =>
    Effect.gen(function* () {
      const { ask } = yield* dashboard()
      assert.strictEqual((yield* ask("/admin/api/openapi.json")).status, 401)
      const response = yield* ask("/admin/api/openapi.json", bearer())
      assert.match(response.headers.get("content-type") ?? "", /^application\/json/)
      assert.deepStrictEqual(yield* bodyOf(response), JSON.parse(JSON.stringify(document)))
    })
  )

  it("has every endpoint, and no other", () => {
    assert.match(document.openapi, /^3\.1\./)
    const served = [
      ...[...endpoints, ...letterPaths].map((path) => `get ${described(path.replace(/\?.*/, ""))}`),
      `post ${described(replayPath)}`,
      `post ${explainPath}`,
      `post ${redrivePath}`
    ]
    assert.sameMembers(
      operations.map(({ method, path }) => `${method} ${path}`),
      served
    )
  })

  it.each(operations)("$method $path says what it is for, what it takes and what it answers", ({ path, operation }) => {
    assert.isAbove(operation.summary?.length ?? 0, 10)
    const inPath = operation.parameters.filter((parameter) => parameter.in === "path")
    assert.sameMembers(
      inPath.map(({ name }) => `{${name}}`),
      path.match(/\{\w+\}/g) ?? []
    )
    assert.isTrue(inPath.every(({ required }) => required))
    assert.deepStrictEqual(operation.security, [{ bearer: [] }, { cookie: [] }])
    const common = ["400", "401", "403", "429", "503"]
    assert.includeMembers(Object.keys(operation.responses), [
      /\/(replay|redrive)$/.test(path) ? "202" : "200",
      ...common
    ])
    for (const response of Object.values(operation.responses)) assert.isDefined(response.content?.["application/json"])
  })

  it("has what evaluates live in a group of its own, which says so", () => {
    const commands = operations.filter(({ operation }) => operation.tags.includes("commands"))
    assert.sameMembers(
      commands.map(({ path }) => path),
      [explainPath, described(replayPath), redrivePath]
    )
    const group = document.tags.find(({ name }) => name === "commands")
    assert.match(group?.description ?? "", /^Commands, not readings: they evaluate live/)
    assert.isTrue(operations.every(({ method, operation }) => method === "get" || operation.tags.includes("commands")))
  })

  it("names each operation once and refers to nothing that is not there", () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    assert.strictEqual(new Set(ids).size, ids.length)
    const schemas = Object.keys(document.components.schemas)
    for (const reference of references(document)) {
      assert.include(schemas, reference.replace("#/components/schemas/", ""))
    }
    assert.sameMembers(Object.keys(document.components.securitySchemes), ["bearer", "cookie"])
  })
})
