/** The JSON Schema, by an independent validator: it takes the files that the service takes, and refuses those that it refuses. */
import { assert, describe, it } from "@effect/vitest"
import { Ajv2020 } from "ajv/dist/2020.js"
import { Result } from "effect"
import { parse } from "yaml"
import { parseConfig } from "../../src/domain/ConfigFile.ts"
import { configJsonSchema } from "../../src/domain/ConfigJsonSchema.ts"

const ajv = new Ajv2020({ strict: true, allErrors: true })
const validate = ajv.compile(configJsonSchema)

const source = "source: { workflow: ci.yml }"
const targets = "targets: [{ repository: deploy, workflow: cd.yml }]"
const outbound = (...lines: ReadonlyArray<string>) => `outbound:\n  - ${lines.join("\n    ")}`
const inbound = (...lines: ReadonlyArray<string>) => `inbound:\n  - ${lines.join("\n    ")}`
const from = "source: { repository: shop, workflow: ci.yml }"
const openTo = (about: string) => inbound(from, `targets: [{ workflow: cd.yml, ${about} }]`)
const starts = (about: string) => outbound(source, `targets: [{ repository: deploy, workflow: cd.yml, ${about} }]`)

const good = [
  "{}",
  "outbound:\ninbound:\n",
  "outbound: []",
  outbound(source, targets),
  outbound('source: { workflow: .github/workflows/CI.YAML@refs/heads/main, branches: [main, "release/**"] }', targets),
  outbound("source: { workflow: ci.yml, conclusions: [success, failure], events: [push] }", targets),
  starts("ref: '@default'"),
  starts("inputs: { sha: '{{ source.sha }}' }"),
  starts("inputs: null"),
  starts("inputs: { a: '{\"a\":{\"b\":1}}', b: '5 $', c: '{{source.sha}}-{{ source.run_id }}' }"),
  outbound("source: { workflow: 'deploy prod #1@x.yml' }", targets),
  openTo("accept_inputs: [sha]"),
  openTo("refs: [main, 'v*']"),
  outbound("source: { workflow: ci.yml, stale: skip }", targets),
  inbound("source: { repository: acme/shop, workflow: ci.yml, id: 300029405 }", "targets: [{ workflow: cd.yml }]"),
  inbound("source: { repository: acme/shop, workflow: ci.yml, id: '7' }", "targets: [{ workflow: cd.yml }]"),
  inbound("source: { repository: 'acme/service-*', workflow: ci.yml }", "targets: [{ workflow: cd.yml }]")
]

const bad = [
  "[]",
  "outbuond: []",
  "outbound: {}",
  outbound(source),
  outbound(source, "targets: []"),
  outbound("source: {}", targets),
  outbound("source: { workflow: ci }", targets),
  outbound("source: { workflow: ci.yml, branches: [] }", targets),
  outbound("source: { workflow: ci.yml, branches: main }", targets),
  outbound("source: { workflow: ci.yml, conclusions: [great] }", targets),
  outbound("source: { workflow: ci.yml, events: [Push] }", targets),
  outbound(source, targets, "extra: 1"),
  starts("repo: x"),
  starts("ref: 'release/*'"),
  starts(`ref: ${"a1".repeat(20)}`),
  starts("inputs: { sha: 1 }"),
  starts("inputs: { '1st': x }"),
  starts("inputs: { __proto__: x }"),
  starts(`inputs: { sha: '\${{ source.sha }}' }`),
  starts("inputs: { sha: '{{ source.shaa }}' }"),
  starts("inputs: { sha: '$source.sha' }"),
  starts("inputs: { sha: '“x”' }"),
  starts("inputs: { sha: '' }"),
  starts(`inputs: { ${Array.from({ length: 26 }, (_, index) => `i${index}: x`).join(", ")} }`),
  starts("ref: refs/pull/1/head"),
  outbound("source: { workflow: ci.yml, branches: ['!dependabot/**'] }", targets),
  outbound("source: { workflow: ci.yml, branches: [refs/heads/main] }", targets),
  outbound("source: { workflow: ci.yml, events: [pushed] }", targets),
  openTo("refs: ['release/']"),
  outbound(source, "targets: [{ repository: 'acme/*', workflow: cd.yml }]"),
  outbound("source: { workflow: ci.yml, stale: start }", targets),
  inbound("source: { repository: acme/shop, workflow: ci.yml, id: 0 }", "targets: [{ workflow: cd.yml }]"),
  inbound("source: { repository: acme/shop, workflow: ci.yml, id: 1.5 }", "targets: [{ workflow: cd.yml }]"),
  inbound("source: { repository: acme/shop, workflow: ci.yml, id: id7 }", "targets: [{ workflow: cd.yml }]"),
  inbound("source: { repository: '*/shop', workflow: ci.yml }", "targets: [{ workflow: cd.yml }]"),
  openTo("accept_inputs: [sha, 'a b']"),
  openTo("refs: []")
]

describe("the JSON Schema of dispatching.yml", () => {
  it("says what it is", () => {
    const { $schema, title } = configJsonSchema as { readonly $schema: string; readonly title?: unknown }
    assert.deepStrictEqual([$schema, title], ["https://json-schema.org/draft/2020-12/schema", "dispatching.yml"])
    assert.doesNotThrow(() => JSON.stringify(configJsonSchema))
  })

  it("its own examples are valid", () => {
    const { examples } = configJsonSchema as { readonly examples?: ReadonlyArray<unknown> }
    assert.isNotEmpty(examples ?? [])
    for (const example of examples ?? []) assert.isTrue(validate(example), JSON.stringify(validate.errors))
  })

  it.each(good)("takes, as the service does: %s", (text) => {
    assert.isTrue(Result.isSuccess(parseConfig(text)))
    assert.isTrue(validate(parse(text)), JSON.stringify(validate.errors))
  })

  it.each(bad)("refuses, as the service does: %s", (text) => {
    assert.isTrue(Result.isFailure(parseConfig(text)))
    assert.isFalse(validate(parse(text)))
  })
})
